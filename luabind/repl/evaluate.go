package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/repl/internal/luatext"
	"luaspawn/luabind/repl/internal/show"
)

// evaluation is what Ctrl-C interrupts.
//
// One context serves until it is interrupted: what an evaluation leaves behind, such
// as the command of an open io.popen, goes on with the next one, and ends with it.
type evaluation struct {
	mu      sync.Mutex
	ctx     context.Context // nil: none is needed yet
	cancel  context.CancelCauseFunc
	running bool
	early   bool   // Ctrl-C came when nothing ran yet
	heldUp  string // who waited for whom when it was interrupted; see luabind.Jobs
	over    error  // why nothing may run any more; nil: it may
}

// interrupt ends the evaluation that is under way, or the next one, and says
// whether there is one. It looks first who waits there.
func (e *evaluation) interrupt(heldUp func() string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.running {
		e.early = true
		return false
	}
	e.heldUp = heldUp()
	e.cancel(luabind.ErrInterrupted)
	return true
}

// forgive forgets a Ctrl-C that has had its effect on what is read.
func (e *evaluation) forgive() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.early = false
}

// finish ends the evaluation that is under way, and all that would come.
func (e *evaluation) finish(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over == nil {
		e.over = cause
	}
	if e.cancel != nil {
		e.cancel(cause)
	}
}

// begin returns the context of an evaluation, which has the values of outer.
func (e *evaluation) begin(outer context.Context) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx == nil || e.ctx.Err() != nil {
		e.ctx, e.cancel = context.WithCancelCause(context.WithoutCancel(outer))
	}
	switch {
	case e.over != nil:
		e.cancel(e.over)
	case e.early:
		e.cancel(luabind.ErrInterrupted)
	}
	e.running, e.early, e.heldUp = true, false, ""
	return e.ctx
}

func (e *evaluation) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running, e.early = false, false
}

// protect calls do with a context that Ctrl-C ends.
func (s *session) protect(do func(context.Context) error) error {
	defer s.end()
	return do(s.begin(s.ctx))
}

// chunk is the name of what is typed, in errors.
const chunk = "stdin"

// complete says whether text needs no more lines: it can be compiled, or no line
// behind it would mend it.
func (s *session) complete(text string) bool {
	if name, rest, ok := command(text); ok {
		return name != "time" || strings.TrimSpace(rest) == "" || s.complete(rest)
	}
	if luatext.WantsMore(text) {
		return false
	}
	_, asExpression, asStatements := s.compileAs(text)
	goesOn := func(err error) bool { return err != nil && strings.HasSuffix(err.Error(), "near '<eof>'") }
	return asExpression == nil || asStatements == nil || !goesOn(asExpression) && !goesOn(asStatements)
}

// compile compiles text: an expression, with or without a = before it, or
// statements.
func (s *session) compile(text string) (*lua.LFunction, error) {
	f, _, err := s.compileAs(text)
	return f, err
}

// compileAs is compile, and says what is wrong with text as each of the two. Where it is an expression
// nothing is wrong.
func (s *session) compileAs(text string) (f *lua.LFunction, asExpression, asStatements error) {
	busy := s.engine.Alone(s.ctx, func() {
		expression := strings.TrimPrefix(strings.TrimSpace(text), "=")
		if f, asExpression = s.locals.Load(chunk, "return "+expression); asExpression != nil {
			f, asStatements = s.locals.Load(chunk, text)
		}
	})
	if busy != nil {
		return nil, busy, busy
	}
	return f, asExpression, asStatements
}

