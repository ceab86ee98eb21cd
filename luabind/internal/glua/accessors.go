package glua

import lua "github.com/yuin/gopher-lua"

// What other packages see of the fields that gopher-lua has. All of it is inlined.

// Frame returns the call under way; nil: there is none.
func (s *State) Frame() *Frame { return s.currentFrame }

// SetFrame says which call is under way.
func (s *State) SetFrame(f *Frame) { s.currentFrame = f }

// Values returns what is in the registry: nil, not lua.LNil, from Top on.
func (r *Registry) Values() []lua.LValue { return r.array }

// PushNumber pushes a number.
func (r *Registry) PushNumber(n lua.LNumber) {
	r.Need(r.Top + 1)
	r.array[r.Top] = r.Numbers.Value(n)
	r.Top++
}
