//go:build linux

package cluster_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"luaspawn/proc/cluster"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// A Go program that is all in one: server, a machine that works, and a pool. Elsewhere each is a process, and
// the program of the worker is a host, as the example of package remote is: here it is this test.
func Example() {
	if err := example(); err != nil {
		fmt.Println(err)
	}
	// Output: A TASK on machine-1
}

func example() error {
	keys, err := os.MkdirTemp("", "keys")
	if err != nil {
		return err
	}
	defer os.RemoveAll(keys)
	server, err := cluster.Serve(cluster.ServerConfig{Listen: "127.0.0.1:0", Dir: keys})
	if err != nil {
		return err
	}
	defer server.Close()

	// The machine, which has the worker's key only.
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error)
	defer func() { end(); <-ended }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	go func() {
		ended <- cluster.Work(ctx, cluster.WorkerConfig{Address: server.Address(), Key: filepath.Join(keys, "worker.key"),
			Processes: 2, Program: []string{self}, Name: "machine-1"})
	}()

	// The pool, which has the script's key. Its bridge is a goroutine here; remote.Command starts luaspawnd for it, by which
	// NATS stays out of the program.
	key, err := remote.ReadKey(keys)
	if err != nil {
		return err
	}
	p, err := pool.New(context.Background(), pool.Config{Retries: 1}, remote.New(remote.Config{
		Key:     key,
		Connect: map[string]string{"address": server.Address(), "password": key.Password()},
		Relay: func() (b remote.Bridge, err error) {
			in, fromPool := io.Pipe()
			toPool, out := io.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				cluster.Bridge(in, out)
			}()
			return remote.Bridge{In: fromPool, Out: toPool, Ended: func() { <-done }, Killed: func() { in.Close(); toPool.Close() }}, nil
		},
	}))
	if err != nil {
		return err
	}
	call, err := p.Call(pool.Blob{Data: []byte("upper")}, pool.Options{})
	if err != nil {
		return err
	}
	call.AddLast(pool.AppendTask(nil, []byte("a task")), 1, nil)
	for over := false; !over; {
		var some pool.Outcomes
		<-call.Ready()
		some, over = call.Take()
		for o := range some.All() {
			fmt.Printf("%s on %s\n", o.Data, o.Worker.Host)
		}
	}
	p.Close()
	<-p.Done()
	return nil
}
