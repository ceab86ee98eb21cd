package glua

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// A table that is turned has the same items and fields, in the same order but for items that
// come to stand among the others.
func TestTurn(t *testing.T) {
	table := NewTable(0, 0)
	in := InsideTable(table)
	for i := 1; i < 100; i++ {
		Set(table, lua.LNumber(i), lua.LNumber(i))
		Set(table, lua.LString(fmt.Sprint("k", i)), lua.LNumber(i))
		Set(table, lua.LNumber(i)/3, NewTable(1, 1))
	}
	Set(table, lua.LString("k5"), lua.LNil)
	list := func() (s string) {
		for k, v := range in.All() {
			s += fmt.Sprint(k.LValue(nil), "=", v.LValue(nil).Type(), " ")
		}
		return s
	}
	before := list()
	Turn(table)
	if after := list(); after != before {
		t.Errorf("turned: got %s, want %s", after, before)
	}
	if in.IsOwn() {
		t.Error("it is no foreign table")
	}
	table.ForEach(func(k, v lua.LValue) {
		if v, ok := v.(*lua.LTable); ok && InsideTable(v).IsOwn() {
			t.Errorf("%v leads to a table that is not foreign", k)
		}
	})
}

// To gopher-lua's own code a table of ours is none: an access by its methods panics, or
// ends the process.
func TestPoison(t *testing.T) {
	table := NewTable(0, 2)
	SetNamed(table, "x", lua.LTrue)
	before := new(Table) // no copy on the stack, where the collector takes its pointers for bad ones
	*before = *InsideTable(table)
	for name, use := range map[string]func(){
		"RawGetString": func() { table.RawGetString("x") },
		"RawSetString": func() { table.RawSetString("x", lua.LTrue) },
		"RawGetH":      func() { table.RawGetH(lua.LTrue) },
		"RawSetH":      func() { table.RawSetH(lua.LTrue, lua.LTrue) },
	} {
		was := noMap
		func() {
			defer func() {
				noMap = was // a write that has begun is noted there
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "nil pointer") {
					t.Errorf("%s: got %v", name, r)
				}
			}()
			use()
		}()
		if *InsideTable(table) != *before {
			t.Errorf("%s has changed it", name)
		}
	}
}

// TestPoisonedList is TestPoison for what looks at the array.
func TestPoisonedList(t *testing.T) {
	table := NewTable(2, 0)
	uses := map[string]func(){
		"RawGetInt": func() { t.Log(table.RawGetInt(1)) },
		"RawSetInt": func() { table.RawSetInt(1, lua.LTrue) },
		"RawSet":    func() { table.RawSet(lua.LNumber(1), lua.LTrue) },
		"Append":    func() { table.Append(lua.LTrue) },
		"Insert":    func() { table.Insert(1, lua.LTrue) },
		"Remove":    func() { table.Remove(1) },
		"Len":       func() { table.Len() },
		"MaxN":      func() { table.MaxN() },
		"Next":      func() { table.Next(lua.LNil) },
		"ForEach":   func() { table.ForEach(func(lua.LValue, lua.LValue) {}) },
	}
	if use := uses[os.Getenv("GLUA_TEST_USE")]; use != nil {
		use()
		os.Exit(0)
	}
	for name := range uses {
		c := exec.Command(os.Args[0], "-test.run=^TestPoisonedList$")
		c.Env = append(os.Environ(), "GLUA_TEST_USE="+name)
		out, err := c.CombinedOutput()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || !bytes.Contains(out, []byte("panic:")) && !bytes.Contains(out, []byte("fatal error:")) {
			t.Errorf("%s: got %v: %s", name, err, out)
		}
	}
}
