package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var readmes = []string{"README.md", "README.zh-CN.md"}

// snippet is a ```lua or ```go block of a README and the ```text block after it, which is what it prints, to the
// letter. A first line such as "-- first.lua" names the file that the reader is to make of it.
type snippet struct {
	line       int // of the opening fence
	file       string
	code, want string
}

// program says whether it is a Go program.
func (s snippet) program() bool { return s.file == "main.go" }

var fileComment = regexp.MustCompile(`^-- (\w+\.lua)\n`)

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
			snippets = append(snippets, snippet{line: opening, file: "main.go", code: text.String()})
			waiting = true
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

// Every lua and go block of the READMEs is run and prints what stands below it.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	command := build(t)
	seen := map[string]bool{}
	for _, readme := range readmes {
		markdown, err := os.ReadFile(filepath.Join(root, readme))
		if err != nil {
			t.Fatal(err)
		}
		snippets, err := readSnippets(string(markdown))
		if err != nil {
			t.Fatalf("%s: %v", readme, err)
		}
		if len(snippets) == 0 {
			t.Errorf("%s has no lua block", readme)
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
			})
		}
	}
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
	for _, args := range [][]string{
		{"mod", "init", "example"},
		{"mod", "edit", "-require=luaspawn@v0.0.0", "-replace=luaspawn=" + module},
		{"build", "-mod=mod", "-o", "example", "."},
	} {
		c := exec.Command("go", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return run(filepath.Join(dir, "example"), dir)
}

// Both READMEs give the two commands that set everything up, show the same number of snippets with the same
// outputs, and name only files that exist.
func TestReadmesAgree(t *testing.T) {
	var outputs []string
	for i, readme := range readmes {
		file, err := os.ReadFile(filepath.Join(root, readme))
		if err != nil {
			t.Fatal(err)
		}
		markdown := string(file)
		for _, line := range []string{"go run . scripts/join_concurrent.lua", "go test ./..."} {
			if !strings.Contains(markdown, "\n"+line+"\n") {
				t.Errorf("%s lacks the line %q", readme, line)
			}
		}
		for _, name := range regexp.MustCompile(`scripts/\w+\.lua`).FindAllString(markdown, -1) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: %v", readme, err)
			}
		}
		snippets, err := readSnippets(markdown)
		if err != nil {
			t.Fatalf("%s: %v", readme, err)
		}
		var all []string
		for _, s := range snippets {
			all = append(all, s.want)
		}
		if i == 0 {
			outputs = all
		} else if got, want := strings.Join(all, "\n"), strings.Join(outputs, "\n"); got != want {
			t.Errorf("%s shows other outputs than %s:\n%s\nthere:\n%s", readme, readmes[0], got, want)
		}
	}
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
