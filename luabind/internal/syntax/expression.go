package syntax

import "github.com/yuin/gopher-lua/ast"

func (p *parser) expressions() []ast.Expr {
	list := []ast.Expr{p.expression()}
	for p.accept(',') {
		list = append(list, p.expression())
	}
	return list
}

func (p *parser) expression() ast.Expr { return p.operation(0) }

// priority returns how strongly an operator binds what is on its left and on
// its right; 0, 0: it is none.
func priority(k kind) (left, right int) {
	switch k {
	case '+', '-':
		return 6, 6
	case '*', '/', '%':
		return 7, 7
	case '^':
		return 10, 9
	case concat:
		return 5, 4
	case equal, unequal, '<', '>', lessEqual, greaterEqual:
		return 3, 3
	case kwAnd:
		return 2, 2
	case kwOr:
		return 1, 1
	}
	return 0, 0
}

const unary = 8 // how strongly an operator of one operand binds it

// operation reads an expression whose operators bind more strongly than limit.
// Its instruction has the line of its last token.
func (p *parser) operation(limit int) ast.Expr {
	p.enter()
	var e ast.Expr
	switch p.token.kind {
	case kwNot:
		p.advance()
		x := p.operation(unary)
		e = at(p.last, &ast.UnaryNotOpExpr{Expr: x})
	case '-':
		p.advance()
		x := p.operation(unary)
		e = at(p.last, &ast.UnaryMinusOpExpr{Expr: x})
	case '#':
		p.advance()
		x := p.operation(unary)
		e = at(p.last, &ast.UnaryLenOpExpr{Expr: x})
	default:
		e = p.simple()
	}
	for {
		op := p.token.kind
		left, right := priority(op)
		if left <= limit {
			break
		}
		p.advance()
		e = binary(op, e, p.operation(right))
		e.SetLine(p.last)
	}
	p.leave()
	return e
}

func binary(op kind, left, right ast.Expr) ast.Expr {
	switch op {
	case kwAnd, kwOr:
		return &ast.LogicalOpExpr{Operator: op.String(), Lhs: left, Rhs: right}
	case concat:
		return &ast.StringConcatOpExpr{Lhs: left, Rhs: right}
	case equal, unequal, '<', '>', lessEqual, greaterEqual:
		return &ast.RelationalOpExpr{Operator: op.String(), Lhs: left, Rhs: right}
	}
	return &ast.ArithmeticOpExpr{Operator: op.String(), Lhs: left, Rhs: right}
}

func (p *parser) simple() ast.Expr {
	line := p.line
	var e ast.Expr
	switch p.token.kind {
	case number:
		e = &ast.NumberExpr{Value: p.token.value}
	case text:
		e = &ast.StringExpr{Value: p.token.value}
	case kwNil:
		e = &ast.NilExpr{}
	case kwTrue:
		e = &ast.TrueExpr{}
	case kwFalse:
		e = &ast.FalseExpr{}
	case dots:
		if !p.fn.vararg {
			p.wrong("cannot use '...' outside a vararg function")
		}
		e = &ast.Comma3Expr{}
		if p.fn.empty {
			e = &ast.FuncCallExpr{Func: at(line, &ast.FunctionExpr{ParList: &ast.ParList{}})}
		}
	case '{':
		return p.constructor()
	case kwFunction:
		p.advance()
		return p.body(line, false)
	default:
		e, _ = p.primary()
		return e
	}
	e.SetLine(line)
	p.advance()
	return e
}

