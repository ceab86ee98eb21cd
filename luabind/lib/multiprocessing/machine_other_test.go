//go:build !linux

package multiprocessing_test

import (
	"os"

	"luaspawn/luabind"
)

// luaFiles are the files that TestLua runs: the others look at processes as Linux shows them, or
// send signals.
var luaFiles = []string{
	"testdata/cases.lua", "testdata/chaos.lua", "testdata/classes.lua", "testdata/identity.lua", "testdata/locks.lua",
	"testdata/multiprocessing.lua", "testdata/numbering.lua", "testdata/pool_callbacks.lua", "testdata/pool_cases.lua", "testdata/process.lua",
	"testdata/queues.lua", "testdata/sockets.lua", "testdata/travel.lua", "testdata/travel_big.lua", "testdata/travel_refused.lua",
}

// others are what further engines of these tests are made from.
var others []luabind.Config

func kill(pid, _ int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// What Linux says in /proc.

func stat(pid int) (state string, parent int, ok bool) { return "R", 0, alive(pid) }
func childrenOf(int) []int                             { return nil }
func marked(string) []int                              { return nil }
func openDescriptors() map[string]int                  { return nil }
