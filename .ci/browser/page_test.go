// Package browser drives the pages that luaspawn --timeline writes in a real browser. It is a module
// of its own, so that the program's has none of what that takes. AXE is the path of axe-core's
// axe.min.js; SCREENSHOTS a directory for pictures to look at, where they are wanted.
package browser

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"luaspawn/luabind/lib/multiprocessing/internal/draw"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// patience is how long a browser may take for anything.
const patience = 2 * time.Minute

// browser starts one.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("there is no browser: apt-get install chromium-headless-shell")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1300, 900),
		chromedp.Flag("disable-gpu", true), chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	return ctx
}

// open opens a page, which must ask for nothing and complain of nothing, and returns when it is
// drawn.
func open(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	address := (&url.URL{Scheme: "file", Path: file}).String()
	var mu sync.Mutex
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		t.Errorf(format, args...)
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complain("exception: %s", e.ExceptionDetails.Exception.Description)
		case *runtime.EventConsoleAPICalled:
			complain("console: %v %+v", e.Type, e.Args)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; u != address && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
				complain("it asks for %s", u)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, say(network.Enable, network.EnableParams{}), chromedp.Navigate(address), until(`document.body.dataset.ready === "yes"`))
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// say says something in the browser's own protocol.
func say[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// until waits for an expression to be true.
func until(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(patience))
}

// value evaluates an expression.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// key presses a key on the chart.
func key(t *testing.T, ctx context.Context, keys ...string) {
	t.Helper()
	for _, k := range keys {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			do(t, ctx, say(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: k}))
		}
	}
}

// screenshot takes a picture, if somebody wants to look at it.
func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666); err != nil {
		t.Fatal(err)
	}
}

// axe checks the page by axe-core.
func axe(t *testing.T, ctx context.Context, when string) {
	t.Helper()
	source, err := os.ReadFile(os.Getenv("AXE"))
	if err != nil {
		t.Fatalf("AXE is to be the path of axe-core's axe.min.js: %v", err)
	}
	value[int](t, ctx, string(source)+"; 0")
	found := value[[]string](t, ctx, `axe.run(document).then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | ")))`)
	for _, f := range found {
		t.Errorf("%s: %s", when, f)
	}
}

