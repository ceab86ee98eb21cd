// Package repl is the prompt: it reads Lua from a person, evaluates it and prints
// the results, for as long as the person likes.
//
//	err := repl.Run(ctx, engine, os.Stdin, os.Stdout, os.Stderr)
//
// is the whole prompt on an engine of the program's own; a Prompt says more about
// it. It wants nothing of the engine but package luabind: what processes are it is
// told by the modules that start them, see luabind.Jobs.
//
// What it adds to Lua, help, jobs and the commands that begin with a point, reaches what
// scripts of the engine reach: .save wants Config.Fs, .edit Config.Shell too, and a
// terminal of this machine.
//
//	console   the terminal: keys and lines in, output above the line that is edited
//	session   one Run: text --compile--> functions --evaluate--> values --show--> console
//	history   what was typed before
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/repl/internal/history"
)

// Prompt is a prompt on an engine. Where In is a terminal and Out too, lines are
// edited, with history, completion and colours; NO_COLOR and TERM=dumb are
// respected. In any other file lines are read and run without prompts. Other
// readers and writers are taken for plain ones, unless Size is set.
type Prompt struct {
	Engine *luabind.Engine

	// In is read ahead, unless it is a file: one Read may still wait when Run has
	// returned. Where a terminal is at its other end (see Size), its end is a
	// hang-up: what runs then ends too, after a second. So does what runs over
	// a connection (In and Out are the same) that the other side has closed,
	// and not only for sending, and anything when In fails. The end of
	// any other In says that no more is to come.
	In  io.Reader
	Out io.Writer // an error that says that nobody reads any more is a hang-up
	Err io.Writer // nil, or the same terminal: errors go to Out

	// Size says that In and Out lead to a terminal of which this program
	// knows nothing, over a network say: each key arrives as it is pressed, and
	// escape codes are understood there. It returns the width and height.
	// Nil: only files can be terminals.
	Size func() (width, height int)

	Banner  string                      // a line that comes first, at a terminal only; empty: none
	History string                      // file of what was typed, made if it is missing, not of what a pipe or another file holds; empty: it is forgotten
	First   func(context.Context) error // runs before the first prompt, a script say; nil: nothing does

	// End is called when SIGTERM or SIGHUP ends the program, with the terminal as
	// it was before, and doesn't return. Nil: it ends at once.
	End func(os.Signal)
}

// Run opens a prompt without history or banner, until the end of in or os.exit,
// which is returned as *luabind.ExitError. It is the Run of a Prompt.
func Run(ctx context.Context, e *luabind.Engine, in io.Reader, out, errOut io.Writer) error {
	p := Prompt{Engine: e, In: in, Out: out, Err: errOut}
	return p.Run(ctx)
}

// Run evaluates what is typed, until its user leaves or ctx ends. It returns nil,
// the *luabind.ExitError of os.exit, or the error of a stream or of ctx. From then
// on scripts of the engine write to Out and Err. On an engine that runs something
// it returns luabind.ErrBusy, unless ctx is that of a Go function which was called
// there; on a closed one luabind.ErrClosed.
func (p *Prompt) Run(ctx context.Context) error {
	ctx, hangUp := context.WithCancelCause(ctx)
	defer hangUp(nil)
	s := &session{Prompt: p, engine: p.Engine.Host(), ctx: ctx}
	var err error
	if s.console, err = openConsole(p, s.interrupt, func(cause error) { hangUp(&hungUp{cause}) }); err != nil {
		return err
	}
	defer s.console.Close()
	defer context.AfterFunc(ctx, func() {
		s.finish(context.Cause(ctx))
		s.console.in.SetDeadline(past)
	})()
	var giveBack func()
	if err := s.engine.Alone(ctx, func() {
		s.locals = s.engine.NewSession()
		giveBack = s.takeStreams()
		s.setGlobals()
	}); err != nil {
		return fmt.Errorf("repl: %w", err)
	}
	defer s.engine.Alone(ctx, func() {
		s.unsetGlobals()
		giveBack()
	})
	s.openHistory()
	s.setUpEditor()
	if p.Banner != "" && s.console.prompts {
		fmt.Fprintln(s.console, p.Banner)
	}
	if p.First != nil {
		if left, err := s.left(s.protect(p.First)); left {
			return err
		}
	}
	for {
		text, err := s.read()
		switch {
		case ctx.Err() != nil:
			return s.cutOff()
		case errors.Is(err, errInterrupted):
			s.console.in.SetDeadline(never)
		case errors.Is(err, io.EOF):
			if s.mayLeave() {
				return nil
			}
		case err != nil:
			return fmt.Errorf("repl: read: %w", err)
		case strings.TrimSpace(text) != "":
			text = strings.TrimRight(text, "\n") // of a paste
			s.remember(text)
			if left, err := s.left(s.run(text)); left {
				return err
			}
		}
	}
}

// read reads what is to be evaluated next.
func (s *session) read() (text string, err error) {
	s.reading(func() { text, err = s.console.read(s.complete) })
	return text, err
}