// run evaluates text. Where it is no chunk as a whole, but its lines are, as
// those of a session that was pasted, they are evaluated one after the other.
func (s *session) run(text string) error {
	if name, rest, ok := command(text); ok {
		return s.command(name, rest)
	}
	if s.leavesNot(text) {
		return nil
	}
	s.newest = strings.TrimSpace(text)
	f, err := s.compile(text)
	if err == nil {
		return s.evaluated(text, f)
	}
	pieces := s.split(text)
	if len(pieces) < 2 {
		return err
	}
	for _, piece := range pieces {
		f, err := s.compile(piece) // anew: it may name locals of those before
		if err == nil {
			err = s.evaluated(piece, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// split splits text into the shortest pieces of whole lines that can be compiled;
// nil: it can't be.
func (s *session) split(text string) []string {
	var pieces []string
	piece := ""
	for line := range strings.SplitAfterSeq(text, "\n") {
		piece += line
		if !s.complete(piece) {
			continue
		}
		if _, err := s.compile(piece); err != nil {
			return nil
		}
		if strings.TrimSpace(piece) != "" {
			pieces = append(pieces, piece)
		}
		piece = ""
	}
	if strings.TrimSpace(piece) != "" {
		return nil
	}
	return pieces
}

// evaluated is evaluate of what text was compiled to, which .save writes then.
func (s *session) evaluated(text string, f *lua.LFunction) error {
	err := s.evaluate(f)
	if err == nil {
		s.ran = append(s.ran, strings.TrimSpace(text))
	}
	return err
}

// evaluate calls f and prints what it returns. The first value becomes _.
func (s *session) evaluate(f *lua.LFunction) error {
	return s.protect(func(ctx context.Context) error {
		began := time.Now()
		values, err := inside.Do(ctx, s.engine, f, lua.MultRet)
		s.took = time.Since(began)
		if err != nil || len(values) == 0 {
			return err
		}
		if err := s.engine.Alone(ctx, func() { glua.SetNamed(inside.State(s.engine).G.Global, "_", values[0]) }); err != nil {
			return err
		}
		text := s.show(ctx, values...)
		s.console.freshLine()
		fmt.Fprintln(s.console, text)
		return nil
	})
}

// tostringLimit is how long the __tostring of the values that are printed may
// take, all of them.
const tostringLimit = time.Second

// show returns values as text, in one line if there is room.
func (s *session) show(ctx context.Context, values ...lua.LValue) string {
	ctx, cancel := context.WithTimeout(ctx, tostringLimit)
	defer cancel()
	width := 80
	if e := s.console.editor; e != nil {
		width, _ = e.Size()
	}
	shower := show.Shower{Width: width, ToString: func(v lua.LValue) (string, error) { return s.tostring(ctx, v) }}
	texts := make([]string, len(values))
	between := "\t"
	for i, v := range values {
		if about, ok := s.plainly(v); ok {
			if len(values) == 1 {
				return about
			}
			texts[i] = about
		} else {
			texts[i] = shower.Value(v)
		}
		if strings.Contains(texts[i], "\n") {
			between = "\n"
		}
	}
	text := strings.Join(texts, between)
	if s.console.colours {
		text = luatext.Colour(text, luatext.Highlight(text))
	}
	return text
}

// plainly returns what is shown of a value that the prompt itself has made: of its
// functions how they are called, of jobs() the list; ok: it is one.
func (s *session) plainly(v lua.LValue) (text string, ok bool) {
	if f, isFunction := v.(*lua.LFunction); isFunction {
		name := s.own[f]
		for _, it := range s.theManual().items {
			if name != "" && it.Path == name {
				return "function " + it.Usages[0] + ": " + it.Text, true
			}
		}
	}
	return jobsList(v)
}

// leaving are words for which people at a prompt hope that it ends then.
var leaving = []string{"exit", "exit()", "quit", "quit()"}

// leavesNot answers such a word, unless it means something, and says whether it was one.
func (s *session) leavesNot(text string) bool {
	word := strings.TrimSpace(text)
	if !slices.Contains(leaving, word) || s.named(strings.TrimSuffix(word, "()")) != nil {
		return false
	}
	fmt.Fprintln(s.console, "Ctrl-D or os.exit() leaves")
	return true
}

// tostring calls the __tostring of v.
func (s *session) tostring(ctx context.Context, v lua.LValue) (string, error) {
	f := glua.Metamethod(inside.State(s.engine), v, "__tostring")
	values, err := inside.Do(ctx, s.engine, f, 1, v)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "", fmt.Errorf("it takes longer than %v", tostringLimit)
	case err != nil:
		return "", err
	}
	text, ok := values[0].(lua.LString)
	if !ok {
		return "", fmt.Errorf("it returned a %s", values[0].Type())
	}
	return string(text), nil
}

// report prints an error, in red, with those calls of the script that led to it.
func (s *session) report(err error) {
	text := err.Error()
	failure := (*luabind.Error)(nil)
	switch {
	case errors.Is(err, luabind.ErrInterrupted):
		text = "interrupted"
		if s.console.file != nil {
			fmt.Fprintln(s.console) // the terminal has shown ^C
		}
		defer s.reportWaits()
	case errors.As(err, &failure):
		text = s.message(failure)
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.ReplaceAll(show.Escape(line), `\t`, "\t"))
	}
	text = strings.Join(lines, "\n")
	if s.console.colours && s.errors != s.Err {
		text = "\x1b[31m" + text + "\x1b[0m"
	}
	s.console.freshLine()
	fmt.Fprintln(s.errors, text)
}

// interrupt is what a Ctrl-C does while nothing is read.
func (s *session) interrupt() bool {
	return s.evaluation.interrupt(func() string {
		var waits strings.Builder
		for _, jobs := range s.engine.Jobs() {
			waits.WriteString(jobs.HeldUp())
		}
		return waits.String()
	})
}

// reportWaits prints what the evaluation that was interrupted had waited for, if it was long.
func (s *session) reportWaits() {
	s.mu.Lock()
	waits := s.heldUp
	s.mu.Unlock()
	io.WriteString(s.errors, waits)
}

// message words a failure. Where it is a table that says nothing of itself, its
// fields do.
func (s *session) message(failure *luabind.Error) string {
	message := failure.Message
	if t, ok := failure.Value.(*lua.LTable); ok && glua.Metamethod(inside.State(s.engine), t, "__tostring") == lua.LNil {
		message = "error: " + (&show.Shower{Width: 80}).Value(t)
	}
	if calls := userCalls(failure.Stack); len(calls) > 0 {
		message += "\nstack traceback:\n" + strings.Join(calls, "\n")
	}
	return message
}

// maxCalls is how many calls a traceback at the prompt shows.
const maxCalls = 10

// userCalls returns those lines of a traceback that a person at a prompt has
// written; nil: there is only what was typed last.
func userCalls(stack string) []string {
	var calls []string
	for line := range strings.Lines(stack) {
		line = strings.TrimRight(line, "\n")
		call := strings.TrimSpace(line)
		if strings.HasPrefix(call, "[C]:") || strings.HasPrefix(call, "(tail call)") || call == "stack traceback:" {
			continue
		}
		calls = append(calls, line)
	}
	if len(calls) == 1 && strings.HasSuffix(calls[0], "in main chunk") && strings.HasPrefix(calls[0], "\t"+chunk+":") {
		return nil
	}
	if len(calls) > maxCalls {
		calls = append(calls[:maxCalls-1], "\t...")
	}
	return calls
}

func highlight(text string) []luatext.Span { return luatext.Highlight(text) }

// past and never are deadlines.
var past, never = time.Unix(1, 0), time.Time{}
