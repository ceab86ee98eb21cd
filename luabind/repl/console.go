package repl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	luasignal "luaspawn/luabind/lib/signal"
	"luaspawn/luabind/repl/internal/edit"
)

// console is the terminal of a prompt, or the streams that stand for one.
//
//	edited   a text is edited, in raw mode     a terminal that knows escape codes
//	plain    lines are read as they come       any other terminal, a pipe, a file
type console struct {
	in      input
	out     io.Writer    // to the terminal
	editor  *edit.Editor // nil: plain
	colours bool
	prompts bool // are shown where it is plain

	file   *os.File        // the terminal that is read, where it is one of this machine
	screen *os.File        // the one that is written, if it does what escape codes say; nil: it doesn't
	end    func(os.Signal) // ends the program

	midLine atomic.Bool // what was written last had no newline at its end; only if plain

	mu       sync.Mutex
	cooked   func() // puts the terminal back as it was; nil: it is so now
	finished bool
	close    []func()
}

// errInterrupted is returned by reads that a Ctrl-C has ended.
var errInterrupted = edit.ErrInterrupted

// openConsole returns the console of p. Interrupt is called, by any goroutine, when
// Ctrl-C was pressed while no line is read; it says whether it has interrupted
// something. HangUp is called, by any goroutine, when nobody is there any more.
func openConsole(p *Prompt, interrupt func() bool, hangUp func(error)) (*console, error) {
	c := &console{out: p.Out, end: p.End}
	if c.end == nil {
		c.end = dieOf
	}
	if _, ok := p.Out.(*os.File); !ok {
		c.out = &outlet{p.Out, hangUp}
	}
	in, _ := p.In.(*os.File)
	if in == nil {
		if p.Size == nil { // nobody is there to press Ctrl-C
			interrupt = func() bool { return false }
		}
		stream := newStreamInput(p.In, interrupt)
		closed := make(chan struct{})
		c.close = append(c.close, func() { close(closed) })
		stream.ended = func(err error) { c.awaitHangUp(p, err, closed, hangUp) }
		c.in = stream
		c.prompts = true
		if p.Size != nil {
			c.editor = c.newEditor(p.Size)
			c.editor.Raw = true
		}
	} else {
		fileIn, err := openInput(in, func() { c.redraw() })
		if err != nil {
			return nil, fmt.Errorf("repl: %w", err)
		}
		c.in = fileIn
		c.close = append(c.close, fileIn.Close)
		out, _ := p.Out.(*os.File)
		c.prompts = IsTerminal(in)
		if c.prompts {
			c.file = in
			c.watchSignals(interrupt)
			c.watchHangUp(hangUp)
		}
		if restore, ok := (func())(nil), false; c.prompts && out != nil && IsTerminal(out) {
			if restore, ok = escapes(out); ok {
				c.screen = out
				c.close = append(c.close, restore)
			}
		}
		if c.screen != nil {
			c.editor = c.newEditor(func() (int, int) { return sizeOf(out) })
			c.editor.Suspend = func() {
				c.cook()
				suspend()
				c.raw()
			}
		}
	}
	c.colours = c.editor != nil && os.Getenv("NO_COLOR") == ""
	return c, nil
}

func (c *console) newEditor(size func() (int, int)) *edit.Editor {
	return &edit.Editor{Keys: c.in, Out: c.out, Size: size, Prompt: prompt, More: more}
}

const (
	prompt = "> "
	more   = ">> "
)

