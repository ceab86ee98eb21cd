package syntax

import (
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// statement reads one, and says whether it must be the last of its block.
func (p *parser) statement() (s ast.Stmt, last bool) {
	line := p.line
	switch p.token.kind {
	case kwIf:
		return p.ifStatement(line), false
	case kwWhile:
		p.advance()
		condition := p.expression()
		p.expect(kwDo)
		body := p.loop()
		end := p.last
		p.match(kwEnd, kwWhile, line)
		return between(line, end, &ast.WhileStmt{Condition: condition, Stmts: body}), false
	case kwDo:
		p.advance()
		body := p.scope()
		p.match(kwEnd, kwDo, line)
		return between(line, p.last, &ast.DoBlockStmt{Stmts: body}), false
	case kwFor:
		return p.forStatement(line), false
	case kwRepeat:
		p.advance()
		p.open(true)
		body := p.block()
		p.match(kwUntil, kwRepeat, line)
		condition := p.expression() // sees the variables of the body
		p.close()
		return between(line, p.last, &ast.RepeatStmt{Condition: condition, Stmts: body}), false
	case kwFunction:
		return p.functionStatement(line), false
	case kwLocal:
		p.advance()
		if p.accept(kwFunction) {
			return p.localFunction(line), false
		}
		return p.localStatement(line), false
	case kwReturn:
		p.advance()
		var values []ast.Expr
		if !p.ends() && p.token.kind != ';' {
			values = p.expressions()
		}
		return at(line, &ast.ReturnStmt{Exprs: values}), true
	case kwBreak:
		p.advance()
		s := at(line, &ast.BreakStmt{})
		if !p.leaveLoop(s) {
			p.wrong("no loop to break")
		}
		return s, true
	case ':':
		if p.atLabel() {
			p.advance()
			p.advance()
			label := p.name()
			p.expect(':')
			p.expect(':')
			return at(line, &ast.LabelStmt{Name: label}), false
		}
	case name:
		if p.token.value == "goto" && p.look().kind == name {
			p.advance()
			return at(line, &ast.GotoStmt{Label: p.name()}), false
		}
	}
	return p.expressionStatement(line), false
}

// atLabel says whether the present token, a colon, begins a label. It reads no token: the line would
// be that of the next one then.
func (p *parser) atLabel() bool { return strings.HasPrefix(p.source[p.token.at:], "::") }

// loop reads the body of a loop, with the variables that names declares in it.
func (p *parser) loop(names ...string) []ast.Stmt {
	p.open(true)
	p.declare(names...)
	stmts := p.block()
	p.close()
	return stmts
}

func (p *parser) ifStatement(line int) ast.Stmt {
	clause := func() *ast.IfStmt {
		line := p.line
		p.advance() // if or elseif
		condition := p.expression()
		p.expect(kwThen)
		return at(line, &ast.IfStmt{Condition: condition, Then: p.scope()})
	}
	first := clause()
	current := first
	for p.token.kind == kwElseif {
		next := clause()
		current.Else = []ast.Stmt{next}
		current = next
	}
	if p.accept(kwElse) {
		current.Else = p.scope()
	}
	p.match(kwEnd, kwIf, line)
	first.SetLastLine(p.last)
	return first
}

func (p *parser) forStatement(line int) ast.Stmt {
	p.advance()
	first := p.name()
	switch p.token.kind {
	case '=':
		p.advance()
		s := &ast.NumberForStmt{Name: first}
		s.Init = p.expression()
		p.expect(',')
		s.Limit = p.expression()
		if p.accept(',') {
			s.Step = p.expression()
		}
		p.expect(kwDo)
		begins := p.last
		s.Stmts = p.loop("(for index)", "(for limit)", "(for step)", first)
		p.match(kwEnd, kwFor, line)
		return between(begins, p.last, s)
	case ',', kwIn:
		s := &ast.GenericForStmt{Names: []string{first}}
		for p.accept(',') {
			s.Names = append(s.Names, p.name())
		}
		p.expect(kwIn)
		list := p.line
		s.Exprs = p.expressions()
		p.expect(kwDo)
		s.Stmts = p.loop(append([]string{"(for generator)", "(for state)", "(for control)"}, s.Names...)...)
		p.match(kwEnd, kwFor, line)
		return between(list, p.last, s)
	}
	p.wrong("'=' or 'in' expected")
	return nil
}

func (p *parser) functionStatement(line int) ast.Stmt {
	p.advance()
	f := p.variable()
	named := &ast.FuncName{}
	for p.token.kind == '.' {
		p.advance()
		f = p.field(f)
	}
	if p.accept(':') {
		named.Receiver, named.Method = f, p.name()
	} else {
		named.Func = f
		p.assign(f)
	}
	body := p.body(line, named.Receiver != nil)
	return between(line, p.last, &ast.FuncDefStmt{Name: named, Func: body})
}

func (p *parser) localFunction(line int) ast.Stmt {
	f := p.name()
	p.declare(f)
	body := p.body(p.line, false)
	return between(line, p.last, &ast.LocalAssignStmt{Names: []string{f}, Exprs: []ast.Expr{body}})
}

func (p *parser) localStatement(line int) ast.Stmt {
	s := at(line, &ast.LocalAssignStmt{Exprs: []ast.Expr{}})
	for {
		s.Names = append(s.Names, p.name())
		p.bound(len(p.locals)+len(s.Names)-p.fn.first, maxLocals, "local variables", p.fn)
		if !p.accept(',') {
			break
		}
	}
	if p.accept('=') {
		p.watch(s.Names[0])
		s.Exprs = p.expressions()
		if p.met() && len(s.Names) == 1 && len(s.Exprs) == 1 {
			if _, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
				s.SetLastLine(-1)
			}
		}
	}
	p.declare(s.Names...)
	return s
}

func (p *parser) expressionStatement(line int) ast.Stmt {
	first, assignable := p.primary()
	if call, ok := first.(*ast.FuncCallExpr); ok && !call.AdjustRet {
		return at(call.Line(), &ast.FuncCallStmt{Expr: call})
	}
	s := at(line, &ast.AssignStmt{Lhs: []ast.Expr{first}})
	for {
		if !assignable {
			p.wrong("syntax error")
		}
		if !p.accept(',') {
			break
		}
		var target ast.Expr
		target, assignable = p.primary()
		s.Lhs = append(s.Lhs, target)
		p.bound(len(s.Lhs), maxLevels+1-p.levels, "variables in assignment", p.fn)
	}
	p.expect('=')
	s.Rhs = p.expressions()
	for _, target := range s.Lhs {
		p.assign(target)
		target.SetLine(p.last) // stored when all is known
	}
	return s
}
