package vm

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// run runs instructions until the call base has ended, or until there is a hook:
// then it returns false.
//
// What it doesn't do by itself, it leaves to byMetamethod and plain: a case that does break. In all others
// the loop goes on with the next instruction.
func run(L *lua.LState, s *glua.State, frames *glua.Frames, base *glua.Frame) (ended bool) {
	alarm, methods := &s.G.Alarm, frames.Methods()
frame:
	for {
		f := s.Frame()
		code := glua.CodeOf(f.Fn.Proto)
		ip := code.InsAt(f.Pc)
		r, k := glua.First(frames.Registers()[f.R:]), glua.First(code.Constants)
		for {
			in := glua.Fetch(ip)
			ip = glua.Ahead(ip, 1)
			switch in.Op {
			case opMove:
				glua.At(r, in.A).Set(glua.At(r, in.B))
				continue
			case opLoadK:
				glua.At(r, in.A).Set(glua.At(k, in.B))
				continue
			case opLoadBoolSkip:
				glua.At(r, in.A).Set(glua.At(k, in.B))
				ip = glua.Ahead(ip, 1)
				continue
			case opLoadNil:
				for i := in.A; i <= in.B; i += glua.ValueSize {
					glua.At(r, i).SetNil()
				}
				continue
			case opGetUpvalue:
				glua.At(r, in.A).Set(glua.UpvalueOf(f.Fn, in.B).At())
				continue
			case opSetUpvalue:
				glua.UpvalueOf(f.Fn, in.B).At().Set(glua.At(r, in.A))
				continue
			case opGetGlobal:
				t, key := glua.InsideTable(f.Fn.Env), glua.At(k, in.B)
				if v := t.Quick(key); v != nil {
					glua.At(r, in.A).Set(v)
					continue
				}
				if v, ok := t.Field(key); ok {
					glua.At(r, in.A).Set(&v)
					continue
				}
			case opSetGlobal:
				if glua.InsideTable(f.Fn.Env).SetField(glua.At(k, in.B), glua.At(r, in.A)) {
					continue
				}
			case opGetTable:
				if t := glua.At(r, in.B); t.IsTable() {
					t, key := t.Table(), glua.At(r, in.C)
					if v := t.QuickItem(key); v != nil {
						glua.At(r, in.A).Set(v)
						continue
					}
					if v, ok := t.Index(key); ok {
						glua.At(r, in.A).Set(&v)
						continue
					}
				}
			case opGetTableK:
				if t := glua.At(r, in.B); t.IsTable() {
					t, key := t.Table(), glua.At(k, in.C)
					if v := t.QuickItem(key); v != nil {
						glua.At(r, in.A).Set(v)
						continue
					}
					if v, ok := t.Index(key); ok {
						glua.At(r, in.A).Set(&v)
						continue
					}
				}
			case opGetField:
				if t := glua.At(r, in.B); t.IsTable() {
					t, key := t.Table(), glua.At(k, in.C)
					if v := t.Quick(key); v != nil {
						glua.At(r, in.A).Set(v)
						continue
					}
					if v, ok := t.Field(key); ok {
						glua.At(r, in.A).Set(&v)
						continue
					}
				}
			case opSelf:
				switch object := *glua.At(r, in.B); {
				case object.IsTable():
					if v, ok := object.Table().Field(glua.At(k, in.C)); ok {
						glua.At(r, in.A).Set(&v)
						glua.At(r, in.A+glua.ValueSize).Set(&object)
						continue
					}
				case object.IsUserData():
					v := methods.Cached(ip, object.UserData())
					if v == nil {
						v = methods.Find(ip, object.UserData(), glua.At(k, in.C))
					}
					if v != nil {
						glua.At(r, in.A).Take(v)
						glua.At(r, in.A+glua.ValueSize).Set(&object)
						continue
					}
				}
			case opSetTableRR:
				if t := glua.At(r, in.A); t.IsTable() {
					t, key := t.Table(), glua.At(r, in.B)
					if v := t.QuickItem(key); v != nil {
						v.Set(glua.At(r, in.C))
						continue
					}
					if setIndex(t, key, glua.At(r, in.C)) {
						continue
					}
				}
			case opSetTableRK:
				if t := glua.At(r, in.A); t.IsTable() {
					t, key := t.Table(), glua.At(r, in.B)
					if v := t.QuickItem(key); v != nil {
						v.Set(glua.At(k, in.C))
						continue
					}
					if setIndex(t, key, glua.At(k, in.C)) {
						continue
					}
				}
			case opSetTableKR:
				if t := glua.At(r, in.A); t.IsTable() && setIndex(t.Table(), glua.At(k, in.B), glua.At(r, in.C)) {
					continue
				}
			case opSetTableKK:
				if t := glua.At(r, in.A); t.IsTable() && setIndex(t.Table(), glua.At(k, in.B), glua.At(k, in.C)) {
					continue
				}
			case opSetFieldR:
				if t := glua.At(r, in.A); t.IsTable() {
					t, key := t.Table(), glua.At(k, in.B)
					if v := t.Quick(key); v != nil {
						v.Set(glua.At(r, in.C))
						continue
					}
					if t.SetField(key, glua.At(r, in.C)) {
						continue
					}
				}
			case opSetFieldK:
				if t := glua.At(r, in.A); t.IsTable() {
					t, key := t.Table(), glua.At(k, in.B)
					if v := t.Quick(key); v != nil {
						v.Set(glua.At(k, in.C))
						continue
					}
					if t.SetField(key, glua.At(k, in.C)) {
						continue
					}
				}
			case opNewTable:
				*glua.At(r, in.A) = glua.TableValue(glua.NewTable(glua.Room(int(in.B)), glua.Room(int(in.C))))
				continue
			case opAddRR:
				if v := glua.At(r, in.B).Float() + glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opAddRK:
				if v := glua.At(r, in.B).Float() + glua.At(k, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opAddKR:
				if v := glua.At(k, in.B).Float() + glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opSubRR:
				if v := glua.At(r, in.B).Float() - glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opSubRK:
				if v := glua.At(r, in.B).Float() - glua.At(k, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opSubKR:
				if v := glua.At(k, in.B).Float() - glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opMulRR:
				if v := glua.At(r, in.B).Float() * glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opMulRK:
				if v := glua.At(r, in.B).Float() * glua.At(k, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opMulKR:
				if v := glua.At(k, in.B).Float() * glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opDivRR:
				if v := glua.At(r, in.B).Float() / glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opDivRK:
				if v := glua.At(r, in.B).Float() / glua.At(k, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opDivKR:
				if v := glua.At(k, in.B).Float() / glua.At(r, in.C).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opModRR:
				if v := modulo(glua.At(r, in.B).Float(), glua.At(r, in.C).Float()); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opModRK:
				if v := modulo(glua.At(r, in.B).Float(), glua.At(k, in.C).Float()); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opModKR:
				if v := modulo(glua.At(k, in.B).Float(), glua.At(r, in.C).Float()); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opUnm:
				if v := -glua.At(r, in.B).Float(); v == v {
					glua.At(r, in.A).SetNumber(v)
					continue
				}
			case opNot:
				glua.At(r, in.A).SetBool(!glua.At(r, in.B).Truth())
				continue
			case opLen:
				switch v := glua.At(r, in.B); {
				case v.IsTable():
					glua.At(r, in.A).SetNumber(float64(v.Table().Len()))
					continue
				case v.IsString():
					glua.At(r, in.A).SetNumber(float64(len(v.String())))
					continue
				}
			case opJump:
				to := int(int16(in.A))
				ip = glua.Ahead(ip, to)
				if to >= 0 || atomic.LoadInt32(alarm) == 0 {
					continue
				}
				f.Pc = code.PcAt(ip)
				if alarmed(L) {
					return false
				}
				r = glua.First(frames.Registers()[f.R:])
				continue
			case opLessRR:
				x, y := glua.At(r, in.B).Float(), glua.At(r, in.C).Float()
				if x < y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x >= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opLessRK:
				x, y := glua.At(r, in.B).Float(), glua.At(k, in.C).Float()
				if x < y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x >= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opLessKR:
				x, y := glua.At(k, in.B).Float(), glua.At(r, in.C).Float()
				if x < y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x >= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opLessEqualRR:
				x, y := glua.At(r, in.B).Float(), glua.At(r, in.C).Float()
				if x <= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x > y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opLessEqualRK:
				x, y := glua.At(r, in.B).Float(), glua.At(k, in.C).Float()
				if x <= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x > y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opLessEqualKR:
				x, y := glua.At(k, in.B).Float(), glua.At(r, in.C).Float()
				if x <= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x > y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessRR:
				x, y := glua.At(r, in.B).Float(), glua.At(r, in.C).Float()
				if x >= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x < y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessRK:
				x, y := glua.At(r, in.B).Float(), glua.At(k, in.C).Float()
				if x >= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x < y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessKR:
				x, y := glua.At(k, in.B).Float(), glua.At(r, in.C).Float()
				if x >= y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x < y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessEqualRR:
				x, y := glua.At(r, in.B).Float(), glua.At(r, in.C).Float()
				if x > y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x <= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessEqualRK:
				x, y := glua.At(r, in.B).Float(), glua.At(k, in.C).Float()
				if x > y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x <= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotLessEqualKR:
				x, y := glua.At(k, in.B).Float(), glua.At(r, in.C).Float()
				if x > y {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if x <= y {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opEqualRR:
				if same, known := glua.Equal(glua.At(r, in.B), glua.At(r, in.C)); same {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if known {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opEqualRK:
				if same, known := glua.Equal(glua.At(r, in.B), glua.At(k, in.C)); same {
					ip = glua.Ahead(ip, int(in.A))
					continue
				} else if known {
					ip = glua.Ahead(ip, 1)
					continue
				}
			case opNotEqualRR:
				if same, known := glua.Equal(glua.At(r, in.B), glua.At(r, in.C)); same {
					ip = glua.Ahead(ip, 1)
					continue
				} else if known {
					ip = glua.Ahead(ip, int(in.A))
					continue
				}
			case opNotEqualRK:
				if same, known := glua.Equal(glua.At(r, in.B), glua.At(k, in.C)); same {
					ip = glua.Ahead(ip, 1)
					continue
				} else if known {
					ip = glua.Ahead(ip, int(in.A))
					continue
				}
			case opTrue:
				if glua.At(r, in.B).Truth() {
					ip = glua.Ahead(ip, int(in.A))
				} else {
					ip = glua.Ahead(ip, 1)
				}
				continue
			case opFalse:
				if glua.At(r, in.B).Truth() {
					ip = glua.Ahead(ip, 1)
				} else {
					ip = glua.Ahead(ip, int(in.A))
				}
				continue
			case opTrueSet:
				if v := glua.At(r, in.B); v.Truth() {
					glua.At(r, in.C).Set(v)
					ip = glua.Ahead(ip, int(in.A))
				} else {
					ip = glua.Ahead(ip, 1)
				}
				continue
			case opFalseSet:
				if v := glua.At(r, in.B); v.Truth() {
					ip = glua.Ahead(ip, 1)
				} else {
					glua.At(r, in.C).Set(v)
					ip = glua.Ahead(ip, int(in.A))
				}
				continue
			case opCall:
				called := glua.At(r, in.A)
				if !called.IsFunction() || frames.IsFull() || atomic.LoadInt32(alarm) != 0 {
					break
				}
				fn := called.Function()
				f.Pc = code.PcAt(ip)
				first := f.R + int(in.A)/glua.ValueSize + 1
				nargs := int(in.B) - 1
				if nargs < 0 {
					nargs = frames.Top - first
				}
				if !fn.IsG {
					callee := glua.CodeOf(fn.Proto)
					if callee == nil {
						callee = translate(fn.Proto)
					}
					s.Enter(frames, fn, callee, first, nargs, int(in.C)-1)
					continue frame
				}
				if do := glua.NativeOf(fn); do != nil && s.RunNative(frames, do, first, nargs, int(in.C)-1, first-1) {
					continue
				}
				if callGo(L, s, frames, fn, first, nargs, int(in.C)-1, first-1) {
					return true
				}
				if hooked(alarm) {
					returned(L, fn)
					return false
				}
				r = glua.First(frames.Registers()[f.R:])
				continue
			case opTailCall:
				called := glua.At(r, in.A)
				if !called.IsFunction() || atomic.LoadInt32(alarm) != 0 {
					break
				}
				fn := called.Function()
				first := f.R + int(in.A)/glua.ValueSize + 1
				nargs := valuesAt(frames, first, int(in.B))
				if !fn.IsG {
					tailCall(s, frames, f, fn, first, nargs)
					continue frame
				}
				if do := glua.NativeOf(fn); do != nil && s.RunNative(frames, do, first, nargs, -1, first-1) {
					continue // the return of all of these follows
				}
			case opReturn0:
				to := f.Parent
				if f == base || to == nil || to.Fn.IsG || frames.Open(f.R) || code.Vararg {
					if f == base && !frames.Open(f.R) {
						s.Leave(frames, f)
						s.Give(f, nil)
						return true
					}
					break
				}
				s.Leave(frames, f)
				n := max(f.NRet, 0)
				frames.Top = f.R - 1 + n
				glua.SetNil(frames.Registers()[f.R-1 : frames.Top])
				continue frame
			case opReturn1:
				to := f.Parent
				if f == base || to == nil || to.Fn.IsG || frames.Open(f.R) || code.Vararg {
					if f == base && f.Direct && !frames.Open(f.R) && !code.Vararg {
						s.Leave(frames, f)
						frames.Registers()[f.R-1].Set(glua.At(r, in.A))
						frames.Answered = true
						return true
					}
					break
				}
				s.Leave(frames, f)
				results := frames.Registers()[f.R-1:]
				results[0].Set(glua.At(r, in.A))
				frames.Top = f.R
				if f.NRet >= 0 {
					frames.Top += f.NRet - 1
					glua.SetNil(results[1:max(f.NRet, 1)])
				}
				continue frame
			case opReturn:
				// Results of a vararg function, and those of which there are several.
				to := f.Parent
				if f == base || to == nil || to.Fn.IsG {
					break
				}
				if frames.Open(f.R) {
					frames.CloseUpvalues(f.R)
				}
				giveBack(s, frames, f, code, in)
				continue frame
			case opForLoop:
				index, limit, step := glua.At(r, in.A), glua.At(r, in.A+glua.ValueSize).Float(), glua.At(r, in.A+2*glua.ValueSize).Float()
				i := index.Float() + step
				if step > 0 && i <= limit || step <= 0 && i >= limit {
					index.SetNumber(i)
					glua.At(r, in.A+3*glua.ValueSize).SetNumber(i)
					ip = glua.Ahead(ip, int(int16(in.B)))
					if atomic.LoadInt32(alarm) != 0 {
						f.Pc = code.PcAt(ip)
						if alarmed(L) {
							return false
						}
						r = glua.First(frames.Registers()[f.R:])
					}
				}
				continue
			case opForPrep:
				index, limit, step := glua.At(r, in.A), glua.At(r, in.A+glua.ValueSize), glua.At(r, in.A+2*glua.ValueSize)
				if index.IsNumber() && limit.IsNumber() && step.IsNumber() {
					if v := index.Float() - step.Float(); v == v {
						index.SetNumber(v)
						ip = glua.Ahead(ip, int(int16(in.B)))
						continue
					}
				}
			case opForIn:
				called := glua.At(r, in.A)
				if !called.IsFunction() || frames.IsFull() || atomic.LoadInt32(alarm) != 0 {
					break
				}
				fn := called.Function()
				f.Pc = code.PcAt(ip)
				at := f.R + int(in.A)/glua.ValueSize
				if !fn.IsG {
					copy(frames.Registers()[at+3:at+6], frames.Registers()[at:])
					s.Enter(frames, fn, codeOf(fn.Proto), at+4, 2, int(in.C))
					continue frame
				}
				if do := glua.NativeOf(fn); do != nil && s.RunNative(frames, do, at+1, 2, int(in.C), at+3) {
					continue
				}
				if callGo(L, s, frames, fn, at+1, 2, int(in.C), at+3) {
					return true
				}
				if hooked(alarm) {
					returned(L, fn)
					return false
				}
				r = glua.First(frames.Registers()[f.R:])
				continue
			case opForNext:
				v := glua.At(r, in.A+3*glua.ValueSize)
				if v.IsNil() {
					continue
				}
				glua.At(r, in.A+2*glua.ValueSize).Set(v)
				ip = glua.Ahead(ip, int(int16(in.B)))
				if atomic.LoadInt32(alarm) != 0 {
					f.Pc = code.PcAt(ip)
					if alarmed(L) {
						return false
					}
					r = glua.First(frames.Registers()[f.R:])
				}
				continue
			case opClosure:
				pc := code.PcAt(ip)
				p := f.Fn.Proto
				closure := newClosure(frames, f, p, pc-1)
				*glua.At(r, in.A) = glua.FunctionValue(closure)
				ip = glua.Ahead(ip, int(closure.Proto.NumUpvalues))
				continue
			case opVararg:
				putVarargs(s, frames, f, code, int(in.A)/glua.ValueSize, int(in.B)-1)
				r = glua.First(frames.Registers()[f.R:])
				continue
			case opClose:
				if from := f.R + int(in.A)/glua.ValueSize; frames.Open(from) {
					frames.CloseUpvalues(from)
				}
				continue
			case opNop:
				continue
			}
			f.Pc = code.PcAt(ip)
			if atomic.LoadInt32(alarm) != 0 && mayLook(in) {
				held := frames.Held
				frames.Held = frames.Top
				hooks := alarmed(L)
				frames.Held = held
				if hooks {
					f.Pc--
					return false
				}
			}
			if !byMetamethod(L, s, frames, f, code, in) && plain(L, s, frames, base, f.Fn.Proto.Code[f.Pc-1]) {
				return true
			}
			if hooked(alarm) {
				return false
			}
			continue frame
		}
	}
}

// mayLook says whether there is a look at the alarm before an instruction.
func mayLook(in glua.Ins) bool { return in.Op == opCall || in.Op == opTailCall || in.Op == opForIn }
