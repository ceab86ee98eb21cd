package vm_test

import (
	"fmt"
	"strings"
)

func (p *program) statement() {
	p.budget -= 2
	if p.budget < 0 || p.depth > 5 {
		fmt.Fprintf(p, "P(%s, %s)", p.name("v"), p.name("n"))
		return
	}
	switch p.IntN(20) {
	case 0, 1:
		p.local()
	case 2, 3, 4, 5:
		p.assignment()
	case 6:
		p.ifStatement()
	case 7, 8, 9:
		p.loop()
	case 10:
		p.block("do", "end")
	case 11:
		fmt.Fprintf(p, "P(%s)", p.list(1))
	case 12, 13:
		p.functionStatement()
	case 14:
		p.protected()
	case 15, 16:
		p.coroutine()
	case 17:
		p.leave()
	case 18:
		fmt.Fprintf(p, "D(%s)", p.name("t"))
	default:
		fmt.Fprintf(p, "%s.%s = %s", p.name("t"), p.pick("f", "x"), "function"+p.body(""))
	}
}

// block writes statements between open and end.
func (p *program) block(open, end string, names ...string) {
	p.WriteString(open + "\n")
	p.scoped(func() {
		for _, n := range names {
			p.declare(n)
		}
		for range 1 + p.IntN(4) {
			p.line(p.statement)
		}
	})
	p.line(func() { p.WriteString(end) })
}

func (p *program) local() {
	n := 1 + p.IntN(3)
	var names, values []string
	for i := range n {
		kind := p.pick("n", "t", "f", "v", "v")
		if i > 0 && p.IntN(4) == 0 { // the rest from one call
			for range n - i {
				names = append(names, p.fresh("v"))
			}
			values = append(values, p.several())
			break
		}
		names = append(names, p.fresh(kind))
		values = append(values, p.expression(kind))
	}
	if p.IntN(6) == 0 {
		values = append(values, p.several())
	}
	fmt.Fprintf(p, "local %s = %s", strings.Join(names, ", "), strings.Join(values, ", "))
	for _, name := range names {
		p.declare(name)
	}
}

func (p *program) target() (text, kind string) {
	switch p.IntN(9) {
	case 0, 1, 2:
		return p.name("n"), "n"
	case 3, 4:
		return p.name("v"), "v"
	case 5:
		return p.name("t") + "." + p.pick("x", "y"), "v"
	case 6:
		return fmt.Sprintf("%s[%s]", p.name("t"), p.pick("N("+p.name("n")+")", p.key())), "v"
	case 7:
		return fmt.Sprintf("A(T(%s))[%s]", p.name("t"), "N((T("+p.name("n")+")))"), "v"
	}
	return p.name("t"), "t"
}

func (p *program) assignment() {
	n := 1 + p.IntN(3)
	var targets, values []string
	for i := range n {
		text, kind := p.target()
		if i > 0 && p.IntN(5) == 0 {
			for range n - i {
				targets = append(targets, p.pick(p.name("v"), p.name("t")+".x"))
			}
			values = append(values, p.several())
			break
		}
		targets, values = append(targets, text), append(values, p.expression(kind))
	}
	if p.IntN(6) == 0 {
		values = append(values, p.several())
	}
	fmt.Fprintf(p, "%s = %s", strings.Join(targets, ", "), strings.Join(values, ", "))
}

func (p *program) ifStatement() {
	p.block("if "+p.expression("b")+" then", "")
	for range p.IntN(2) {
		p.block("elseif "+p.expression("v")+" then", "")
	}
	if p.IntN(2) == 0 {
		p.block("else", "")
	}
	p.line(func() { p.WriteString("end") })
}

func (p *program) loop() {
	p.loops++
	defer func() { p.loops-- }()
	switch p.IntN(7) {
	case 0:
		n := p.fresh("n")
		p.block(fmt.Sprintf("for %s = %s, %s, %s do", n, p.expression("n")+" % 5", p.expression("n")+" % 7", p.pick("1", "2", "-1", "3", "0.5", "-0.25", "1e300", p.expression("n")+" % 3 + 1")), "end", n)
	case 1:
		n, v := p.fresh("n"), p.fresh("v")
		p.block(fmt.Sprintf("for %s, %s in range(%s %% 4) do", n, v, p.expression("n")), "end", n, v)
	case 2:
		v := p.fresh("v")
		p.block(fmt.Sprintf("for %s in %s do", v, p.pick("next, {1, 2}", "pairs({5})", "ipairs({7, 8, 9})", "T(range(3))", "range(2), "+p.expression("v")+", "+p.several())), "end", v)
	case 3:
		v := p.fresh("v")
		p.block(fmt.Sprintf("for n3, %s, v4 in ipairs({%s}) do", v, p.list(1)), "end", "n3", v, "v4")
	case 4:
		p.block(fmt.Sprintf("while %s do burn()", p.pick("true", p.expression("v"), p.expression("b"))), "  do break end\n end")
	case 5:
		i := p.fresh("n")
		fmt.Fprintf(p, "local %s = 0 ", i)
		p.declare(i)
		p.block(fmt.Sprintf("while %s < 3 and %s do burn() %s = %s + 1", i, p.pick("true", p.expression("b")), i, i), "end")
	default:
		p.WriteString("repeat burn()\n")
		p.scoped(func() {
			p.line(func() { fmt.Fprintf(p, "local n4 = %s", p.expression("n")) })
			p.declare("n4")
			for range 1 + p.IntN(3) {
				p.line(p.statement)
			}
			p.line(func() { fmt.Fprintf(p, "f1 = function() n4 = n4 + 1 return n4 end") })
		})
		p.line(func() { fmt.Fprintf(p, "until %s", p.pick("true", "n4 > 2 or N(F(f1)()) > 5")) })
	}
}

