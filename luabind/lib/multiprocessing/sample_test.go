package multiprocessing

import (
	"bytes"
	"flag"
	"os"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/proc"
)

var update = flag.Bool("update", false, "write sample.snapshot")

// What prestarted workers warmUp with is what a start would pack today, and it runs. If
// the format has changed: go test ./luabind/lib/multiprocessing -run TestSample -update
func TestSample(t *testing.T) {
	var out bytes.Buffer
	e, err := luabind.New(luabind.Config{Stdout: &out, Modules: []luabind.Module{Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run := func(s luabind.Source) lua.LValue {
		f, err := e.Load(s.Name, s.Text)
		if err != nil {
			t.Fatal(err)
		}
		results, err := inside.Do(t.Context(), e, f, 1)
		if err != nil {
			t.Fatal(err)
		}
		return results[0]
	}
	glua.SetNamed(inside.State(e).G.Global, "target", run(sampleSource))
	object := run(luabind.Source{Name: "=sample_test", Text: `return Process{target = target, args = {"", {1, 2, name = "x"}}}`})
	o := stateOf(object.(*lua.LTable))
	o.authkey, o.creator = "", 1
	s, err := o.pack()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("sample.snapshot", s.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !sameSnapshot(sample, s.Data) {
		t.Errorf("sample.snapshot is %q, want %q", sample, s.Data)
	}

	lib := o.lib
	if err := lib.unpackSelf(&proc.Self{Payload: sample}); err != nil {
		t.Fatal(err)
	}
	if code := lib.runSelf(); code != 0 || out.String() != "x\t2\n" {
		t.Errorf("the sample exits with %d, having printed %q", code, &out)
	}
}

// sameSnapshot compares all but the checksum and the origin of IDs, eight bytes that
// each engine makes by chance.
func sameSnapshot(a, b []byte) bool {
	const head = 8 // the magic number and the checksum
	if len(a) != len(b) || len(a) < head || !bytes.Equal(a[:head-4], b[:head-4]) {
		return false
	}
	first, last := -1, -1
	for i := head; i < len(a); i++ {
		if a[i] != b[i] {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return last-first < 8
}
