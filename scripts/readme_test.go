package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var readmes = []string{"README.md", "README.zh-CN.md"}

// pages are the READMEs and what they lead to: each in English and in Chinese.
func pages(t *testing.T) [][2]string {
	t.Helper()
	all := [][2]string{{readmes[0], readmes[1]}}
	for _, pattern := range []string{"luabind/docs/*.zh-CN.md", "scripts/bench/*.zh-CN.md"} {
		list, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(list) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range list {
			name, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, [2]string{strings.TrimSuffix(name, ".zh-CN.md") + ".md", name})
		}
	}
	return all
}

// snippet is a ```lua or ```go block of a page and the ```text block after it, which is what it prints, to the
// letter. A first line such as "-- first.lua" or "// first_test.go" names the file that the reader is to make of it. A ```console
// block that begins with a command is what happens afterwards where that file is.
type snippet struct {
	line       int // of the opening fence
	file       string
	code, want string
	session    string
}

// program says whether it is a Go program.
func (s snippet) program() bool { return strings.HasSuffix(s.file, ".go") }

var fileComment = regexp.MustCompile(`^(?:--|//) (\w+\.(?:lua|go))\n`)

func readSnippets(markdown string) ([]snippet, error) {
	var snippets []snippet
	waiting := false // the last snippet has no output yet
	lines := strings.Split(markdown, "\n")
	for i := 0; i < len(lines); i++ {
		language, fence := strings.CutPrefix(lines[i], "```")
		if !fence {
			continue
		}
		opening := i + 1
		var text strings.Builder
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			text.WriteString(lines[i] + "\n")
		}
		if i == len(lines) {
			return nil, fmt.Errorf("line %d: a block without an end", opening)
		}
		if waiting && language != "text" {
			return nil, fmt.Errorf("line %d: want the output of the block above", opening)
		}
		switch language {
		case "lua":
			s := snippet{line: opening, file: "script.lua", code: text.String()}
			if m := fileComment.FindStringSubmatch(s.code); m != nil {
				s.file = m[1]
			}
			snippets = append(snippets, s)
			waiting = true
		case "go":
			s := snippet{line: opening, file: "main.go", code: text.String()}
			if m := fileComment.FindStringSubmatch(s.code); m != nil {
				s.file = m[1]
			}
			snippets = append(snippets, s)
			waiting = true
		case "console":
			if n := len(snippets); strings.HasPrefix(text.String(), "$ luaspawn ") && n > 0 {
				snippets[n-1].session = text.String()
			}
		case "text":
			if !waiting {
				return nil, fmt.Errorf("line %d: output without a block", opening)
			}
			snippets[len(snippets)-1].want = text.String()
			waiting = false
		}
	}
	if waiting {
		return nil, fmt.Errorf("line %d: no output after it", snippets[len(snippets)-1].line)
	}
	return snippets, nil
}

// comment is one to the end of its line.
var comment = regexp.MustCompile(`\s*(--|//).*`)

// Every lua and go block of the pages is run and prints what stands below it.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	command := build(t)
	seen := map[string]bool{}
	var list []string
	for _, pair := range pages(t) {
		list = append(list, pair[:]...)
	}
	for _, readme := range list {
		markdown, err := os.ReadFile(filepath.Join(root, readme))
		if err != nil {
			t.Fatal(err)
		}
		snippets, err := readSnippets(string(markdown))
		if err != nil {
			t.Fatalf("%s: %v", readme, err)
		}
		for _, s := range snippets {
			if bare := comment.ReplaceAllString(s.file+"\n"+s.code, ""); seen[bare] && os.Getenv("LUASPAWN_STRESS") == "" || testing.Short() && s.program() {
				continue // it differs from one that is run in nothing but its comments, or takes long
			} else {
				seen[bare] = true
			}
			t.Run(fmt.Sprintf("%s:%d", readme, s.line), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, s.file), []byte(s.code), 0o666); err != nil {
					t.Fatal(err)
				}
				got := runSnippet(t, command, dir, s)
				if got.err != nil || got.status != 0 || got.stderr != "" {
					t.Errorf("error %v, exit status %d, on standard error:\n%s", got.err, got.status, got.stderr)
				}
				if got.stdout != s.want {
					t.Errorf("got:\n%s\nwant:\n%s", got.stdout, s.want)
				}
				if got := runSession(t, command, dir, s.session); got != s.session {
					t.Errorf("got:\n%s\nwant:\n%s", got, s.session)
				}
			})
		}
	}
}

