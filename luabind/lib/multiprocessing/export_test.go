package multiprocessing

import (
	"math/rand/v2"
	"os"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/proc"
)

// KillReady kills a child that is kept ready or made so, and returns its pid; 0:
// there is none. No job is given to any child meanwhile: what is killed is nobody's.
func KillReady() int {
	starting.Lock()
	defer starting.Unlock()
	pids := proc.Ready()
	if len(pids) == 0 {
		return 0
	}
	pid := pids[rand.IntN(len(pids))]
	if p, err := os.FindProcess(pid); err != nil || p.Kill() != nil {
		return 0
	}
	return pid
}

// Deadlock returns a report if there is one now, and the children that are in it.
func Deadlock() (report string, children []int) {
	all := look()
	for _, p := range board.Deadlock(all) {
		if p.Flags&board.Main == 0 {
			children = append(children, p.Pid)
		}
		report = board.Report(all, board.Options{})
	}
	return report, children
}

// ForgetInterrupt lets scripts of this program start children again.
func ForgetInterrupt() {
	starting.Unlock()
	interrupted = make(chan struct{})
	stopScripts = sync.OnceFunc(onInterrupt)
}

// AwaitAmidNews waits for what never comes, while lookOut tells whether there is news of other work of a pool.
func AwaitAmidNews(L *lua.LState, p *lua.LUserData, timeout time.Duration, lookOut func() bool) bool {
	lib := p.Value.(*luaPool).workers.lib
	return lib.await(L, subject{}, awaited{done: make(chan struct{}), timeout: timeout, lookOut: lookOut})
}
