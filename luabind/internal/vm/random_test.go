package vm_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// prelude is what random programs are written with: T and P show the order of
// evaluation, burn ends programs that would run for too long.
const prelude = `local fuel = 90
local function burn() fuel = fuel - 1 if fuel < 0 then error("!fuel", 0) end end
local function show(v)
  local k = type(v)
  if v == 0 then return "0" end -- how -0 is printed is another matter
  if k == "number" or k == "boolean" or k == "nil" then return tostring(v) end
  if k == "string" then return #v < 300 and v or "(" .. #v .. " bytes)" end
  return k
end
local function P(...)
  burn()
  local s = {}
  for i = 1, select("#", ...) do s[i] = show((select(i, ...))) end
  print(table.concat(s, " "))
end
local function T(...) P("T", ...) return ... end
local function N(x) return type(x) == "number" and x % 1009 or 7 end
local function D(t) P(type(t) == "table" and rawget(t, "x"), type(t) == "table" and rawget(t, 1), type(t) == "table" and rawget(t, 2)) end
local function A(t) return type(t) == "table" and t or {x = 1, 2, 3} end
local function F(f) return type(f) == "function" and f or function(...) burn() return ... end end
local function range(n) local i = 0 return function() burn() i = i + 1 if i <= n then return i, i * 2, n end end end
`

// program writes random programs. Its variables are of the kind that their
// first letter says: n number, t table, f function, v anything.
type program struct {
	*rand.Rand
	strings.Builder
	scopes [][]string // of the current function, and those around it
	depth  int
	loops  int // around the statement, in its function
	vararg bool
	budget int
}

// randomProgram returns the program for seed.
func randomProgram(seed uint64) string {
	p := &program{Rand: rand.New(rand.NewPCG(seed, 51)), vararg: true}
	p.WriteString(prelude)
	p.scopes = [][]string{{"n1", "n2", "t1", "f1", "v1"}}
	p.WriteString("local n1, n2, t1, f1, v1 = 1, 2, {x = 5, 10, 20}, T, nil\n")
	for range 8 {
		p.budget = 70
		p.WriteString("fuel = 90 -- lua5.1 nests 200 calls of C\n")
		if p.IntN(3) == 0 {
			p.line(p.statement)
			continue
		}
		p.line(func() {
			p.block("P(pcall(function(...)", "end, 3, 4))")
		})
	}
	fmt.Fprintf(p, "P(n1, n2, v1) D(t1)\n")
	return p.String()
}

func (p *program) line(write func()) {
	p.WriteString(strings.Repeat("  ", p.depth))
	write()
	p.WriteString("\n")
}

func (p *program) pick(list ...string) string { return list[p.IntN(len(list))] }

// name returns a variable of kind that is in scope, or what can stand for one.
func (p *program) name(kind string) string {
	var found []string
	for _, scope := range p.scopes {
		for _, n := range scope {
			if strings.HasPrefix(n, kind) {
				found = append(found, n)
			}
		}
	}
	if kind == "n" || kind == "v" {
		found = append(found, kind+"g") // a global
	}
	if len(found) == 0 {
		return kind + "1"
	}
	if len(found) > 3 && p.IntN(2) == 0 {
		found = found[len(found)-3:]
	}
	return found[p.IntN(len(found))]
}

func (p *program) declare(name string) {
	last := len(p.scopes) - 1
	p.scopes[last] = append(p.scopes[last], name)
}

func (p *program) scoped(write func()) {
	p.scopes = append(p.scopes, nil)
	p.depth++
	write()
	p.depth--
	p.scopes = p.scopes[:len(p.scopes)-1]
}

func (p *program) fresh(kind string) string { return fmt.Sprintf("%s%d", kind, 1+p.IntN(4)) }

// expression of a kind.
func (p *program) expression(kind string) string {
	p.budget--
	if p.budget < 0 || p.depth > 7 {
		switch kind {
		case "n":
			return "N(" + p.name("n") + ")"
		case "t":
			return "A(" + p.name("t") + ")"
		case "f":
			return "F(" + p.name("f") + ")"
		}
		return p.name("v")
	}
	p.depth++
	defer func() { p.depth-- }()
	switch kind {
	case "n":
		return p.number()
	case "t":
		return p.table()
	case "f":
		return p.function()
	case "b":
		return p.condition()
	}
	return p.anything()
}

