package luabind_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
)

// rootTree makes
//
//	outside/secret
//	outside/data-of-others/secret
//	outside/data/          the root
//	    file  sub/file  links of all kinds
func rootTree(t *testing.T) (root, outside string, links bool) {
	t.Helper()
	outside = t.TempDir()
	root = filepath.Join(outside, "data")
	for _, dir := range []string{"data/sub", "data-of-others"} {
		if err := os.MkdirAll(filepath.Join(outside, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"secret", "data-of-others/secret", "data/file", "data/sub/file"} {
		if err := os.WriteFile(filepath.Join(outside, file), []byte(file), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	links = true
	for name, target := range map[string]string{
		"up":           "..",
		"sub/up":       "../..",
		"secret":       "../secret",
		"new":          "../new", // doesn't exist there
		"absolute":     filepath.Join(outside, "secret"),
		"absolute-in":  filepath.Join(root, "file"),
		"chain":        "sub/up",
		"loop":         "loop",
		"in":           "sub/file",
		"sub/in":       "../file",
		"in-by-detour": "../data/file",
	} {
		link := filepath.Join(root, name)
		if err := os.Symlink(target, link); err != nil {
			links = false // Windows allows it to some users only
		} else if _, err := os.Lstat(link); err != nil {
			links = false // Wine 8 makes none and says that it did
		}
	}
	return root, outside, links
}

type way struct {
	name string
	want string // what is read; "": fs.ErrPermission
}

var ways = []way{
	{"file", "data/file"},
	{"/file", "data/file"},
	{"//file", "data/file"},
	{"./file", "data/file"},
	{"sub/../file", "data/file"},
	{"sub//../sub/./file", "data/sub/file"},
	{"../secret", ""},
	{"/../secret", ""},
	{"sub/../../secret", ""},
	{"./../secret", ""},
	{"../data-of-others/secret", ""},
	{"../data/file", ""},
	{"..", ""},
	{"/..", ""},
}

var linkedWays = []way{
	{"in", "data/sub/file"},
	{"sub/in", "data/file"},
	{"in-by-detour", ""},
	{"secret", ""},
	{"new", ""},
	{"absolute", ""},
	{"absolute-in", ""},
	{"up/secret", ""},
	{"up/data-of-others/secret", ""},
	{"sub/up/secret", ""},
	{"chain/secret", ""},
	{"up", ""},
}

func TestRootFs(t *testing.T) {
	root, outside, links := rootTree(t)
	fsys := openRootFs(t, root)
	all := ways
	if links {
		all = append(all, linkedWays...)
	}
	for _, w := range all {
		b, err := afero.ReadFile(fsys, w.name)
		if string(b) != w.want || (w.want == "") != errors.Is(err, fs.ErrPermission) {
			t.Errorf("read %s: got %q, %v", w.name, b, err)
		}
		if w.want != "" {
			continue
		}
		for op, err := range map[string]error{
			"write":    afero.WriteFile(fsys, w.name, []byte("changed"), 0o666),
			"create":   fails(fsys.Create(w.name)),
			"append":   fails(fsys.OpenFile(w.name, os.O_WRONLY|os.O_APPEND, 0)),
			"stat":     fails(fsys.Stat(w.name)),
			"chmod":    fsys.Chmod(w.name, 0o777),
			"mkdir":    fsys.Mkdir(w.name+"/made", 0o777),
			"mkdirall": fsys.MkdirAll(w.name+"/made/more", 0o777),
			"below":    fsys.Remove(w.name + "/../secret"),
		} {
			if err == nil {
				t.Errorf("%s %s succeeded", op, w.name)
			}
		}
	}
	unchanged(t, outside)
}

func TestRootFsRename(t *testing.T) {
	root, outside, links := rootTree(t)
	fsys := openRootFs(t, root)
	outsiders := []string{"../secret", "/../secret", "../data-of-others/secret", "../taken"}
	if links {
		outsiders = append(outsiders, "up/secret", "chain/secret", "sub/up/taken")
	}
	for _, name := range outsiders {
		if err := fsys.Rename(name, "taken"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("rename %s to taken: %v", name, err)
		}
		if err := fsys.Rename("file", name); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("rename file to %s: %v", name, err)
		}
		if err := fsys.Remove(name); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("remove %s: %v", name, err)
		}
		if err := fsys.RemoveAll(name); err == nil && !strings.HasSuffix(name, "taken") {
			t.Errorf("remove all of %s: %v", name, err)
		}
	}
	if links { // the links themselves are in the root
		if err := fsys.Rename("secret", "link"); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"link", "up", "absolute", "loop"} {
			if err := fsys.Remove(name); err != nil {
				t.Error(err)
			}
		}
		if err := fsys.RemoveAll("sub"); err != nil { // with sub/up
			t.Error(err)
		}
	}
	unchanged(t, outside)
}

// What RootFs is for: the file system of afero that looks the same isn't.
func TestBasePathFsLeaks(t *testing.T) {
	root, _, links := rootTree(t)
	fsys := afero.NewBasePathFs(afero.NewOsFs(), root)
	b, err := afero.ReadFile(fsys, "../data-of-others/secret")
	if string(b) != "data-of-others/secret" {
		t.Errorf("by ..: got %q, %v; does the document of RootFs still hold?", b, err)
	}
	if !links {
		return
	}
	b, err = afero.ReadFile(fsys, "up/secret")
	if string(b) != "secret" {
		t.Errorf("by a link: got %q, %v; does the document of RootFs still hold?", b, err)
	}
}

func TestRootFsWorks(t *testing.T) {
	dir := t.TempDir()
	fsys := openRootFs(t, dir)
	if err := fsys.MkdirAll("/a/b", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := afero.WriteFile(fsys, "/a/b/c", []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Rename("a/b/c", "/d"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "d")); string(b) != "text" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if info, err := fsys.Stat("/"); err != nil || !info.IsDir() {
		t.Errorf("got %v, %v", info, err)
	}
	if list, err := afero.ReadDir(fsys, "/"); err != nil || len(list) != 2 {
		t.Errorf("got %v, %v", list, err)
	}
	if _, err := fsys.Open("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := fsys.Remove("a"); err == nil || errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if err := fsys.RemoveAll("a"); err != nil {
		t.Error(err)
	}
	if err := fsys.(io.Closer).Close(); err != nil {
		t.Error(err)
	}
	if _, err := fsys.Open("d"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := luabind.RootFs(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func openRootFs(t *testing.T, dir string) afero.Fs {
	t.Helper()
	fsys, err := luabind.RootFs(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fsys.(io.Closer).Close() })
	return fsys
}

func fails(_ any, err error) error { return err }

// unchanged checks that nothing outside the root was touched.
func unchanged(t *testing.T, outside string) {
	t.Helper()
	for _, file := range []string{"secret", "data-of-others/secret"} {
		if b, err := os.ReadFile(filepath.Join(outside, file)); string(b) != file {
			t.Errorf("%s is now %q, %v", file, b, err)
		}
	}
	list, err := os.ReadDir(outside)
	if err != nil || len(list) != 3 {
		t.Errorf("got %v, %v", list, err)
	}
}