// primary reads a name or an expression in parentheses, with the fields and
// calls that follow it, and says whether it can be assigned to.
func (p *parser) primary() (e ast.Expr, assignable bool) {
	line := p.line
	switch p.token.kind {
	case name:
		e, assignable = p.variable(), true
	case '(':
		p.advance()
		e = p.expression()
		p.match(')', '(', line)
		Single(e)
	default:
		p.wrong("unexpected symbol")
	}
	for {
		switch p.token.kind {
		case '.':
			p.advance()
			e, assignable = p.field(e), true
		case '[':
			p.advance()
			key := p.expression()
			p.expect(']')
			e, assignable = at(p.last, &ast.AttrGetExpr{Object: e, Key: key}), true
		case ':':
			if p.atLabel() {
				return e, assignable
			}
			p.advance()
			method := p.name()
			line, args := p.arguments()
			e, assignable = at(line, &ast.FuncCallExpr{Receiver: e, Method: method, Args: args}), false
		case '(', text, '{':
			line, args := p.arguments()
			e, assignable = at(line, &ast.FuncCallExpr{Func: e, Args: args}), false
		default:
			return e, assignable
		}
	}
}

// variable reads the name of one.
func (p *parser) variable() ast.Expr {
	line := p.line
	v := at(line, &ast.IdentExpr{Value: p.name()})
	v.SetLastLine(-p.use(v.Value))
	return v
}

// field reads the name of a field of e.
func (p *parser) field(e ast.Expr) ast.Expr {
	line := p.line
	key := at(line, &ast.StringExpr{Value: p.name()})
	return at(line, &ast.AttrGetExpr{Object: e, Key: key})
}

// Single makes e stand for one value, as parentheses do.
func Single(e ast.Expr) {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
}

// arguments reads those of a call, and returns the line that the call is at.
func (p *parser) arguments() (line int, args []ast.Expr) {
	line = p.line
	switch p.token.kind {
	case '(':
		if line != p.last {
			p.wrong("ambiguous syntax (function call x new statement)")
		}
		p.advance()
		args = []ast.Expr{}
		if p.token.kind != ')' {
			args = p.expressions()
		}
		p.match(')', '(', line)
	case '{':
		args = []ast.Expr{p.constructor()}
	case text:
		args = []ast.Expr{at(line, &ast.StringExpr{Value: p.token.value})}
		p.advance()
	default:
		p.wrong("function arguments expected")
	}
	return line, args
}

func (p *parser) constructor() ast.Expr {
	line := p.line
	p.expect('{')
	t := at(line, &ast.TableExpr{Fields: []*ast.Field{}})
	for p.token.kind != '}' {
		t.Fields = append(t.Fields, p.item())
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	t.SetLastLine(p.line)
	p.match('}', '{', line)
	return t
}

func (p *parser) item() *ast.Field {
	line := p.line
	var key ast.Expr
	switch {
	case p.token.kind == name && p.look().kind == '=':
		key = at(line, &ast.StringExpr{Value: p.name()})
	case p.token.kind == '[':
		p.advance()
		key = p.expression()
		p.expect(']')
	default:
		return &ast.Field{Value: p.expression()}
	}
	p.expect('=')
	return &ast.Field{Key: key, Value: p.expression()}
}

// body reads the parameters and statements of a function.
func (p *parser) body(line int, method bool) *ast.FunctionExpr {
	p.openFunction(&function{outer: p.fn, line: line})
	p.expect('(')
	if method {
		p.declare("self")
	}
	params := p.parameters()
	p.expect(')')
	stmts := p.block()
	last := p.line
	p.match(kwEnd, kwFunction, line)
	p.closeFunction()
	return between(line, last, &ast.FunctionExpr{ParList: params, Stmts: stmts})
}

func (p *parser) parameters() *ast.ParList {
	params := &ast.ParList{Names: []string{}}
	if p.token.kind == ')' {
		return params
	}
	for {
		switch p.token.kind {
		case name:
			params.Names = append(params.Names, p.name())
			p.declare(params.Names[len(params.Names)-1])
		case dots:
			p.advance()
			params.HasVargs, p.fn.vararg = true, true
			p.declare("arg")
		default:
			p.wrong("<name> or '...' expected")
		}
		if params.HasVargs || !p.accept(',') {
			return params
		}
	}
}