func (p *program) number() string {
	switch p.IntN(12) {
	case 0, 1:
		return fmt.Sprint(p.IntN(9))
	case 2, 3, 4:
		return "N(" + p.name("n") + ")"
	case 5:
		return fmt.Sprintf("(%s %s %s)", p.expression("n"), p.pick("+", "-"), p.expression("n"))
	case 6:
		return fmt.Sprintf("N(-%s)", p.expression("n")) // never -0
	case 7:
		return "N((T(" + p.expression("n") + ")))"
	case 8:
		return fmt.Sprintf("N(%s)", p.call())
	case 9:
		return fmt.Sprintf("N(%s[%s])", p.expression("t"), p.key())
	case 10:
		return fmt.Sprintf("#(%s .. %s)", p.expression("n"), p.pick(`"a"`, p.expression("n"), p.expression("n")+` .. "bc"`))
	}
	return fmt.Sprintf("N(%s)", p.logical())
}

func (p *program) key() string {
	return p.pick(`"x"`, "1", "2", p.expression("n"), `"y"`)
}

func (p *program) table() string {
	switch p.IntN(6) {
	case 0, 1, 2:
		return "A(" + p.name("t") + ")"
	case 3:
		return p.constructor()
	case 4:
		return p.meta()
	}
	return fmt.Sprintf("A(%s)", p.logical())
}

func (p *program) constructor() string {
	var items []string
	for range p.IntN(4) {
		items = append(items, p.expression("v"))
	}
	if p.IntN(6) == 0 { // as long as the compiler stores at a time
		items = nil
		for i := range 49 + p.IntN(3) {
			items = append(items, fmt.Sprint(i))
		}
	}
	for range p.IntN(3) {
		items = append(items, p.pick("x = ", "y = ", "[1] = ", "["+p.expression("n")+"] = ")+p.expression("v"))
	}
	if p.IntN(3) == 0 {
		items = append(items, p.several())
	}
	return "({" + strings.Join(items, p.pick(", ", "; ")) + "})"
}

func (p *program) meta() string {
	event := p.pick("__index", "__newindex", "__call", "__add", "__concat", "__eq", "__lt", "__le", "__unm")
	return fmt.Sprintf("setmetatable(%s, {%s = %s})", p.constructor(), event, "function"+p.body(""))
}

func (p *program) function() string {
	switch p.IntN(4) {
	case 0:
		return "F(" + p.name("f") + ")"
	case 1:
		return p.pick("T", "N", "range", "pcall", "F")
	}
	return "function" + p.body("")
}

// body writes the parameters and statements of a function.
func (p *program) body(self string) string {
	outer := *p
	p.Builder = strings.Builder{}
	p.loops, p.vararg = 0, p.IntN(3) == 0
	p.scopes = append(p.scopes, nil)
	var params []string
	for range p.IntN(3) {
		n := p.pick("n", "v", "t") + fmt.Sprint(1+p.IntN(3))
		params = append(params, n)
		p.declare(n)
	}
	if self != "" {
		p.declare("v0")
	}
	if p.vararg {
		params = append(params, "...")
	}
	fmt.Fprintf(p, "(%s)\n", strings.Join(params, ", "))
	p.scoped(func() {
		p.line(func() { p.WriteString("burn()") })
		for range 1 + p.IntN(4) {
			p.line(p.statement)
		}
		p.line(func() { p.WriteString("return " + p.list(0)) })
	})
	p.WriteString(strings.Repeat("  ", p.depth) + "end")
	text := p.String()
	budget := p.budget
	*p = outer
	p.budget = budget
	return text
}

// call of a function that burns.
func (p *program) call() string {
	switch p.IntN(6) {
	case 0:
		return fmt.Sprintf("pcall(%s)", p.arguments(p.expression("f")))
	case 1:
		return fmt.Sprintf("%s:m(%s)", p.object(), p.list(0))
	case 2:
		return fmt.Sprintf("F(%s or T)(%s)", p.logicalOf("f"), p.list(0))
	case 3:
		return fmt.Sprintf("select(2, pcall(%s))", p.arguments(p.expression("f")))
	}
	return fmt.Sprintf("F(%s)(%s)", p.name("f"), p.list(0))
}

func (p *program) object() string {
	return fmt.Sprintf("({m = %s, x = %s})", "function"+p.body(""), p.expression("v"))
}

func (p *program) arguments(first string) string {
	if rest := p.list(0); rest != "" {
		return first + ", " + rest
	}
	return first
}

// several is an expression with any number of values.
func (p *program) several() string {
	if p.vararg && p.IntN(2) == 0 {
		return "..."
	}
	return p.pick(p.call(), "T("+p.list(0)+")")
}

// list of at least min expressions.
func (p *program) list(min int) string {
	var items []string
	for range min + p.IntN(3) {
		items = append(items, p.expression("v"))
	}
	if p.IntN(3) == 0 {
		items = append(items, p.several())
	}
	return strings.Join(items, ", ")
}

