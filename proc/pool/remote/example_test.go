package remote_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"luaspawn/proc"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// A Go program has its functions run on other machines, each of which runs the program
// itself as the host: luaspawnd worker ADDRESS --program ./thisprogram.
func Example() {
	functions := pool.Functions{
		"upper": func(task []byte) ([]byte, error) { return []byte(strings.ToUpper(string(task))), nil },
	}

	// First in main: a host's luaspawnd, and a host, have started this program too.
	host := remote.TakeHost()
	proc.Init(func(self *proc.Self) int {
		if err := pool.Work(self.Files, functions); err != nil {
			return 1
		}
		return 0
	})
	if host {
		program := remote.Program{Open: func(_ []byte, output func(int, []byte)) (pool.Transport, error) {
			return pool.NewProcesses(func(ctx context.Context, w pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
				return proc.Start(ctx, &proc.Command{Daemon: true, Files: files})
			})
		}}
		program.Serve(os.Stdin, os.Stdout)
		return
	}

	// The script's part: a pool whose workers are where a luaspawnd serve is.
	dir, err := remote.KeyDir()
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := remote.ReadKey(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	luaspawnd, err := remote.FindLuaspawnd()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := pool.New(context.Background(), pool.Config{Retries: 1}, remote.New(remote.Config{
		Key:     key,
		Connect: map[string]string{"address": "nats://head:4222", "password": key.Password()},
		Relay:   remote.Command(luaspawnd, "bridge"),
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := p.Call(pool.Blob{Data: []byte("upper")}, pool.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	call.AddLast(pool.AppendTask(nil, []byte("a task")), 1, nil)
	for over := false; !over; {
		var some pool.Outcomes
		<-call.Ready()
		some, over = call.Take()
		for o := range some.All() {
			fmt.Println(string(o.Data))
		}
	}
	p.Close()
	<-p.Done()
}
