// Package repl reads Lua from a person, evaluates it and prints the results.
package repl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/term"

	"luaspawn/luabind"
)

// Run reads from in, line by line, until its end or os.exit, which is returned
// as *luabind.ExitError. An input that is not complete goes on on the next line.
// An expression prints its values; an error is printed to errOut, and the
// session goes on.
func Run(ctx context.Context, e *luabind.Engine, in io.Reader, out, errOut io.Writer) error {
	lines := bufio.NewReader(in)
	for {
		f, err := read(e, lines, out)
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(out)
			return nil
		}
		if err == nil {
			err = evaluate(ctx, e, f)
		}
		if exit := (*luabind.ExitError)(nil); errors.As(err, &exit) {
			return err
		} else if failure := (*luabind.Error)(nil); errors.As(err, &failure) {
			fmt.Fprintln(errOut, failure.Traceback())
		} else if err != nil {
			return err
		}
	}
}

// read reads one complete input and compiles it. At the end of in it returns
// io.EOF.
func read(e *luabind.Engine, in *bufio.Reader, out io.Writer) (*lua.LFunction, error) {
	input := ""
	for prompt := "> "; ; prompt = ">> " {
		fmt.Fprint(out, prompt)
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			return nil, err
		}
		input += line
		expression := strings.TrimPrefix(strings.TrimSpace(input), "=")
		if f, err := e.Load("stdin", "return "+expression); err == nil {
			return f, nil
		}
		f, err := e.Load("stdin", input)
		if err == nil || !strings.HasSuffix(err.Error(), "near '<eof>'") {
			return f, err
		}
	}
}

func evaluate(ctx context.Context, e *luabind.Engine, f *lua.LFunction) error {
	values, err := e.Do(ctx, f, lua.MultRet)
	if err != nil || len(values) == 0 {
		return err
	}
	_, err = e.Do(ctx, e.State().GetGlobal("print"), 0, values...)
	return err
}

// IsTerminal says whether a person may be sitting at f.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
