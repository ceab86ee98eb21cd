package syntax

import "github.com/yuin/gopher-lua/ast"

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
		n := len(p.locals)
		p.fn.loops++
		body := p.block()
		p.fn.loops--
		p.match(kwUntil, kwRepeat, line)
		condition := p.expression() // sees the variables of the body
		p.locals = p.locals[:n]
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
		if p.fn.loops == 0 {
			p.wrong("no loop to break")
		}
		return at(line, &ast.BreakStmt{}), true
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

// atLabel says whether the present token, a colon, begins a label.
func (p *parser) atLabel() bool {
	next := p.look()
	return next.kind == ':' && next.at == p.token.at+1
}

// loop reads the body of a loop.
func (p *parser) loop() []ast.Stmt {
	p.fn.loops++
	stmts := p.scope()
	p.fn.loops--
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
	n := len(p.locals)
	defer func() { p.locals = p.locals[:n] }()
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
		p.declare("(for index)", "(for limit)", "(for step)", first)
		s.Stmts = p.loop()
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
		p.declare("(for generator)", "(for state)", "(for control)")
		p.declare(s.Names...)
		s.Stmts = p.loop()
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
	}
	body := p.body(line, named.Receiver != nil)
	return between(line, p.last, &ast.FuncDefStmt{Name: named, Func: body})
}

func (p *parser) localFunction(line int) ast.Stmt {
	f := p.name()
	p.declare(f)
	body := p.body(p.line, false)
	// Its last line tells it from "local f = function".
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
		s.Exprs = p.expressions()
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
	for _, target := range s.Lhs { // stored when all is known
		target.SetLine(p.last)
	}
	return s
}
