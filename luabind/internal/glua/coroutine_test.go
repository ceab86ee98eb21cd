package glua

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// A thread is what gopher-lua's NewThread gives, but for what that makes anew, and its registry says to its own thread that it is full.
func TestNewThread(t *testing.T) {
	L := lua.NewState(lua.Options{RegistrySize: 256, RegistryGrowStep: 32, RegistryMaxSize: 512, SkipOpenLibs: true})
	defer L.Close()
	theirs, _ := L.NewThread()
	ours := Inside(L).NewThread()
	want, got := Inside(theirs), Inside(ours)
	got.Stack, got.Panic = want.Stack, want.Panic
	if got.G != want.G || got.Env != want.Env || got.Options != want.Options || got.Parent != nil || got.Dead || got.Ctx != nil || got.MainLoop == nil {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Reg.GrowBy != 32 || got.Reg.MaxSize != 512 || got.Reg.Numbers != Inside(L).alloc {
		t.Errorf("its registry is %+v", got.Reg)
	}
	var raised any
	got.Panic = func(L *lua.LState) {
		raised = L
		panic("full")
	}
	func() {
		defer func() { recover() }()
		for range 600 {
			ours.Push(lua.LTrue)
		}
	}()
	if raised != ours {
		t.Errorf("an error was raised in %v, not in %v", raised, ours)
	}
}
