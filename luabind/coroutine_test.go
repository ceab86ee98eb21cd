package luabind_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"luaspawn/luabind"
)

// A coroutine goes by the context of the run that resumes it, whichever it was
// made under.
func TestCoroutineContexts(t *testing.T) {
	background := context.Background()
	const forever = `while true do end`
	for _, resume := range []string{`coroutine.resume(co)`, `wrapped()`} {
		e := newEngine(t, luabind.Config{})
		if _, err := e.Eval(background, `
			local function body() coroutine.yield() `+forever+` end
			co = coroutine.create(body)
			wrapped = coroutine.wrap(body)
			coroutine.resume(co) wrapped()`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
		defer cancel()
		if _, err := e.Eval(ctx, resume); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want context.DeadlineExceeded", resume, err)
		}

		ended, cancel := context.WithCancel(background)
		if _, err := e.Eval(ended, `
			local function body() coroutine.yield() done = true end
			co = coroutine.create(body)
			wrapped = coroutine.wrap(body)
			coroutine.resume(co) wrapped()`); err != nil {
			t.Fatal(err)
		}
		cancel()
		if got, err := e.Eval(background, resume+` return done`); err != nil || got[0] != true {
			t.Errorf("%s under a later run: got %v, %v", resume, got, err)
		}
	}
}
