package iolib_test

import (
	"strings"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind/internal/lualib/iolib"
)

// ofSystem are the files of testdata about what isn't the same everywhere: TestWindows has that.
var ofSystem []string

// notEmpty is the number of the error of a directory that isn't.
const notEmpty = "41"

// tempName is how long a temporary name is where no variable names a directory.
const tempName = "11"

func TestWindows(t *testing.T) {
	t.Chdir(t.TempDir())
	h := &iolib.Host{Fs: afero.NewOsFs(), Environ: []string{"LUAIO_TEST=value", "TMP=" + t.TempDir()}, Shell: true, Text: true}
	t.Cleanup(func() { h.Close() })
	L := newState(t, h) // of all of them
	for _, c := range []struct{ source, want string }{
		// Commands are those of cmd.exe.
		{`return os.execute()`, "1"},
		{`return os.execute("exit 3")`, "3"},
		{`return os.execute("exit -1"), os.execute("exit -1073741510")`, "-1 -1073741510"}, // an int of C
		{`return io.popen("echo a&& echo b"):read("*a")`, "a\nb\n"},
		{`return io.popen("echo a", "rb"):read("*a"), io.popen("echo a", "rt"):read("*a")`, "a\r\n a\n"},
		{`return io.popen("echo a", "rw")`, "nil echo a: Invalid argument 22"},
		{`local p = io.popen("findstr a", "wb") p:write("a\r\n") return p:close()`, "true"},
		{`local p = io.popen("more", "w") p:write("a\n") return p:close()`, "true"},
		{`local p = io.popen("exit 5") return p:close()`, "true"},
		{`return os.getenv("LUAIO_TEST"), (io.popen("echo %LUAIO_TEST%"):read("*a"))`, "value value\n"},
		{`return os.getenv("LuaIo_Test"), os.getenv("LUAIO_TES"), os.getenv("LUAIO_TESTS")`, "value nil nil"},
		// What is open stays.
		{`f = io.open("f", "w") f:write("x") f:flush() return os.remove("f")`, "nil f: Permission denied 13"},
		{`return os.rename("f", "g")`, "nil f: Permission denied 13"},
		{`f:close() return os.rename("f", "g"), io.open("f")`, "true nil f: No such file or directory 2"},
		{`io.open("f", "w"):close() return os.rename("f", "g"), os.remove("g")`, "true true"},
		{`return io.open("g")`, "nil g: No such file or directory 2"},
		{`os.execute("mkdir d e") io.open("e/f", "w"):close() return os.rename("d", "D"), os.rename("e", "E"), os.remove("d"), os.remove("e/f")`,
			"true true true true"}, // another case of its own name
		{`return io.open("none/f")`, "nil none/f: No such file or directory 2"},
		{`return io.open("."):read()`, "nil Is a directory 21"},
		{`return io.open(".", "w")`, "nil .: Is a directory 21"},
		{`return io.open("a?b", "w")`, "nil a?b: Invalid argument 22"},
		{`return os.remove("none")`, "nil none: No such file or directory 2"},
		{`local name = os.tmpname() io.open(name, "w"):close() return os.remove(name)`, "true"},
		{`local f = io.tmpfile() f:write("x") f:seek("set") return f:read("*a"), f:close()`, "x true"},
	} {
		L.SetTop(0)
		if err := L.DoString(c.source); err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		var got []string
		for i := 1; i <= L.GetTop(); i++ {
			text := L.ToStringMeta(L.Get(i)).String()
			if strings.HasPrefix(text, "file (0x") {
				text = "file"
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.source, strings.Join(got, " "), c.want)
		}
	}
}
