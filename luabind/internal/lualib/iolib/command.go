package iolib

import (
	"context"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"sync"
	"time"
)

// command is a shell that runs one command of the script.
//
// Where the context can end, the shell and all that it starts are a process
// group of their own, which is killed with the context. Elsewhere they stay in
// the group of this program, as with C's system: so they can read from the
// terminal, and Ctrl-C reaches them.
type command struct {
	cmd    *exec.Cmd
	within []context.Context // those that end it
	free   []func() bool     // they take kill off a context
	reaped func()            // called when it was waited for

	copying sync.WaitGroup
	outputs []*os.File // pipes that are copied to the host's writers

	mu    sync.Mutex
	ended bool // the process number may be somebody else's by now
	own   bool // it has a process group
}

// lateOutput is how long what a killed program has written is waited for, in
// case that something which it started holds the pipe and could not be found.
const lateOutput = 50 * time.Millisecond

// start starts a command. stdin and stdout, if not nil, take the place of the
// host's.
func (h *Host) start(ctx context.Context, line string, stdin, stdout *os.File) (*command, error) {
	cmd := shell(line)
	cmd.Dir = h.CommandDir
	cmd.Env = append([]string{}, h.Environ...) // nil would mean that of this program
	return h.launch(ctx, cmd, streams{in: stdin, out: stdout})
}

// streams are what a command gets for its own; nil: the host's.
type streams struct {
	in, out, err *os.File
	joined       bool // what it says of errors goes where its output goes
}

// launch starts cmd.
func (h *Host) launch(ctx context.Context, cmd *exec.Cmd, given streams) (*command, error) {
	c := &command{cmd: cmd, own: ctx.Done() != nil && !h.Foreground}
	stdin := given.in
	if stdin == nil {
		stdin = fileOf(h.Stdin)
	}
	if stdin != nil {
		cmd.Stdin = stdin
	}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			f.Close()
		}
	}()
	output := func(w io.Writer) (io.Writer, error) {
		if w == nil {
			return nil, nil
		}
		if f := fileOf(w); f != nil {
			return f, nil
		}
		r, w2, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		theirs = append(theirs, w2)
		c.outputs = append(c.outputs, r)
		c.copying.Go(func() {
			io.Copy(w, r)
			io.Copy(io.Discard, r) // the writer failed: that is no reason for the command to
			r.Close()
		})
		return w2, nil
	}
	err := error(nil)
	if given.out != nil {
		cmd.Stdout = given.out
	} else if cmd.Stdout, err = output(h.Stdout); err != nil {
		return nil, err
	}
	if given.err != nil {
		cmd.Stderr = given.err
	} else if given.joined || given.out == nil && same(h.Stdout, h.Stderr) {
		cmd.Stderr = cmd.Stdout // one pipe, which keeps the order
	} else if cmd.Stderr, err = output(h.Stderr); err != nil {
		return nil, err
	}
	if c.own {
		ownGroup(cmd)
	}
	start := func() (pid int, err error) {
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		return cmd.Process.Pid, nil
	}
	if c.reaped = func() {}; h.Start != nil {
		c.reaped, err = h.Start(start)
	} else {
		_, err = start()
	}
	if err != nil {
		return nil, err
	}
	c.end(ctx)
	return c, nil
}

// end lets ctx end the command.
func (c *command) end(ctx context.Context) {
	c.within = append(c.within, ctx)
	c.free = append(c.free, context.AfterFunc(ctx, c.kill))
}

// fileOf returns the file behind a reader or writer of the host; nil: there is
// none.
func fileOf(v any) *os.File {
	switch v := v.(type) {
	case *os.File:
		return v
	case interface{ File() *os.File }:
		return v.File()
	}
	return nil
}

// same says whether a and b are one writer. Some values can't be compared.
func same(a, b io.Writer) bool {
	return a != nil && reflect.ValueOf(a).Comparable() && a == b
}

// kill ends the command and what it has started.
func (c *command) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		kill(c.cmd.Process, c.own)
	}
	for _, r := range c.outputs {
		EndLate(r)
	}
}

// EndLate ends reads from a pipe of a program that was killed, and writes to it, after lateOutput.
func EndLate(pipe *os.File) {
	if pipe.SetDeadline(time.Now().Add(lateOutput)) != nil { // pipes have none on Windows
		time.AfterFunc(lateOutput, func() { pipe.Close() })
	}
}

// wait waits until the command has ended, by itself or with ctx, and all of its
// output was copied. It returns the status as C's system does.
func (c *command) wait(ctx context.Context) int {
	c.end(ctx)
	news := newsOf(ctx)
	if news.Come == nil {
		return c.await()
	}
	status := make(chan int, 1)
	go func() { status <- c.await() }()
	returned := false
	defer func() {
		if !returned { // what was heard has raised an error: nobody waits any more
			c.kill()
		}
	}()
	for {
		select {
		case s := <-status:
			returned = true
			return s
		case <-news.Come:
			news.Run()
		}
	}
}

// await is wait, and holds a thread.
func (c *command) await() int {
	if awaitEnd(c.cmd.Process) {
		c.mu.Lock()
		// It has ended by itself, and nothing but the number of its group leads to
		// what it has left behind.
		if slices.ContainsFunc(c.within, func(ctx context.Context) bool { return ctx.Err() != nil }) {
			kill(c.cmd.Process, c.own)
		}
		c.cmd.Wait()
	} else {
		c.cmd.Wait() // its error says what the status says
		c.mu.Lock()
	}
	c.ended = true
	c.mu.Unlock()
	c.reaped()
	c.copying.Wait()
	for _, free := range c.free {
		free()
	}
	return exitStatus(c.cmd.ProcessState)
}