// reading calls read, which reads from the console. A Ctrl-C before its end is for
// what is read, one after it for what comes next, whenever that begins.
func (s *session) reading(read func()) {
	if s.console.editor == nil {
		s.forgive()
		read()
		return
	}
	read()
	s.forgive()
	s.console.cook()
	if s.console.typedAhead() { // before the terminal looked for it
		s.interrupt()
	}
}

// left says whether the session is over, after an evaluation with this error,
// and what Run returns then. Another error is reported.
func (s *session) left(err error) (bool, error) {
	exit := (*luabind.ExitError)(nil)
	switch {
	case err == nil:
		return false, nil
	case s.ctx.Err() != nil:
		return true, s.cutOff()
	case errors.As(err, &exit):
		return s.mayLeave(), err
	}
	s.report(err)
	return false, nil
}

// hungUp is why a session ends whose terminal, or the other end of whose connection,
// is gone; err is what reading or writing said.
type hungUp struct{ err error }

func (h *hungUp) Error() string { return "hung up" }

// cutOff returns what Run does when the context of the session has ended. What runs
// beside a terminal that has hung up is terminated: nobody can be asked.
func (s *session) cutOff() error {
	h := (*hungUp)(nil)
	if !errors.As(context.Cause(s.ctx), &h) {
		return s.ctx.Err()
	}
	for _, jobs := range s.engine.Jobs() {
		jobs.Terminate()
	}
	if errors.Is(h.err, io.EOF) {
		return nil
	}
	return fmt.Errorf("repl: hung up: %w", h.err)
}

// session is one Run of a Prompt.
type session struct {
	*Prompt
	engine  *luabind.Host
	ctx     context.Context
	console *console
	errors  io.Writer // where errors are reported
	locals  *luabind.Session
	history *history.History
	manual  *manual                   // nil: nobody has asked for it
	own     map[*lua.LFunction]string // the functions of the prompt, and their names

	took   time.Duration // by the last evaluation
	newest string        // what was evaluated last
	ran    []string      // all that was evaluated without an error

	evaluation
}

// takeStreams lets scripts write to the console, above the line that is edited. What
// it returns lets them read as before.
func (s *session) takeStreams() (giveBack func()) {
	var out io.Writer = s.console
	if f, ok := s.Out.(*os.File); ok {
		out = fileConsole{s.console, f}
	}
	s.errors = out
	errOut := out
	if s.Err != nil && !s.isTerminal(s.Err) {
		s.errors, errOut = s.Err, nil
	}
	var in io.Reader
	if _, ok := s.In.(*os.File); ok {
		in = s.console.in
	}
	s.engine.UseTerminal(in, out, errOut)
	for _, jobs := range s.engine.Jobs() {
		jobs.Attend(s.console.file != nil)
	}
	return func() {
		if in != nil {
			s.engine.UseTerminal(s.In, out, errOut)
		}
	}
}

// isTerminal says whether w leads to where Out does.
func (s *session) isTerminal(w io.Writer) bool {
	if f, ok := w.(*os.File); ok && s.console.file != nil {
		return IsTerminal(f)
	}
	return reflect.ValueOf(w).Comparable() && w == s.Out
}

func (s *session) setUpEditor() {
	if e := s.console.editor; e != nil {
		e.History = s.history
		e.Complete, e.Indent = s.complete, true
		e.Suggest = func(text string, at int) (from int, names []string) {
			from = at
			s.engine.Alone(s.ctx, func() { from, names = s.suggest(text, at) }) // busy: nothing
			return from, names
		}
		e.Explain = func(text string, at int) (about string) {
			s.engine.Alone(s.ctx, func() { about = s.explain(text, at) })
			return about
		}
		if s.console.colours {
			e.Highlight, e.Hints = highlight, true
		}
	}
}

func (s *session) openHistory() {
	path := s.History
	if _, isFile := s.In.(*os.File); isFile && s.console.file == nil {
		path = "" // nobody types
	}
	h, err := history.Open(path)
	if err != nil {
		s.warn(err)
	}
	s.history = h
}

func (s *session) remember(text string) {
	if err := s.history.Add(text); err != nil {
		s.warn(err)
	}
}

// warn reports what is wrong with the prompt itself, in one line.
func (s *session) warn(err error) {
	fmt.Fprintf(s.errors, "luaspawn: warning: %v\n", err)
}

// setGlobals sets the functions that there are at a prompt alone, unless the
// program has others of that name.
func (s *session) setGlobals() {
	L := inside.State(s.engine)
	s.own = map[*lua.LFunction]string{}
	for name, f := range map[string]lua.LGFunction{"help": s.help, "jobs": s.jobs} {
		if glua.Named(L.G.Global, name) == lua.LNil {
			function := L.NewFunction(f)
			s.own[function] = name
			glua.SetNamed(L.G.Global, name, function)
		}
	}
}

// unsetGlobals takes them away: the next prompt of the engine has its own.
func (s *session) unsetGlobals() {
	globals := inside.State(s.engine).G.Global
	for function, name := range s.own {
		if glua.Named(globals, name) == lua.LValue(function) {
			glua.SetNamed(globals, name, lua.LNil)
		}
	}
}
