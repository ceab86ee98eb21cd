package luabind_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"luaspawn/luabind"
)

func TestSession(t *testing.T) {
	for _, test := range []struct {
		name   string
		pieces []string
		out    string
	}{
		{"a local lives on", []string{"local x = 5", "print(x)", "x = x + 1", "print(x, _G.x)"}, "5\n6\tnil\n"},
		{"a function shares it", []string{"local n = 0", "local function inc() n = n + 1 return n end", "inc() n = n + 10", "print(inc(), n)"}, "12\t12\n"},
		{"two functions of two pieces share it", []string{"local n = 1", "function get() return n end", "function set(v) n = v end", "set(7) print(get(), n)"}, "7\t7\n"},
		{"a second one is another", []string{"local x = 1", "function old() return x end", "local x = 2", "print(old(), x)"}, "1\t2\n"},
		{"twice in one piece", []string{"local x, x = 1, 2 local y = x local x = 3", "print(x, y)"}, "3\t2\n"},
		{"in a block it doesn't", []string{"do local x = 1 end", "print(x)"}, "nil\n"},
		{"those before an error do", []string{"local x = 1 error('no') local y = 2", "print(x, y)"}, "1\tnil\n"},
		{"before a return", []string{"local x = 1 return x", "print(x)"}, "1\n"},
		{"recursion", []string{"local function f(n) return n < 2 and 1 or n * f(n - 1) end", "print(f(5))"}, "120\n"},
		{"arg is the global", []string{"arg = 3", "print(arg)"}, "3\n"},
		{"no arguments", []string{"print(...)", "local a, b = ... print(a, b)", "print((...), select('#', ...), #{...}, 1, ...)",
			"if true then print(#{..., n = 1}, {...} == ..., ... or 'none') end", "print((function(...) return ... end)(1, 2, ...))",
			"for i = 1, 2 do print(i, ...) end", "local x = ... and 1 print(x)", "print(pcall(function(...) return ... .. 'x' end, 1))"},
			"\nnil\tnil\nnil\t0\t0\t1\n0\tfalse\tnone\n1\t2\n1\n2\nnil\ntrue\t1x\n"},
		{"the name of a library", []string{"local string = 'mine'", "print(string, ('x'):upper(), _G.string.upper('y'))"}, "mine\tX\tY\n"},
		{"goto over it", []string{"goto done do local x = 1 end ::done:: print('there')"}, "there\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			e, err := luabind.New(luabind.Config{Stdout: &out})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			s := e.Host().NewSession()
			for _, source := range test.pieces {
				f, err := s.Load("stdin", source)
				if err != nil {
					t.Fatal(err)
				}
				if _, err = e.Do(context.Background(), f, 0); err != nil && !strings.Contains(source, "error") {
					t.Fatal(err)
				}
			}
			if out.String() != test.out {
				t.Errorf("got %q, want %q", out.String(), test.out)
			}
		})
	}
}

// A thousand variables are more than a function may have; a piece sees those
// that it names.
func TestSessionHoldsMany(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := e.Host().NewSession()
	for i := range 1000 {
		f, err := s.Load("stdin", fmt.Sprintf("local v%d = %d", i, i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Do(context.Background(), f, 0); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Locals()); n != 1000 {
		t.Errorf("got %d locals, want 1000", n)
	}
	if v, ok := s.Local("v999"); !ok || v.String() != "999" {
		t.Errorf("got %v, want 999", v)
	}
}

// Variables of a session travel as upvalues, shared where they were shared.
func TestSessionTravels(t *testing.T) {
	var out bytes.Buffer
	from, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := luabind.New(luabind.Config{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	s := from.Host().NewSession()
	var root luabind.Root
	for _, source := range []string{
		"local n, unused = 40, io.stdout",
		"local function inc() n = n + 1 end",
		"local function f() inc() inc() print(n) end",
		"return f",
	} {
		f, err := s.Load("stdin", source)
		if err != nil {
			t.Fatal(err)
		}
		values, err := from.Do(context.Background(), f, 1)
		if err != nil {
			t.Fatal(err)
		}
		root = luabind.Root{Name: "f", Value: values[0]}
	}
	snapshot, err := from.Host().Pack("there", root)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	roots, err := to.Host().Unpack(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Do(context.Background(), roots[0], 0); err != nil {
		t.Fatal(err)
	}
	if out.String() != "42\n" {
		t.Errorf("got %q, want 42", out.String())
	}
}
