package vm

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

// run runs instructions until the call base has ended, or until there is a hook:
// then it returns false.
//
// The top of the registry is above all registers of a call that are in use, so
// that what a metamethod needs can be put there. Only before an instruction that
// takes all values below the top (see takesAll) it stands right behind these.
func run(L *lua.LState, s *glua.State, base *glua.Frame) (ended bool) {
	alarm, numbers, frames := &s.G.Alarm, s.Reg.Numbers, s.Frames()
	methods := frames.Methods()
frame:
	for {
		f := s.Frame()
		p := f.Fn.Proto
		code, k, pc := p.Code, p.Constants, f.Pc
		if !takesAll(code[pc]) {
			s.Reg.Top = max(f.LocalBase+int(p.NumUsedRegisters), s.Reg.Top)
		}
		r := s.Reg.Values()[f.LocalBase:]
		for {
			inst := code[pc]
			pc++
			a := int(inst >> glua.AShift & 0xff)
			switch glua.Opcode(inst) {
			case lua.OP_MOVE:
				r[a] = r[glua.B(inst)]
				continue
			case lua.OP_MOVEN:
				r[a] = r[glua.B(inst)]
				for range glua.C(inst) {
					inst = code[pc]
					pc++
					r[glua.A(inst)] = r[glua.B(inst)]
				}
				continue
			case lua.OP_LOADK:
				r[a] = k[glua.Bx(inst)]
				continue
			case lua.OP_LOADBOOL:
				r[a] = lua.LBool(glua.B(inst) != 0)
				if glua.C(inst) != 0 {
					pc++
				}
				continue
			case lua.OP_LOADNIL:
				for i := a; i <= glua.B(inst); i++ {
					r[i] = lua.LNil
				}
				continue
			case lua.OP_GETUPVAL:
				r[a] = glua.InsideUpvalue(f.Fn.Upvalues[glua.B(inst)]).Get()
				continue
			case lua.OP_SETUPVAL:
				glua.InsideUpvalue(f.Fn.Upvalues[glua.B(inst)]).Set(r[a])
				continue
			case lua.OP_GETGLOBAL:
				if key, ok := k[glua.Bx(inst)].(lua.LString); ok {
					if v, ok := glua.Field(f.Fn.Env, string(key)); ok {
						r[a] = v
						continue
					}
				}
			case lua.OP_SETGLOBAL:
				key := k[glua.Bx(inst)]
				if name, ok := key.(lua.LString); ok && glua.SetField(f.Fn.Env, string(name), key, r[a]) {
					continue
				}
			case lua.OP_GETTABLE:
				if t, ok := r[glua.B(inst)].(*lua.LTable); ok {
					switch key := rk(r, k, glua.C(inst)).(type) {
					case lua.LNumber:
						array := glua.InsideTable(t).List()
						if i := int(key) - 1; uint(i) < uint(len(array)) && lua.LNumber(i+1) == key {
							if v := array[i]; !isNil(v) || isNil(t.Metatable) {
								r[a] = v
								continue
							}
						}
					case lua.LString:
						if v, ok := glua.Field(t, string(key)); ok {
							r[a] = v
							continue
						}
					}
				}
			case lua.OP_GETTABLEKS:
				if t, ok := r[glua.B(inst)].(*lua.LTable); ok {
					if key, ok := rk(r, k, glua.C(inst)).(lua.LString); ok {
						if v, ok := glua.Field(t, string(key)); ok {
							r[a] = v
							continue
						}
					}
				}
			case lua.OP_SELF:
				switch object := r[glua.B(inst)].(type) {
				case *lua.LTable:
					if key, ok := rk(r, k, glua.C(inst)).(lua.LString); ok {
						if v, ok := glua.Field(object, string(key)); ok {
							r[a], r[a+1] = v, object
							continue
						}
					}
				case *lua.LUserData:
					v := methods.Cached(&code[pc], object)
					if v == nil {
						v = methods.Find(&code[pc], object, k, glua.C(inst))
					}
					if v != nil {
						r[a], r[a+1] = v, object
						continue
					}
				}
			case lua.OP_SETTABLE:
				if t, ok := r[a].(*lua.LTable); ok {
					switch key := rk(r, k, glua.B(inst)).(type) {
					case lua.LNumber:
						array := glua.InsideTable(t).List()
						if i := int(key) - 1; uint(i) < uint(len(array)) && lua.LNumber(i+1) == key {
							if isNil(t.Metatable) || !isNil(array[i]) {
								array[i] = rk(r, k, glua.C(inst))
								continue
							}
						} else if i == len(array) && i > 0 && i < cap(array) && lua.LNumber(i+1) == key && isNil(t.Metatable) {
							if v := rk(r, k, glua.C(inst)); !isNil(v) {
								glua.InsideTable(t).Append(v)
							}
							continue
						}
					case lua.LString:
						if glua.SetField(t, string(key), key, rk(r, k, glua.C(inst))) {
							continue
						}
					}
				}
			case lua.OP_SETTABLEKS:
				if t, ok := r[a].(*lua.LTable); ok {
					key := rk(r, k, glua.B(inst))
					if name, ok := key.(lua.LString); ok && glua.SetField(t, string(name), key, rk(r, k, glua.C(inst))) {
						continue
					}
				}
			case lua.OP_NEWTABLE:
				r[a] = glua.NewTable(glua.B(inst), glua.C(inst))
				continue
			case lua.OP_ADD:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						r[a] = numbers.Value(x + y)
						continue
					}
				}
			case lua.OP_SUB:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						r[a] = numbers.Value(x - y)
						continue
					}
				}
			case lua.OP_MUL:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						r[a] = numbers.Value(x * y)
						continue
					}
				}
			case lua.OP_DIV:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						r[a] = numbers.Value(x / y)
						continue
					}
				}
			case lua.OP_MOD:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						r[a] = numbers.Value(numeral.Modulo(x, y))
						continue
					}
				}
			case lua.OP_UNM:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					r[a] = numbers.Value(-x)
					continue
				}
			case lua.OP_NOT:
				r[a] = lua.LBool(!truth(r[glua.B(inst)]))
				continue
			case lua.OP_LEN:
				switch v := rk(r, k, glua.B(inst)).(type) {
				case *lua.LTable:
					r[a] = numbers.Value(lua.LNumber(Len(v)))
					continue
				case lua.LString:
					r[a] = numbers.Value(lua.LNumber(len(v)))
					continue
				}
			case lua.OP_CONCAT:
				f.Pc = pc
				concat(L, inst, base)
				r = s.Reg.Values()[f.LocalBase:]
				continue
			case lua.OP_JMP:
				to := glua.SBx(inst)
				pc += to
				if to >= 0 || atomic.LoadInt32(alarm) == 0 {
					continue
				}
				f.Pc = pc
				if alarmed(L) {
					return false
				}
				continue
			case lua.OP_EQ:
				x, y := rk(r, k, glua.B(inst)), rk(r, k, glua.C(inst))
				holds := false
				switch x := x.(type) {
				case lua.LNumber:
					y, ok := y.(lua.LNumber)
					holds = ok && x == y
				case lua.LString:
					y, ok := y.(lua.LString)
					holds = ok && x == y
				case *lua.LNilType:
					holds = isNil(y)
				default:
					f.Pc = pc
					holds = equals(L, x, y)
					r = s.Reg.Values()[f.LocalBase:]
				}
				if holds == (a == 0) {
					pc++
				}
				continue
			case lua.OP_LT:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						if x < y == (a == 0) {
							pc++
						}
						continue
					}
				}
			case lua.OP_LE:
				if x, ok := rk(r, k, glua.B(inst)).(lua.LNumber); ok {
					if y, ok := rk(r, k, glua.C(inst)).(lua.LNumber); ok {
						if x <= y == (a == 0) {
							pc++
						}
						continue
					}
				}
			case lua.OP_TEST:
				if truth(r[a]) == (glua.C(inst) == 0) {
					pc++
				}
				continue
			case lua.OP_TESTSET:
				if v := r[glua.B(inst)]; truth(v) != (glua.C(inst) == 0) {
					r[a] = v
				} else {
					pc++
				}
				continue
			case lua.OP_CALL:
				fn, ok := r[a].(*lua.LFunction)
				if !ok || frames.IsFull() {
					break
				}
				f.Pc = pc
				if atomic.LoadInt32(alarm) != 0 && alarmed(L) {
					f.Pc = pc - 1
					return false
				}
				at := f.LocalBase + a
				nargs, nret := glua.B(inst)-1, glua.C(inst)-1
				if nargs < 0 {
					nargs = s.Reg.Top - at - 1
				}
				if !fn.IsG {
					s.Call(fn, at, nargs, nret)
					continue frame
				}
				if s.CallGo(L, frames, fn, at, nargs, nret) {
					return true
				}
				if hooked(alarm) {
					returned(L, fn)
					return false
				}
				if !takesAll(code[pc]) {
					s.Reg.Top = max(f.LocalBase+int(p.NumUsedRegisters), s.Reg.Top)
				}
				r = s.Reg.Values()[f.LocalBase:]
				continue
			case lua.OP_TAILCALL:
				fn, ok := r[a].(*lua.LFunction)
				if !ok || fn.IsG {
					break
				}
				f.Pc = pc
				if atomic.LoadInt32(alarm) != 0 && alarmed(L) {
					f.Pc = pc - 1
					return false
				}
				if s.Open != nil {
					glua.CloseUpvalues(L, f.LocalBase)
				}
				at := f.LocalBase + a
				nargs := glua.B(inst) - 1
				if nargs < 0 {
					nargs = s.Reg.Top - at - 1
				}
				s.Reg.TailCall(f, fn, at, nargs)
				continue frame
			case lua.OP_RETURN:
				if L.Parent != nil && frames.Sp() == 1 {
					break
				}
				if s.Open != nil {
					glua.CloseUpvalues(L, f.LocalBase)
				}
				at := f.LocalBase + a
				n := glua.B(inst) - 1
				if n < 0 {
					n = s.Reg.Top - at
				}
				frames.Pop()
				s.Reg.Return(f, at, n)
				s.SetFrame(f.Parent)
				if f == base || s.Frame() == nil || s.Frame().Fn.IsG {
					return true
				}
				continue frame
			case lua.OP_FORLOOP:
				i, ok1 := r[a].(lua.LNumber)
				limit, ok2 := r[a+1].(lua.LNumber)
				step, ok3 := r[a+2].(lua.LNumber)
				if !ok1 || !ok2 || !ok3 {
					break
				}
				i += step
				if step > 0 && i <= limit || step <= 0 && i >= limit {
					v := numbers.Value(i)
					r[a], r[a+3] = v, v
					pc += glua.SBx(inst)
					if atomic.LoadInt32(alarm) != 0 {
						f.Pc = pc
						if alarmed(L) {
							return false
						}
					}
				}
				continue
			case lua.OP_FORPREP:
				s.Reg.Need(f.LocalBase + a + 4)
				s.Reg.Top = max(s.Reg.Top, f.LocalBase+a+4)
				f.Pc = pc
				prepareFor(L, inst, base)
				r, pc = s.Reg.Values()[f.LocalBase:], f.Pc
				continue
			case lua.OP_TFORLOOP:
				f.Pc = pc
				if atomic.LoadInt32(alarm) != 0 && alarmed(L) {
					f.Pc = pc - 1
					return false
				}
				at := f.LocalBase + a + 3
				names := glua.C(inst)
				s.Reg.Need(at + max(3, names))
				s.Reg.Top = max(s.Reg.Top, at+max(3, names))
				r = s.Reg.Values()[f.LocalBase:]
				if fn, ok := r[a].(*lua.LFunction); ok && fn.IsG && !frames.IsFull() {
					copy(r[a+3:a+6], r[a:a+3])
					top := s.Reg.Top
					if s.CallGo(L, frames, fn, at, 2, names) {
						return true
					}
					s.Reg.Top = max(top, s.Reg.Top)
					r = s.Reg.Values()[f.LocalBase:]
					if v := r[a+3]; !isNil(v) {
						r[a+2] = v
						pc += glua.SBx(code[pc])
					}
					pc++
					continue
				}
			case lua.OP_VARARG:
				top := s.Reg.Top
				s.Reg.Vararg(f, f.LocalBase+a, glua.B(inst)-1)
				if !takesAll(code[pc]) {
					s.Reg.Top = max(top, s.Reg.Top)
				}
				r = s.Reg.Values()[f.LocalBase:]
				continue
			case lua.OP_CLOSURE:
				proto := p.FunctionPrototypes[glua.Bx(inst)]
				fn := glua.NewClosure(proto, f.Fn.Env)
				for i := range fn.Upvalues {
					inst := code[pc]
					pc++
					if glua.Opcode(inst) == lua.OP_MOVE {
						fn.Upvalues[i] = glua.FindUpvalue(L, f.LocalBase+glua.B(inst))
					} else {
						fn.Upvalues[i] = f.Fn.Upvalues[glua.B(inst)]
					}
				}
				s.Reg.Set(f.LocalBase+a, fn)
				r = s.Reg.Values()[f.LocalBase:]
				continue
			case lua.OP_CLOSE:
				if s.Open != nil {
					glua.CloseUpvalues(L, f.LocalBase+a)
				}
				continue
			case lua.OP_NOP:
				continue
			}
			f.Pc = pc
			if ops[inst>>glua.OpcodeShift](L, inst, base) == 1 {
				return true
			}
			if hooked(alarm) {
				return false
			}
			if op := glua.Opcode(inst); op == lua.OP_CALL || op == lua.OP_TAILCALL {
				continue frame
			}
			s.Reg.Top = max(s.Reg.Top, f.LocalBase+int(p.NumUsedRegisters))
			r, pc = s.Reg.Values()[f.LocalBase:], f.Pc
		}
	}
}

// takesAll says whether inst takes all values below the top: those that the
// instruction before it has left there.
func takesAll(inst uint32) bool {
	switch glua.Opcode(inst) {
	case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_RETURN, lua.OP_SETLIST:
		return glua.B(inst) == 0
	}
	return false
}

// rk returns what an operand, B or C, names: a register or a constant.
func rk(r, k []lua.LValue, operand int) lua.LValue {
	if n, ok := glua.Constant(operand); ok {
		return k[n]
	}
	return r[operand]
}

func isNil(v lua.LValue) bool {
	_, ok := v.(*lua.LNilType)
	return ok
}

// truth says whether v is neither nil nor false.
func truth(v lua.LValue) bool {
	if b, ok := v.(lua.LBool); ok {
		return bool(b)
	}
	return !isNil(v)
}