// leave ends a loop, a function or a block early.
func (p *program) leave() {
	condition := p.expression("b")
	how := p.pick(`error("!e")`, `error("!e", 0)`, `error(`+p.expression("t")+`)`, "P(nil + 1)", "return "+p.list(0))
	if p.loops > 0 && p.IntN(3) > 0 {
		how = "break"
	}
	if p.loops > 0 && p.IntN(3) == 0 { // leave a variable behind
		fmt.Fprintf(p, "if %s then local n3 = %s f1 = function() n3 = n3 + 1 return n3 end %s end", condition, p.expression("n"), how)
		return
	}
	fmt.Fprintf(p, "if %s then %s end", condition, how)
}

func (p *program) functionStatement() {
	switch p.IntN(4) {
	case 0:
		name := p.fresh("f")
		p.declare(name)
		fmt.Fprintf(p, "local function %s%s", name, p.body(""))
	case 1:
		name := p.fresh("f")
		body := p.body("")
		fmt.Fprintf(p, "local %s = function%s", name, body)
		p.declare(name)
	case 2:
		fmt.Fprintf(p, "function %s.f%s", p.name("t"), p.body(""))
	default:
		fmt.Fprintf(p, "%s = function%s", p.name("f"), p.body(""))
	}
}

func (p *program) protected() {
	switch p.IntN(4) {
	case 0:
		fmt.Fprintf(p, "P(xpcall(function%s, function(e) P('handler', e) %s return %s end))", p.body(""), p.pick("", "n1 = n1 + 1", "f1 = function() return n1 end"), p.expression("v"))
	case 1:
		fmt.Fprintf(p, "P(pcall(%s))", p.arguments(p.expression("f")))
	case 2:
		fmt.Fprintf(p, `P(pcall(string.gsub, "abc", ".", function(s) local f = function%s f(s) return s end))`, p.body(""))
	default:
		fmt.Fprintf(p, "%s, %s = pcall(function%s)", p.name("v"), p.name("v"), p.body(""))
	}
}

func (p *program) coroutine() {
	yields := p.pick("coroutine.yield", "coroutine.yield", "(function(...) burn() return coroutine.yield(...) end)")
	body := fmt.Sprintf(`function(...)
    burn()
    local v1, v2 = %s(%s)
    P("in", v1, v2, ...)
    %s
    for n1 = 1, 2 do burn() v2 = %s(n1, v1) %s end
    return %s end`, yields, p.list(0), p.coroutineStatement(), yields, p.pick("", "n2 = n1", "f1 = function() n1 = n1 + 1 return n1, v1 end"), p.pick(yields+"(v2)", p.list(0), "v1, "+yields+"()", "error('!c')", "error({})"))
	switch p.IntN(3) {
	case 0:
		fmt.Fprintf(p, "do local w = coroutine.wrap(%s) for i = 1, 5 do P(pcall(w, i, %s)) end end", body, p.expression("v"))
	case 1:
		fmt.Fprintf(p, "do local c = coroutine.create(%s) for i = 1, 5 do P(coroutine.status(c), coroutine.resume(c, i)) end P(coroutine.status(c)) end", body)
	default:
		fmt.Fprintf(p, "for v1, v2 in coroutine.wrap(%s) do burn() P(v1, v2) n1 = n1 + 1 if v1 == nil or n1 > 9 then break end end", body)
	}
}

func (p *program) coroutineStatement() string {
	outer := *p
	p.Builder = strings.Builder{}
	p.scopes = append(p.scopes, []string{"v1", "v2"})
	p.vararg, p.loops = true, 0
	p.statement()
	text, budget := p.String(), p.budget
	*p = outer
	p.budget = budget
	return text
}
