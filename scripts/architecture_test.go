package scripts

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goFiles returns the Go files of the program, by their slashed paths from its top level;
// no tests, and not those of this directory.
func goFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
		if d.IsDir() && (name == "scripts" || name != ".." && name[0] == '.' || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files[name], err = os.ReadFile(filepath.FromSlash("../" + name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func architecture(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// packages returns those that ARCHITECTURE.md lists, by their directories, and main.go, in its order.
func packages(t *testing.T) []string {
	t.Helper()
	_, list, _ := strings.Cut(architecture(t), "```text\n")
	list, _, _ = strings.Cut(list, "```")
	var names []string
	for line := range strings.Lines(list) {
		names = append(names, strings.Fields(line)[0])
	}
	return names
}

// ARCHITECTURE.md lists the packages that there are.
func TestArchitecturePackages(t *testing.T) {
	there := map[string]bool{}
	for name := range goFiles(t) {
		if dir := path.Dir(name); dir != "." {
			there[dir] = true
		}
	}
	listed := map[string]bool{}
	for _, name := range packages(t) {
		if name != "main.go" {
			listed[name] = true
		}
	}
	listedAs(t, "package", there, listed)
}

// It names the public packages, but for the modules in luabind/lib; there are ten.
func TestArchitecturePublic(t *testing.T) {
	there := map[string]bool{}
	for name, source := range goFiles(t) {
		dir := path.Dir(name)
		if !strings.HasPrefix(dir, "luabind/lib/") && !strings.Contains(dir+"/", "/internal/") && !regexp.MustCompile(`(?m)^package main$`).Match(source) {
			there[dir] = true
		}
	}
	if len(there) != 10 {
		t.Errorf("%d packages are public", len(there))
	}
	_, list, _ := strings.Cut(architecture(t), "\nThese ten are public, ")
	list, _, _ = strings.Cut(list, ". So are the modules")
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z/]+)`").FindAllStringSubmatch(list, -1) {
		listed[m[1]] = true
	}
	listedAs(t, "public package", there, listed)
}

// Each package imports only what stands below it in that list.
func TestArchitectureArrows(t *testing.T) {
	height := map[string]int{}
	for i, name := range packages(t) {
		height[name] = i
	}
	imported := regexp.MustCompile(`(?m)^(?:import)?\s+(?:\w+ )?"luaspawn/([a-z0-9/]+)"$`)
	for name, source := range goFiles(t) {
		from := path.Dir(name)
		if from == "." {
			from = name
		}
		for _, m := range imported.FindAllSubmatch(source, -1) {
			if to := string(m[1]); height[to] <= height[from] {
				t.Errorf("%s imports %s, which stands above it", name, to)
			}
		}
	}
}

// The files that it names are there; one without a directory is in that of the file
// before it.
func TestArchitectureFiles(t *testing.T) {
	_, text, _ := strings.Cut(architecture(t), "## Six ways")
	text, _, _ = strings.Cut(text, "## What the kernel")
	dir := ""
	for _, m := range regexp.MustCompile("`([a-z0-9_/]+\\.go)`").FindAllStringSubmatch(text, -1) {
		name := m[1]
		for _, short := range []string{"glua/", "vm/"} {
			if strings.HasPrefix(name, short) {
				name = "luabind/internal/" + name
			}
		}
		if strings.Contains(name, "/") {
			dir = path.Dir(name)
		} else {
			name = dir + "/" + name
		}
		if _, err := os.Stat(filepath.FromSlash("../" + name)); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
}

// It lists what is unsafe, and what is linked by name, by package.
func TestArchitectureUnsafe(t *testing.T) {
	unsafe, linkname := regexp.MustCompile(`\bunsafe\.[A-Z][A-Za-z]+`), regexp.MustCompile(`(?m)^//go:linkname `)
	kinds, links := map[string]map[string]bool{}, map[string]int{}
	for name, source := range goFiles(t) {
		dir := path.Dir(name)
		for line := range bytes.Lines(source) {
			code, _, _ := bytes.Cut(line, []byte("// "))
			for _, use := range unsafe.FindAll(code, -1) {
				if kinds[dir] == nil {
					kinds[dir] = map[string]bool{}
				}
				kinds[dir][strings.TrimPrefix(string(use), "unsafe.")] = true
			}
		}
		if n := len(linkname.FindAll(source, -1)); n > 0 {
			links[dir] += n
		}
	}
	there := map[string]bool{}
	for dir, set := range kinds {
		there[fmt.Sprintf("| `%s` | %s | %d |", dir, strings.Join(slices.Sorted(maps.Keys(set)), ", "), links[dir])] = true
		delete(links, dir)
	}
	if len(links) > 0 {
		t.Errorf("linkname without unsafe: %v", links)
	}
	_, table, _ := strings.Cut(architecture(t), "| package | unsafe | linkname |\n| --- | --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	listed := map[string]bool{}
	for line := range strings.SplitSeq(table, "\n") {
		listed[line] = true
	}
	listedAs(t, "unsafe code", there, listed)
}

// No file has more than 600 lines, but the loop.
func TestArchitectureLines(t *testing.T) {
	for name, source := range goFiles(t) {
		if n := bytes.Count(source, []byte("\n")); n > 600 && name != "luabind/internal/vm/run.go" {
			t.Errorf("%s has %d lines: what is the second idea in it?", name, n)
		}
	}
}

func listedAs(t *testing.T, what string, there, listed map[string]bool) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !listed[name] {
			t.Errorf("ARCHITECTURE.md lacks %s: %s", what, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if !there[name] {
			t.Errorf("ARCHITECTURE.md has what there isn't, %s: %s", what, name)
		}
	}
}
