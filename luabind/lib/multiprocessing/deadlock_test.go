//go:build linux && !portable

package multiprocessing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
)

// randomProgram returns a program of some processes that take locks and hand items on. Locks are
// taken in one order, and who waits for an item holds none, so it comes to its end; a
// stuck one doesn't, since an item is missing.
func randomProgram(r *rand.Rand, stuck bool) string {
	const locks = 3
	processes := 2 + r.IntN(3)
	var body [5][]string
	items := 0
	for range 4 + r.IntN(12) {
		who := r.IntN(processes)
		switch r.IntN(4) {
		case 0, 1: // some locks inside each other, perhaps with a put
			var held []int
			for lock := 1; lock <= locks; lock++ {
				if r.IntN(2) == 0 {
					held = append(held, lock)
					body[who] = append(body[who], fmt.Sprintf("l[%d]:acquire()", lock))
				}
			}
			if r.IntN(2) == 0 {
				body[who] = append(body[who], "q:put(1)")
				items++
			}
			if r.IntN(3) == 0 {
				body[who] = append(body[who], "for i = 1, 2000 do end")
			}
			for _, lock := range held {
				body[who] = append(body[who], fmt.Sprintf("l[%d]:release()", lock))
			}
		case 2:
			body[who] = append(body[who], "q:put(1)")
			items++
		default:
			body[who] = append(body[who], fmt.Sprintf("require('time').sleep(%g)", r.Float64()/1000))
		}
	}
	if stuck {
		items++
	}
	// All puts of a process come before its gets, so that nobody waits for its own.
	for range items {
		who := r.IntN(processes)
		body[who] = append(body[who], "q:get()")
	}
	var b strings.Builder
	b.WriteString("local mp = require 'multiprocessing'\nlocal q, l, list = mp.Queue(), {mp.Lock(), mp.RLock(), mp.Lock()}, {}\n")
	for i := range processes {
		fmt.Fprintf(&b, "list[%d] = Process{args = {q, l}, target = function(q, l) %s end}\n", i+1, strings.Join(body[i], " "))
	}
	b.WriteString("for _, p in ipairs(list) do p:start() end\nfor _, p in ipairs(list) do p:join() end\n")
	return b.String()
}

// busyPrograms runs n random programs, as randomProgram makes them, in four processes that stay.
const busyPrograms = `
	local mp = require "multiprocessing"
	local locks, q, done = {mp.Lock(), mp.RLock(), mp.Lock()}, mp.Queue(), mp.Queue()
	local function work(todo)
		for ops in function() return todo:get() end do
			for _, op in ipairs(ops) do
				if op < 0 then locks[-op]:release()
				elseif op <= 3 then locks[op]:acquire()
				elseif op == 4 then q:put(1)
				else q:get() end
			end
			done:put(1)
		end
	end
	local todo, list = {}, {}
	for i = 1, 4 do
		todo[i] = mp.Queue()
		list[i] = Process{target = work, args = {todo[i]}}
		list[i]:start()
	end
	math.randomseed(1)
	local random = math.random
	for program = 1, n do
		local ops, items = {{}, {}, {}, {}}, 0
		for _ = 1, random(4, 16) do
			local own, held = ops[random(4)], {}
			for lock = 1, 3 do
				if random(2) == 1 then
					own[#own + 1], held[#held + 1] = lock, lock
				end
			end
			if random(2) == 1 then
				own[#own + 1], items = 4, items + 1
			end
			for _, lock in ipairs(held) do own[#own + 1] = -lock end
		end
		for _ = 1, items do
			local own = ops[random(4)]
			own[#own + 1] = 5
		end
		for i = 1, 4 do todo[i]:put(ops[i]) end
		for i = 1, 4 do done:get() end
	end
	for i = 1, 4 do todo[i]:put(nil) list[i]:join() end`

// However often one looks, programs that come to their ends are never said to be in a deadlock.
func TestDeadlockBusy(t *testing.T) {
	programs := 200
	switch {
	case testing.Short():
		programs = 50
	case os.Getenv("LUASPAWN_STRESS") != "":
		programs = 2500
	}
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	over := make(chan error, 1)
	go func() {
		over <- e.Run(context.Background(), "=script", strings.NewReader(fmt.Sprintf("local n = %d\n%s", programs, busyPrograms)))
	}()
	for looks := 0; ; looks++ {
		select {
		case err := <-over:
			if err != nil {
				t.Error(err)
			}
			t.Logf("%d looks at %d programs", looks, programs)
			return
		default:
			if report, _ := multiprocessing.Deadlock(); report != "" {
				t.Fatal(report)
			}
		}
	}
}

// A program that comes to its end is never said to be in a deadlock, whenever one looks, and
// one that doesn't is.
func TestDeadlockRandom(t *testing.T) {
	first, programs := 0, 10
	if testing.Short() {
		first, programs = 3, 5 // one of each kind
	}
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for seed := first; seed < programs; seed++ { // every fifth one is stuck
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		stuck := seed%5 == 4
		script := randomProgram(r, stuck)
		over := make(chan error, 1)
		go func() { over <- e.Run(context.Background(), "=script", strings.NewReader(script)) }()
		found := false
		for running := true; running; {
			select {
			case err := <-over:
				if err != nil {
					t.Fatalf("%v in\n%s", err, script)
				}
				running = false
			default:
				report, children := multiprocessing.Deadlock()
				if report == "" {
					break
				}
				if !stuck {
					t.Fatalf("seed %d:\n%s\nof\n%s", seed, report, script)
				}
				found = true
				for _, pid := range children {
					syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		}
		if stuck && !found {
			t.Fatalf("seed %d has ended:\n%s", seed, script)
		}
	}
}
