package stub

import (
	"fmt"
	"strings"
	"testing"
)

const sample = `---@meta m
---what m is
---and more

---@class m
local m = {}

-- a comment
---@class m.Keys
---@field size? integer # how big
---@field names string[]

---an object
---@class m.Box: m.Base
---@field open boolean # whether it is open
---@field [integer] string
---@operator len: integer
---@overload fun(keys: m.Keys): m.Box
m.Box = {}

---@class m.Base
local Base = {}

---puts v in,
---somewhere
---@param v any # what
---@param at? integer
---@param after? fun(n: integer, s: string):boolean
---@return boolean
---@return string? # what is wrong
function m.Box:put(v, at, after) end

---@param ... string
function Base.all(...) end

---@param first integer
---@param v any
---@overload fun(v: table<string, any>, more?: integer): m.Box
function m.insert(first, v) end

---opens it
---@param keys m.Keys
function m.open(keys) end

m.sub = {}

---@param at? integer
function m.sub.f(at) end

m.Same = m.Box

---pi
---@type number
m.pi = 3.14

---@return integer
function os.getpid() end

return m
`

func TestParse(t *testing.T) {
	s, err := Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	fmt.Fprintf(&got, "%s: %q\n", s.Name, s.Text)
	for _, it := range s.Items {
		container, name := it.Container()
		fmt.Fprintf(&got, "%d %s|%s|%s|%q|%s\n", it.Kind, container, name, strings.Join(it.Usages, "; "), it.Text, it.Type+it.Super)
	}
	want := `m: "what m is\nand more"
1 |m|m|""|
1 |m.Keys|Keys|""|
2 m.Keys|size|Keys.size: integer|nil|"how big"|integer|nil
2 m.Keys|names|Keys.names: string[]|""|string[]
1 |m.Box|m.Box{size =, names =} -> Box|"an object"|m.Base
2 m.Box|open|Box.open: boolean|"whether it is open"|boolean
2 m.Box|integer|Box[integer]: string|""|string
1 |m.Base|Base|""|
0 m.Box|put|Box:put(v [, at [, after]]) -> boolean, string?|"puts v in,\nsomewhere"|
0 m.Base|all|Base.all(...)|""|
0 m|insert|m.insert(first, v); m.insert(v [, more]) -> Box|""|
0 m|open|m.open{size =, names =}|"opens it"|
2 m|sub|m.sub: table|""|table
0 m.sub|f|m.sub.f([at])|""|
2 m|Same|m.Same: Box|""|m.Box
2 m|pi|m.pi: number|"pi"|number
0 os|getpid|os.getpid() -> integer|""|
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	put := s.Items[8]
	if len(put.Params) != 3 || put.Params[0] != (Value{Name: "v", Type: "any", Text: "what"}) || put.Params[2].Type != "fun(n: integer, s: string):boolean" ||
		!put.Params[2].Optional || len(put.Returns) != 2 || put.Returns[1].Text != "what is wrong" {
		t.Errorf("parameters %+v, results %+v", put.Params, put.Returns)
	}
}

func TestMalformed(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "line 1: want ---@meta and a name"},
		{"---@meta\n", "line 1: want ---@meta and a name"},
		{"---@meta m\n\n---text\n\n", "line 4: a comment with nothing below it"},
		{"---@meta m\n\n---text\n", "line 4: a comment with nothing below it"},
		{"---@meta m\n\n---@param a integer\n---text\nfunction f(a) end\n", "line 4: the text comes before the annotations"},
		{"---@meta m\n\n---@param a integer\nfunction f(a, b) end\n", `line 4: the annotations of f don't fit: @param of ["a"]`},
		{"---@meta m\n\n---@param b integer\nfunction f(a) end\n", `line 4: the annotations of f don't fit: @param of ["b"]`},
		{"---@meta m\n\n---@param a integer how many\nfunction f(a) end\n", `line 3: malformed type "integer how many": a blank outside of brackets`},
		{"---@meta m\n\n---@return table<string\nfunction f() end\n", `line 3: malformed type "table<string"`},
		{"---@meta m\n\n---@return table<string)\nfunction f() end\n", `line 3: malformed type "table<string)"`},
		{"---@meta m\n\n---@return\nfunction f() end\n", `line 3: malformed annotation "---@return"`},
		{"---@meta m\n\n---@nothing x\nfunction f() end\n", "line 3: unknown annotation @nothing"},
		{"---@meta m\n\n---@param a\nfunction f(a) end\n", `line 3: malformed param "a"`},
		{"---@meta m\n\n---@overload fun(a)\nfunction f() end\n", `line 3: malformed parameter "a"`},
		{"---@meta m\n\n---@overload f(a)\nfunction f() end\n", `line 3: malformed overload "f(a)"`},
		{"---@meta m\n\n---@class a b\nlocal a = {}\n", `line 3: malformed class "a b"`},
		{"---@meta m\n\n---@class a\nb = {}\n", "line 4: class a stands before b"},
		{"---@meta m\n\n---@field a integer\nfunction f() end\n", "line 4: f is no class that could have fields"},
		{"---@meta m\n\nlocal a = {}\n", "line 3: local a is no class"},
		{"---@meta m\n\na = 1\n", "line 3: a has no @type"},
		{"---@meta m\n\nfunction f() end\nfunction f() end\n", "line 4: f is there twice"},
		{"---@meta m\n\nfunction f() return 1 end\n", `line 3: malformed statement "function f() return 1 end"`},
		{"---@meta m\n\n---@class m\nlocal m = {}\n\nreturn n\n", "line 6: want the return of the module"},
		{"---@meta m\n\n---@class m\nlocal m = {}\n\nreturn m\nfunction f() end\n", `line 7: "function f() end" after the return`},
	} {
		if _, err := Parse(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.text, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) <= 64<<10 { // as long as any stub
			Parse(text)
		}
	})
}
