//go:build linux

package pool_test

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"luaspawn/proc"
	"luaspawn/proc/pool"
)

// A program says first in main what its workers can do, by name:
//
//	var functions = pool.Functions{
//		"square": func(task []byte) ([]byte, error) {
//			n, err := strconv.Atoi(string(task))
//			return strconv.AppendInt(nil, int64(n)*int64(n), 10), err
//		},
//	}
//
//	func main() {
//		proc.Init(func(self *proc.Self) int {
//			if err := pool.Work(self.Files, functions); err != nil {
//				return 1
//			}
//			return 0
//		})
//		...
//
// That is done in the TestMain of this package.
func Example() {
	ctx := context.Background()
	processes, err := pool.NewProcesses(func(ctx context.Context, w pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
		return proc.Start(ctx, &proc.Command{Daemon: true, Files: files})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := pool.New(ctx, pool.Config{Workers: 2}, processes)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := p.Call(pool.Blob{Data: []byte("square")}, pool.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var tasks []byte
	for n := range 5 {
		tasks = pool.AppendTask(tasks, []byte(strconv.Itoa(n)))
	}
	call.AddLast(tasks, 5, nil) // its error is one of the pool, which each outcome tells too
	squares := make([]string, 5)
	for over := false; !over; {
		<-call.Ready()
		var some pool.Outcomes
		some, over = call.Take()
		for o := range some.All() {
			squares[o.Index] = string(o.Data) // o.Kind is pool.Done, where nothing went wrong
		}
	}
	fmt.Println(squares)
	p.Close()
	p.Join(ctx)
	// Output: [0 1 4 9 16]
}