func (p *program) anything() string {
	switch p.IntN(14) {
	case 11:
		return p.risky()
	case 12, 13:
		return p.library()
	case 0:
		return p.pick("nil", "true", "false", `"s"`, `""`, "0")
	case 1, 2:
		return p.name("v")
	case 3:
		return p.expression("n")
	case 4:
		return p.expression("t")
	case 5:
		return p.expression("f")
	case 6:
		return "(" + p.several() + ")"
	case 7:
		return fmt.Sprintf("%s.%s", p.expression("t"), p.pick("x", "y"))
	case 8:
		return p.condition()
	}
	return p.logical()
}

// risky is what mostly raises an error that names a variable.
func (p *program) risky() string {
	v, n, t := p.name("v"), p.name("n"), p.name("t")
	switch p.IntN(8) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", n, p.pick("+", "-", "*", "/", "%", "^"), v)
	case 1:
		return fmt.Sprintf("(%s %s %s)", v, p.pick("<", "<=", ">", ">="), n)
	case 2:
		return fmt.Sprintf("(%s .. %s .. %s)", v, n, p.pick("'s'", v, t))
	case 3:
		return p.pick("-", "#") + v
	case 4:
		return p.pick(v, t, n) + p.pick(".x", ".x.y", "[1][2]", "[n1].x", ".x[v1]")
	case 5:
		return p.pick(v, t+".x", t+".f", t+"[1]", n) + "(" + p.list(0) + ")"
	case 6:
		return p.pick(v, t, t+".x") + ":m(" + p.list(0) + ")"
	}
	return fmt.Sprintf("(%s == %s)", v, t)
}

// library is a call of what Lua brings along.
func (p *program) library() string {
	n := "N(" + p.name("n") + ")"
	switch p.IntN(12) {
	case 0:
		return fmt.Sprintf(`("ab,c"):rep(%s %% 4)`, n)
	case 1:
		return fmt.Sprintf(`("some text"):sub(%s %% 12 - 6, %s %% 12 - 3)`, n, n)
	case 2:
		return fmt.Sprintf(`(("k1=v2, k3=v4"):gsub(%s, %s))`, p.pick(`"%w+"`, `"(%w)(%d)"`, `"[=,]"`, `"k%d-="`, `"%f[%d]%d"`), p.pick(`"<%1>"`, `"%0%0"`, `{k1 = 5, ["="] = ":"}`, "string.upper", "function(...) burn() return (select('#', ...)) end"))
	case 3:
		return fmt.Sprintf(`("x y  z"):find(%s, %s %% 5)`, p.pick(`" +"`, `"y"`, `"(%s)(%a)"`, `"^x"`, `"q"`, `"()z"`), n)
	case 4:
		return fmt.Sprintf(`string.format("%%5.1f|%%-4d|%%s|%%q|%%x", %s / 3, %s, tostring(%s == 1), "a\n", %s)`, n, n, n, n)
	case 5:
		return fmt.Sprintf("select('#', %s)", p.list(1))
	case 6:
		return fmt.Sprintf("select(%s %% 3 + 1, %s)", n, p.list(1))
	case 7:
		return fmt.Sprintf("unpack(%s, %s %% 3, %s %% 5)", p.table(), n, n)
	case 8:
		return fmt.Sprintf("tonumber(%s, %s)", p.pick(`"12"`, `"ff"`, `"0x1F"`, `" 7 "`, `"1e1"`, `"z"`), p.pick("10", "16", "36"))
	case 9:
		return fmt.Sprintf("type(%s)", p.expression("v"))
	case 10:
		return fmt.Sprintf("rawequal(%s, %s)", p.expression("v"), p.expression("v"))
	}
	return fmt.Sprintf("table.concat({%s, %s, 'x'}, %s)", n, n, p.pick("','", "' '"))
}

func (p *program) logical() string { return "(" + p.logicalOf("v") + ")" }

func (p *program) logicalOf(kind string) string {
	left, right := p.expression(p.pick(kind, "v", "b")), p.expression(kind)
	if p.IntN(3) == 0 {
		left = "(" + p.expression("v") + p.pick(" and ", " or ") + left + ")"
	}
	if p.IntN(4) == 0 {
		right = "(" + right + p.pick(" and ", " or ") + p.expression(kind) + ")"
	}
	return left + p.pick(" and ", " or ") + right
}

func (p *program) condition() string {
	switch p.IntN(6) {
	case 0:
		return fmt.Sprintf("not %s", p.expression("v"))
	case 1:
		return fmt.Sprintf("(%s %s %s)", p.expression("v"), p.pick("==", "~="), p.expression("v"))
	case 2:
		return "not (" + p.logicalOf("b") + ")"
	case 3:
		return "(" + p.logicalOf("b") + ")"
	}
	return fmt.Sprintf("(%s %s %s)", p.expression("n"), p.pick("<", ">", "<=", ">=", "==", "~="), p.expression("n"))
}