// runSession runs the commands of a session, and returns them with what they print.
func runSession(t *testing.T, command, dir, session string) string {
	t.Helper()
	got := ""
	for line := range strings.Lines(session) {
		if typed, ok := strings.CutPrefix(line, "$ "); ok {
			c := exec.Command("sh", "-c", typed)
			c.Dir = dir
			c.Env = append(os.Environ(), "PATH="+filepath.Dir(command)+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v", typed, err)
			}
			got += line + string(out)
		}
	}
	return got
}

// runSnippet runs s, which stands in dir.
func runSnippet(t *testing.T, command, dir string, s snippet) result {
	if s.file == "cluster.lua" {
		return runOverMachines(t, command, dir, s.file)
	}
	if !s.program() {
		return run(command, dir, s.file)
	}
	// A module of its own, as a user's is, that finds ours by a replace.
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o666); err != nil {
		t.Fatal(err)
	}
	build := []string{"build", "-mod=mod", "-o", "example", "."}
	if strings.HasSuffix(s.file, "_test.go") {
		build = []string{"test", "-mod=mod", "-c", "-o", "example", "."}
	}
	for _, args := range [][]string{
		{"mod", "init", "example"},
		{"mod", "edit", "-require=luaspawn@v0.0.0", "-replace=luaspawn=" + module},
		build,
	} {
		c := exec.Command("go", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return run(filepath.Join(dir, "example"), dir)
}

// Both READMEs give the two commands that set everything up, and list all scripts.
func TestReadmes(t *testing.T) {
	for _, readme := range readmes {
		markdown := readPage(t, readme)
		for _, line := range []string{"go install .", "go run . scripts/join_concurrent.lua", "go test ./..."} {
			if !strings.Contains(markdown, "\n"+line+"\n") {
				t.Errorf("%s lacks the line %q", readme, line)
			}
		}
		for _, pattern := range []string{"scripts/*.lua", "scripts/recipes/*.lua"} {
			scripts, err := filepath.Glob(filepath.Join(root, pattern))
			if err != nil || len(scripts) == 0 {
				t.Fatal(pattern, err)
			}
			for _, script := range scripts {
				name, err := filepath.Rel(root, script)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(markdown, "("+filepath.ToSlash(name)+") |") {
					t.Errorf("%s doesn't list %s", readme, name)
				}
			}
		}
	}
}

// Pages in both languages show the same number of snippets with the same outputs, and what they lead to exists.
func TestReadmesAgree(t *testing.T) {
	for _, pair := range pages(t) {
		var outputs [2]string
		for i, name := range pair {
			markdown := readPage(t, name)
			for _, m := range regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`).FindAllStringSubmatch(markdown, -1) {
				if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if m[1] == "" && !slices.Contains(anchors(markdown), m[2]) {
					t.Errorf("%s has no heading %s", name, m[2])
				}
			}
			snippets, err := readSnippets(markdown)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, s := range snippets {
				outputs[i] += s.want + s.session + "\n"
			}
		}
		if outputs[0] != outputs[1] {
			t.Errorf("%s shows other outputs than %s:\n%s\nthere:\n%s", pair[1], pair[0], outputs[1], outputs[0])
		}
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

// anchors returns what leads to the headings of a page.
func anchors(markdown string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(markdown, -1) {
		bare := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, "#"+strings.ReplaceAll(bare, " ", "-"))
	}
	return list
}

func TestReadSnippets(t *testing.T) {
	got, err := readSnippets("# a\n```sh\nls\n```\n```lua\n-- b.lua\nprint(1)\n```\nprints\n```text\n1\n```\n")
	want := snippet{line: 5, file: "b.lua", code: "-- b.lua\nprint(1)\n", want: "1\n"}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, markdown := range []string{
		"```lua\nprint(1)\n```\n",
		"```lua\nprint(1)\n```\n```lua\nprint(2)\n```\n```text\n2\n```\n",
		"```text\n1\n```\n",
		"```lua\nprint(1)\n",
	} {
		if got, err := readSnippets(markdown); err == nil {
			t.Errorf("%q: got %+v, want an error", markdown, got)
		}
	}
}