// The page of a real run: a pool of four of whom one was killed.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	command := filepath.Join(dir, "luaspawn")
	for _, args := range [][]string{
		{"go", "build", "-C", "../..", "-o", command, "."},
		{command, "--timeline", filepath.Join(dir, "run.html"), "../../scripts/timeline.lua"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	ctx := browser(t)
	open(t, ctx, filepath.Join(dir, "run.html"))
	names := value[string](t, ctx, `rows.map(r => r.name).join(" ")`)
	for _, want := range []string{"MainProcess", "writer", "Pool-1-Worker-1", "Pool-1-Worker-2", "Pool-1-Worker-3", "Pool-1-Worker-4", "Pool-1-Worker-5"} {
		if !strings.Contains(names, want) {
			t.Errorf("no row of %s in %q", want, names)
		}
	}
	text := value[string](t, ctx, `document.body.innerText`)
	for _, want := range []string{"7 processes in", "1 ended badly", "ended by SIGKILL", "task of a pool", "Waited longest for", "The longest chain of waits", "Queue: "} { // get or put: who is the faster one waits
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q:\n%s", want, text)
		}
	}
	screenshot(t, ctx, "page")
	axe(t, ctx, "light")

	// A pointer over a bar says what it is.
	at := value[[]float64](t, ctx, `(() => {
		const row = rows.findIndex(r => r.name === "writer"), r = rows[row], box = canvas.getBoundingClientRect();
		let i = r.first;
		for (let k = r.first; k < r.first + r.count; k++) if (cols.took[k] > cols.took[i]) i = k;
		return [box.left + x(cols.from[i] + cols.took[i] / 2), box.top + rowY(row)];
	})()`)
	do(t, ctx, chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	if tip := value[string](t, ctx, `tip.hidden ? "" : tip.innerText`); !strings.Contains(tip, "writer (") || !strings.Contains(tip, "timeline.lua:18") {
		t.Errorf("hover says %q", tip)
	}
	screenshot(t, ctx, "hover")

	// By keys alone: choose, zoom, move, back to all.
	do(t, ctx, chromedp.Focus(chromedp.CSS("#chart")))
	key(t, ctx, "ArrowDown", "ArrowDown", "n")
	if detail := value[string](t, ctx, `find("detail").innerText`); !strings.Contains(detail, "writer") {
		t.Errorf("chosen: %q", detail)
	}
	wide := func() float64 { return value[float64](t, ctx, `view.to - view.from`) }
	all := wide()
	key(t, ctx, "f")
	if got := wide(); got >= all {
		t.Errorf("f has not zoomed: %v of %v", got, all)
	}
	key(t, ctx, "0", "+", "+")
	from := value[float64](t, ctx, `view.from`)
	if got := wide(); got > all*.4 {
		t.Errorf("+ has not zoomed: %v of %v", got, all)
	}
	key(t, ctx, "ArrowRight")
	if got := value[float64](t, ctx, `view.from`); got <= from {
		t.Errorf("the arrow has not moved: %v, %v", got, from)
	}
	key(t, ctx, "c", "0")
	screenshot(t, ctx, "chain")
	if got := wide(); got != all {
		t.Errorf("0 shows %v of %v", got, all)
	}

	// By the wheel, around the pointer.
	do(t, ctx, say(input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: chromedp.MouseWheel, X: at[0], Y: at[1], DeltaX: .01, DeltaY: -300}),
		until(fmt.Sprintf(`view.to - view.from < %v`, all*.9)))

	// Search: what is found is marked, the others go.
	key(t, ctx, "0", "/")
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#search"), "Worker-3"), until(`view.shown.length === 2`))
	if found := value[string](t, ctx, `find("found").innerText`); !strings.Contains(found, "1 found") {
		t.Errorf("found: %q", found)
	}
	do(t, ctx, chromedp.Focus(chromedp.CSS("#search")), say(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Escape"}), chromedp.SendKeys(chromedp.CSS("#search"), "timeline.lua:18"), until(`view.searched === "timeline.lua:18"`), chromedp.SendKeys(chromedp.CSS("#search"), "\r"))
	if detail := value[string](t, ctx, `find("detail").innerText`); !strings.Contains(detail, "timeline.lua:18") {
		t.Errorf("found: %q", detail)
	}
	screenshot(t, ctx, "search")

	do(t, ctx, say(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}), until(`view.colors.page === "#14181d"`))
	screenshot(t, ctx, "dark")
	axe(t, ctx, "dark")
}

// A million events of 4,000 processes open, and can be read.
func TestMillion(t *testing.T) {
	const processes, waits = 4000, 125
	random := rand.New(rand.NewPCG(1, 2)) // as real times, which can't be packed well
	run := &trace.Run{Wall: time.Unix(1e9, 0)}
	main := &trace.Process{Pid: 1, Number: 1, Events: []trace.Event{{Kind: trace.Begin, Aux: trace.FlagMain, Time: 1, Text: "MainProcess"}}}
	run.Processes = append(run.Processes, main)
	for i := range processes {
		pid, at := i+2, int64(i)*1e6
		name := fmt.Sprintf("worker-%d", i+1)
		main.Events = append(main.Events, trace.Event{Kind: trace.Started, Time: at + 1, A: uint32(pid), Text: name})
		p := &trace.Process{Pid: pid, Number: pid, Events: []trace.Event{{Kind: trace.Begin, Time: at + 2e5, A: 1, Text: name}}}
		for j := range waits {
			from := at + 1e6 + int64(j)*1e7 + random.Int64N(2e6)
			p.Events = append(p.Events,
				trace.Event{Kind: trace.Wait, Aux: uint16(trace.ForLock + (i+j)%6), Time: from, Object: uint64(j%9 + 1), Text: "Lock", File: "main.lua", Line: j%40 + 1},
				trace.Event{Kind: trace.Resume, Time: from + random.Int64N(7e6) + 1e4})
		}
		run.Processes = append(run.Processes, p)
	}
	file := filepath.Join(t.TempDir(), "million.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := draw.Write(f, file, run, "million.lua"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	do(t, ctx) // the browser is there
	began := time.Now()
	open(t, ctx, file)
	info, _ := os.Stat(file)
	took := time.Since(began)
	inPage := value[float64](t, ctx, `performance.getEntriesByName("drawn")[0].startTime`)
	t.Logf("1,000,000 events, %.1f MB: drawn after %v, of which %.0f ms since the browser has begun to open it", float64(info.Size())/1e6, took, inPage)
	if got := value[int](t, ctx, `data.events`); got < 1e6 {
		t.Errorf("got %d events", got)
	}
	screenshot(t, ctx, "million")
	do(t, ctx, chromedp.Focus(chromedp.CSS("#chart")))
	key(t, ctx, "Home", "Enter")
	if got := value[int](t, ctx, `(draw(), view.shown.length)`); got != processes+1 && got != 1 {
		t.Errorf("got %d rows", got)
	}
	screenshot(t, ctx, "million-folded")
	t.Logf("drawn again in %.0f ms", value[float64](t, ctx, `(() => { const t = performance.now(); draw(); return performance.now() - t; })()`))
}
