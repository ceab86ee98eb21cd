package time_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/luabind/luatest"
)

func config() luabind.Config {
	return luabind.Config{Fs: afero.NewOsFs(), Modules: []luabind.Module{luatime.Module}}
}

func TestLua(t *testing.T) {
	luatest.Run(t, config(), "testdata/*.lua")
}

// start runs source with ctx; its end comes on the channel.
func start(t *testing.T, ctx context.Context, source string, stdout io.Writer) <-chan error {
	t.Helper()
	cfg := config()
	cfg.Stdout = stdout
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		err := e.Run(ctx, "script.lua", strings.NewReader(source))
		e.Close()
		ended <- err
	}()
	return ended
}

// await is the end of what start began; it comes soon.
func await(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		t.Fatal("still asleep")
		return nil
	}
}

// A marker is a writer that says when something was written to it.
type marker chan struct{}

func (m marker) Write(p []byte) (int, error) {
	m <- struct{}{}
	return len(p), nil
}

// The end of the context ends a sleep, however long, and no pcall keeps the script from ending with it.
func TestSleepEndsWithContext(t *testing.T) {
	for _, sleep := range []string{
		`time.sleep(1000)`,
		`time.sleep(1/0)`,
		`time.sleep(1e300)`,
		`while true do pcall(time.sleep, 1000) end`,
		`coroutine.wrap(function() time.sleep(1000) end)()`,
	} {
		t.Run(sleep, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			printed := make(marker)
			ended := start(t, ctx, `local time = require "time" print("ready") `+sleep, printed)
			select {
			case <-printed:
			case err := <-ended:
				t.Fatalf("ended before it slept: %v", err)
			}
			cancel()
			if err := await(t, ended); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		})
	}
}

func TestSleepEndsAtDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := await(t, start(t, ctx, `require("time").sleep(1000)`, io.Discard))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

// time.time() is the system's clock.
func TestTime(t *testing.T) {
	var out bytes.Buffer
	before := time.Now()
	if err := await(t, start(t, t.Context(), `
		local now = require("time").time()
		print(math.floor(now))
		print(math.floor((now - math.floor(now)) * 1e6))
	`, &out)); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	seconds, micros, ok := strings.Cut(strings.TrimSpace(out.String()), "\n")
	s, err1 := time.ParseDuration(seconds + "s")
	us, err2 := time.ParseDuration(micros + "us")
	got := time.Unix(0, 0).Add(s + us)
	if !ok || err1 != nil || err2 != nil || got.Before(before.Add(-time.Millisecond)) || got.After(after.Add(time.Millisecond)) {
		t.Errorf("got %v, want between %v and %v", got, before, after)
	}
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]time.Duration{
		0:            0,
		1.5:          1500 * time.Millisecond,
		1e-9:         1,
		9223372036:   9223372036 * time.Second,
		9223372036.9: math.MaxInt64,
		1e300:        math.MaxInt64,
		math.Inf(1):  math.MaxInt64,
	} {
		if got := luatime.Duration(seconds); got != want {
			t.Errorf("Duration(%v): got %v, want %v", seconds, got, want)
		}
	}
}
