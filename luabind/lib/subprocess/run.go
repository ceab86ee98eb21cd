package subprocess

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
)

// maxOutput is how much of a program's output is collected, what a string of Lua may hold.
const maxOutput = 1 << 30

// A talk is what goes in and out of a program while run waits for it.
type talk struct {
	going          sync.WaitGroup
	stdout, stderr collected
}

// collected is what comes out of a pipe.
type collected struct {
	from *os.File // nil: there is none
	text bytes.Buffer
	long bool // it was too much
}

// begin lets a talk go on in goroutines of its own.
func begin(o *options) *talk {
	t := &talk{stdout: collected{from: o.stdout}, stderr: collected{from: o.stderr}}
	if o.input != nil {
		t.going.Go(func() {
			io.WriteString(o.stdin, *o.input) // a program need not read all, or anything
			o.stdin.Close()
		})
	}
	for _, c := range []*collected{&t.stdout, &t.stderr} {
		if c.from == nil {
			continue
		}
		t.going.Go(func() {
			n, _ := io.Copy(&c.text, io.LimitReader(c.from, maxOutput+1))
			if c.long = n > maxOutput; c.long {
				c.text = bytes.Buffer{}
				io.Copy(io.Discard, c.from)
			}
			c.from.Close()
		})
	}
	return t
}

// cut ends a talk whose program was killed.
func (t *talk) cut(o *options) {
	for _, f := range []*os.File{o.stdin, o.stdout, o.stderr} {
		if f != nil {
			iolib.EndLate(f)
		}
	}
}

// value returns what was collected, or nil where there was no pipe.
func (c *collected) value(text bool) lua.LValue {
	switch {
	case c.from == nil:
		return lua.LNil
	case text:
		return lua.LString(iolib.DecodeText(c.text.Bytes()))
	}
	return lua.LString(c.text.String())
}

// run is subprocess.run{...}.
func (lib *library) run(L *lua.LState) int {
	lib.checkAllowed(L, "run")
	o := lib.read(L, "run")
	r := lib.start(L, o, "run")
	text := lib.host.Config().TextMode && !o.binary
	if text && o.input != nil {
		input := string(iolib.AppendText(nil, *o.input))
		o.input = &input
	}
	t := begin(o)
	over := make(chan struct{})
	go func() {
		<-r.Done()
		t.going.Wait()
		close(over)
	}()
	expired := lib.await(L, o, r, t, over)
	fields := map[string]lua.LValue{
		"args":   o.args,
		"stdout": t.stdout.value(text),
		"stderr": t.stderr.value(text),
	}
	if t.stdout.long || t.stderr.long {
		arg.Raise(L, "output of command %s is too large", o.name())
	}
	if expired {
		fields["timeout"] = lua.LNumber(o.timeout.Seconds())
		lib.raise(L, timeoutExpired, fmt.Sprintf("command %s timed out after %v seconds", o.name(), o.timeout.Seconds()), fields)
	}
	code := r.Code()
	fields["code"] = lua.LNumber(code)
	if o.check && code != 0 {
		lib.raise(L, failedProcess, ended(o.name(), code), fields)
	}
	result := glua.NewTable(0, len(fields))
	for name, v := range fields {
		glua.SetNamed(result, name, v)
	}
	L.Push(result)
	return 1
}

// await waits until the program has ended and all that it has written was read. When the time is
// over, or an error of a handler or the end of the run leads away, it is killed with all
// that it has started.
func (lib *library) await(L *lua.LState, o *options, r *luabind.Running, t *talk, over <-chan struct{}) (expired bool) {
	ended := false
	defer func() {
		if !ended {
			r.KillTree()
			t.cut(o)
			<-over
		}
	}()
	var timer <-chan time.Time
	if o.timeout >= 0 {
		timer = time.After(o.timeout)
	}
	ctx := lib.host.Context()
	lib.host.Pauses("program")
	defer lib.host.Resumes()
	for {
		select {
		case <-over: // also where the time was over while a handler ran
			ended = true
			return false
		default:
		}
		select {
		case <-over:
			ended = true
			return false
		case <-lib.host.News():
			lib.host.Attended()
		case <-timer:
			return true
		case <-ctx.Done():
			arg.Raise(L, "%s", ctx.Err())
		}
	}
}