// sizeOf returns the size of a terminal; one that doesn't know is taken for what
// they once all were.
func sizeOf(f *os.File) (width, height int) {
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// Write writes what scripts and their children print. Any goroutine may call it.
func (c *console) Write(b []byte) (int, error) {
	if c.editor != nil {
		return c.editor.Write(b)
	}
	if len(b) > 0 {
		c.midLine.Store(b[len(b)-1] != '\n')
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(b)
}

// freshLine ends the line that a script has left open, where people look at it.
func (c *console) freshLine() {
	open := c.midLine.Load()
	if c.editor != nil {
		open = c.editor.MidLine()
	}
	if c.prompts && open {
		io.WriteString(c, "\n")
	}
}

// fileConsole is a console whose terminal commands of the script inherit.
type fileConsole struct {
	*console
	file *os.File
}

func (c fileConsole) File() *os.File { return c.file }

// person says whether somebody is there who can be asked.
func (c *console) person() bool { return c.editor != nil || c.file != nil }

// read reads a text, and leaves an edited terminal in raw mode, see cook. It
// returns io.EOF at the end, or after a Ctrl-D, and errInterrupted after a Ctrl-C.
// Complete says that no more lines are wanted.
func (c *console) read(complete func(string) bool) (string, error) {
	if c.editor == nil {
		c.freshLine()
		return c.readPlain(complete)
	}
	if err := c.raw(); err != nil {
		return "", err
	}
	return c.editor.Read()
}

// typedAhead says whether a Ctrl-C was typed behind the text that was read.
func (c *console) typedAhead() bool {
	in, ok := c.in.(terminalInput)
	return ok && c.editor != nil && in.interrupted()
}

// ask shows a question and returns the first character of the answer; empty: just
// Enter. Its errors are those of read; it too leaves the terminal raw.
func (c *console) ask(question string) (string, error) {
	if c.editor == nil {
		c.freshLine()
		fmt.Fprint(c, question)
		line, err := c.readLine()
		if line != "" {
			line = line[:1]
		}
		return line, err
	}
	if err := c.raw(); err != nil {
		return "", err
	}
	answer, err := c.editor.Ask(question)
	if answer == "enter" {
		answer = ""
	}
	return answer, err
}

func (c *console) readPlain(complete func(string) bool) (string, error) {
	text := ""
	for p := prompt; ; p = more {
		if c.prompts {
			io.WriteString(c, p)
			c.midLine.Store(false) // Enter ends this one
		}
		line, err := c.readLine()
		text += line
		switch {
		case errors.Is(err, io.EOF) && text != "":
			return text, nil
		case err != nil:
			if c.prompts {
				io.WriteString(c, "\n")
			}
			return "", err
		case complete(text):
			return text, nil
		}
		text += "\n"
	}
}

// readLine returns a line without its newline. With io.EOF it may have read the
// beginning of one.
func (c *console) readLine() (string, error) {
	var line []byte
	for {
		b, err := c.in.ReadByte()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return "", errInterrupted
		case err != nil:
			return string(line), err
		case b == '\n':
			return string(line), nil
		}
		line = append(line, b)
	}
}

// Bracketed paste: the terminal says where what is pasted begins and ends.
const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"
)

// raw lets each key come as it is pressed.
func (c *console) raw() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cooked != nil || c.finished {
		return nil
	}
	if c.file != nil {
		restore, err := makeRaw(c.file)
		if err != nil {
			return fmt.Errorf("repl: set up the terminal: %w", err)
		}
		c.cooked = restore
	}
	if c.screen != nil {
		escapes(c.screen) // a program of the script, killed perhaps, has left it otherwise
	}
	io.WriteString(c.out, pasteOn)
	return nil
}

// cook puts the terminal back as it was.
func (c *console) cook() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil && c.cooked == nil {
		return
	}
	io.WriteString(c.out, pasteOff)
	if c.file != nil {
		c.cooked()
		c.cooked = nil
	}
}

// again sets the terminal up anew after the program was stopped, while which
// somebody else had it.
func (c *console) again() {
	c.mu.Lock()
	raw := c.cooked != nil
	if raw {
		makeRaw(c.file)
		io.WriteString(c.out, pasteOn)
	}
	c.mu.Unlock()
	if raw {
		c.editor.Redraw()
	}
}

// watchSignals does what the terminal's signals ask for, until the console is
// closed.
func (c *console) watchSignals(interrupt func() bool) {
	c.onSignal([]os.Signal{os.Interrupt}, func(os.Signal) {
		switch {
		case interrupt():
		case c.editor == nil:
			c.in.SetDeadline(past)
		default:
			pressInterrupt(c.in)
		}
	})
	c.onSignal(resizeSignals, func(os.Signal) { c.redraw() })
	c.onSignal(resumeSignals, func(os.Signal) { c.again() })
	c.onSignal(endSignals, func(s os.Signal) {
		c.mu.Lock()
		c.finished = true
		c.mu.Unlock()
		c.cook()
		c.end(s)
	})
}

func (c *console) redraw() {
	if c.editor != nil {
		c.editor.Redraw()
	}
}

// onSignal lets do be called, on a goroutine, for each signal of a list, but for
// those that whoever has started this program lets it ignore.
func (c *console) onSignal(list []os.Signal, do func(os.Signal)) {
	list = slices.DeleteFunc(slices.Clone(list), signal.Ignored)
	if len(list) == 0 {
		return // signal.Notify takes that for all of them
	}
	signals := make(chan os.Signal, 4)
	stop := luasignal.Watch(signals, list...)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for s := range signals {
			if !luasignal.Caught(s) { // else it is the script's
				do(s)
			}
		}
	}()
	c.close = append(c.close, func() {
		stop()
		close(signals)
		<-ended
	})
}

func (c *console) Close() {
	for i := len(c.close) - 1; i >= 0; i-- {
		c.close[i]()
	}
}

// IsTerminal says whether a person may be sitting at f.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
