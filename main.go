// Luaspawn runs Lua scripts that start real processes. It takes what the lua
// command takes:
//
//	luaspawn [options] [script [args]]
//	luaspawn build script.lua [-o APP]
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/bundle"
	"luaspawn/luabind/lib/atexit"
	"luaspawn/luabind/lib/http"
	"luaspawn/luabind/lib/json"
	"luaspawn/luabind/lib/lfs"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/progress"
	"luaspawn/luabind/lib/signal"
	"luaspawn/luabind/lib/socket"
	"luaspawn/luabind/lib/subprocess"
	"luaspawn/luabind/lib/system"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/luabind/repl"
)

const usage = `usage: luaspawn [options] [script [args]]
  -e STAT   run a statement      -l NAME  require a module     -i  prompt after the script
  -v        print the version    --       end of options       -   run standard input
  -h, --help    --version
  --stubs DIR      write what editors want to know of the modules into DIR
  --timeline FILE  draw what all processes do: FILE.html, .json (Perfetto) or .svg
  --of RECORDING   draw what was recorded before, with --timeline, and run nothing
luaspawn build -h  says how one executable is made of a script
`

func main() {
	cfg := luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Shell:   true,
		Signals: true,
		Network: luabind.Network{TCP: true, UDP: true, Unix: true},
		Modules: modules(),
		Carried: bundle.Carried(),

		TextMode: runtime.GOOS == "windows", // as Lua there
	}
	timeline := takeTimeline()
	cfg.Environ = os.Environ()
	defer multiprocessing.SayFault()
	keepReady()
	multiprocessing.Init(cfg)
	multiprocessing.DefaultSignals()
	multiprocessing.ReapOrphans()

	o, err := parse(os.Args)
	if err != nil {
		fail(err)
	}
	if o.timeline == "" {
		o.timeline = timeline
	}
	switch {
	case o.build != nil:
		build := bundle.Command{Modules: cfg.Modules, Path: modulePath, Out: os.Stdout, Notes: os.Stderr}
		if err := build.Run(o.build); err != nil {
			fail(err)
		}
		return
	case o.help:
		fmt.Print(usage)
		return
	case o.onlyVersion:
		fmt.Print(banner())
		return
	case o.stubs != "":
		if err := writeStubs(o.stubs, cfg.Modules); err != nil {
			fail(err)
		}
		return
	case o.of != "":
		if err := drawRecording(o.timeline, o.of); err != nil {
			fail(err)
		}
		return
	case o.timeline != "":
		if err := recordRun(o.timeline, strings.Join(o.args[o.scriptAt:], " ")); err != nil {
			fail(err)
		}
	}
	multiprocessing.Expect(o.expected())
	cfg.Path = modulePath(o.script)
	if o.app {
		cfg.Path = ";" // what lies around where an app runs is none of its modules
	}
	engine, err := luabind.New(cfg)
	if err != nil {
		fail(err)
	}
	multiprocessing.ReportOnQuit(engine, func(report string) { fmt.Fprint(os.Stderr, name()+": ", report) })
	var ending *multiprocessing.Ending
	if !o.wantsPrompt() || !repl.IsTerminal(os.Stdin) { // else Ctrl-C is the prompt's
		ending = multiprocessing.EndOnSignals(engine, interrupted)
	}

	status := 0
	err = o.runAll(context.Background(), engine)
	ending.Ran(err) // where a signal has ended it, that is the end
	if exit := (*luabind.ExitError)(nil); errors.As(err, &exit) {
		status = exit.Code
	} else if err != nil {
		report(err)
		status = 1
	}
	engine.Close() // ends daemons and waits for other children
	multiprocessing.Drain()
	multiprocessing.EndRecording()
	os.Exit(status)
}

// interrupted is called at a Ctrl-C, with who waited for whom.
func interrupted(waits string) {
	fmt.Fprintln(os.Stderr, name()+": interrupted")
	if waits != "" {
		fmt.Fprint(os.Stderr, name()+": ", waits)
	}
}

// modules are those that scripts may require. All but the first four are opened on demand.
func modules() []luabind.Module {
	return slices.Concat([]luabind.Module{
		luatime.Module, multiprocessing.Module, progress.Module, socket.Module,
		signal.Module, atexit.Module, subprocess.Module, lfs.Module, json.Module, json.CJSON, json.Safe, socket.Core, socket.Unix, socket.TLS, socket.HTTPS, system.Core, system.Term,
	}, mime.Modules, http.Modules)
}

// takeTimeline returns the file that LUASPAWN_TIMELINE names, and removes the variable: what
// the script runs is no part of that run.
func takeTimeline() string {
	const name = "LUASPAWN_TIMELINE"
	file := os.Getenv(name)
	os.Unsetenv(name)
	return file
}

// recordRun lets what all processes of the run do be recorded beside file, and drawn there at
// the end. What is left of a recording whose run was killed, --of draws.
func recordRun(file, title string) error {
	if err := multiprocessing.CheckDrawing(file); err != nil {
		return err
	}
	recording := file + ".recording"
	err := multiprocessing.Record(recording, func() {
		if err := multiprocessing.Draw(file, recording, title); err != nil {
			report(fmt.Errorf("%w (%s is left: luaspawn --timeline FILE --of it draws it elsewhere)", err, recording))
			return
		}
		os.Remove(recording)
	})
	if err != nil {
		return fmt.Errorf("cannot record timeline: %w", err)
	}
	return nil
}

// drawRecording draws what was recorded.
func drawRecording(file, recording string) error {
	if file == "" {
		return errors.New("'--of' needs --timeline FILE, which is to be drawn (luaspawn -h lists the options)")
	}
	return multiprocessing.Draw(file, recording, recording)
}

// keepReady lets the environment say how many children are kept ready at most:
// LUASPAWN_READY=0 turns that off.
func keepReady() {
	if n, err := strconv.Atoi(os.Getenv("LUASPAWN_READY")); err == nil {
		multiprocessing.KeepReady(n)
	}
}

func fail(err error) {
	report(err)
	os.Exit(1)
}

// report prints an error, with its traceback if it came from a script, and nothing where that
// raised nil.
func report(err error) {
	message := err.Error()
	if e := (*luabind.Error)(nil); errors.As(err, &e) {
		if e.Value == lua.LNil { // error(), with which a script ends as one that has failed: lua too says nothing
			return
		}
		message = e.Traceback()
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", name(), message)
}

// name is what this program is called in what it says of itself.
func name() string {
	if bundle.Attached() && len(os.Args) > 0 {
		return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	}
	return "luaspawn"
}

// options is a parsed command line.
type options struct {
	help, version, prompt bool
	onlyVersion           bool     // --version
	app                   bool     // what runs is the script that this program carries
	build                 []string // the arguments of build; nil: that isn't asked for
	steps                 []step   // -e and -l, in their order
	stubs                 string   // where --stubs writes; "": nowhere
	timeline, of          string   // what --timeline draws, and of what; "": nothing, of the run
	script                string   // "-" is standard input
	scriptAt              int      // its index in args; their number: there is no script
	args                  []string // the whole command line
}

type step struct {
	option byte // 'e' or 'l'
	text   string
}

func parse(args []string) (*options, error) {
	o := &options{args: args, scriptAt: len(args)}
	if bundle.Attached() {
		o.app, o.scriptAt = true, 0
		return o, nil
	}
	if len(args) > 1 && args[1] == "build" {
		o.build = args[2:]
		return o, nil
	}
	i := 1
	for ; i < len(args) && strings.HasPrefix(args[i], "-") && args[i] != "-"; i++ {
		switch a := args[i]; {
		case a == "--":
			i++
			return o.setScript(i), nil
		case a == "-h", a == "--help":
			o.help = true
		case a == "--version":
			o.onlyVersion = true
		case a == "--stubs":
			if i++; i == len(args) || args[i] == "" {
				return nil, errors.New("'--stubs' needs a directory (luaspawn -h lists the options)")
			}
			o.stubs = args[i]
		case a == "--timeline", a == "--of":
			if i++; i == len(args) || args[i] == "" {
				return nil, fmt.Errorf("'%s' needs a file (luaspawn -h lists the options)", a)
			}
			if a == "--of" {
				o.of = args[i]
			} else {
				o.timeline = args[i]
			}
		case a == "-v":
			o.version = true
		case a == "-i":
			o.prompt = true
		case a[1] == 'e' || a[1] == 'l':
			text := a[2:]
			if text == "" {
				if i++; i == len(args) {
					return nil, fmt.Errorf("'%s' needs an argument (luaspawn -h lists the options)", a)
				}
				text = args[i]
			}
			o.steps = append(o.steps, step{a[1], text})
		default:
			return nil, fmt.Errorf("unrecognized option '%s' (luaspawn -h lists the options)", a)
		}
	}
	return o.setScript(i), nil
}

// writeStubs writes the manuals of the modules as files into dir, for editors with
// the Lua language server. It replaces stubs alone: no file of anybody else's.
func writeStubs(dir string, modules []luabind.Module) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("cannot write stubs: %w", err)
	}
	modules = slices.DeleteFunc(slices.Clone(modules), func(m luabind.Module) bool { return m.Manual == "" })
	name := func(m luabind.Module) string { return filepath.Join(dir, m.Name+".lua") }
	for _, m := range modules {
		switch old, err := os.ReadFile(name(m)); {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return fmt.Errorf("cannot write stubs: %w", err)
		case !strings.HasPrefix(string(old), "---@meta "+m.Name+"\n"):
			return fmt.Errorf("cannot write stubs: %s is there already and is no stub", name(m))
		}
	}
	for _, m := range modules {
		if err := os.WriteFile(name(m), []byte(m.Manual), 0o666); err != nil {
			return fmt.Errorf("cannot write stubs: %w", err)
		}
		fmt.Println(name(m))
	}
	fmt.Printf(`For editors with the Lua language server, in .luarc.json of the project:
{"runtime.version": "Lua 5.1", "workspace.library": [%q]}
`, filepath.ToSlash(dir))
	return nil
}

func (o *options) setScript(i int) *options {
	if i < len(o.args) {
		o.script, o.scriptAt = o.args[i], i
	}
	return o
}

// named says whether a script is: by an empty name too, which no file has.
func (o *options) named() bool { return !o.app && o.scriptAt < len(o.args) }

// idle says whether nothing is to be run but standard input.
func (o *options) idle() bool { return !o.named() && !o.app && len(o.steps) == 0 && !o.version }

func (o *options) wantsPrompt() bool { return o.prompt || o.idle() && repl.IsTerminal(os.Stdin) }

// runAll runs what LUA_INIT and the command line ask for.
func (o *options) runAll(ctx context.Context, engine *luabind.Engine) error {
	if o.app {
		return o.runApp(ctx, engine)
	}
	if err := runInit(ctx, engine); err != nil {
		return err
	}
	if o.version {
		fmt.Print(banner())
	}
	if o.wantsPrompt() {
		return o.runPrompt(ctx, engine)
	}
	return o.run(ctx, engine)
}

// runApp runs the script that this program carries.
func (o *options) runApp(ctx context.Context, engine *luabind.Engine) error {
	b, err := bundle.Open()
	if err != nil {
		return err
	}
	if err := o.setArg(engine); err != nil {
		return err
	}
	return engine.Run(ctx, b.Script.Name, strings.NewReader(b.Script.Source), o.scriptArgs()...)
}

// runInit runs LUA_INIT, or the file that it names after "@". Only the command does: a
// child begins with what it was given.
func runInit(ctx context.Context, engine *luabind.Engine) error {
	text := os.Getenv("LUA_INIT")
	if file, ok := strings.CutPrefix(text, "@"); ok {
		return engine.RunFile(ctx, file)
	}
	if text == "" {
		return nil
	}
	return engine.Run(ctx, "=LUA_INIT", strings.NewReader(text))
}

// run runs what the command line asks for, without a prompt.
func (o *options) run(ctx context.Context, engine *luabind.Engine) error {
	for _, s := range o.steps {
		source := s.text
		if s.option == 'l' {
			source = "require " + quoted(s.text)
		}
		if err := engine.Run(ctx, "=(command line)", strings.NewReader(source)); err != nil {
			return err
		}
	}
	if o.named() { // what -e and -l run sees none, as in Lua's own
		if err := o.setArg(engine); err != nil {
			return err
		}
	}
	switch {
	case o.script == "-" || o.idle() && !o.wantsPrompt():
		return engine.Run(ctx, "=stdin", os.Stdin, o.scriptArgs()...)
	case o.named():
		return engine.RunFile(ctx, o.script, o.scriptArgs()...)
	}
	return nil
}

// quoted returns a string as a source of Lua has it, which knows fewer escapes than Go's.
func quoted(s string) string {
	text := []byte{'"'}
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			text = fmt.Appendf(text, `\%03d`, c)
			continue
		}
		text = append(text, c)
	}
	return string(append(text, '"'))
}

// runPrompt is run, and a prompt after it.
func (o *options) runPrompt(ctx context.Context, engine *luabind.Engine) error {
	p := repl.Prompt{
		Engine:  engine,
		In:      os.Stdin,
		Out:     os.Stdout,
		Err:     os.Stderr,
		Banner:  fmt.Sprintf("luaspawn %s, Lua 5.1; help() says what there is, Ctrl-D leaves", version()),
		History: historyFile(),
		First:   func(ctx context.Context) error { return o.run(ctx, engine) },
		End:     func(s os.Signal) { multiprocessing.End(ctx, engine, s) },
	}
	return p.Run(ctx)
}

// historyFile is where the prompt keeps what was typed, by the XDG Base Directory
// Specification; empty: there is no place for it.
func historyFile() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "luaspawn", "history")
}

// expected is how many processes the script is about to start, as far as its text tells:
// two, and no more than there are processors, where it calls Pool of multiprocessing. They
// come up while it is compiled then.
func (o *options) expected() int {
	text := o.text()
	if !bytes.Contains(text, []byte("multiprocessing")) || !callsPool(text) {
		return 0
	}
	return min(2, runtime.NumCPU())
}

// text returns what the script is, as far as that is known without reading a pipe or a lot; nil: it isn't.
func (o *options) text() []byte {
	if o.app {
		if b, err := bundle.Open(); err == nil { // else runApp says so
			return []byte(b.Script.Source)
		}
		return nil
	}
	info, err := os.Stat(o.script)
	if o.script == "-" || err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil
	}
	text, _ := os.ReadFile(o.script)
	return text
}

// callsPool says whether Pool( or Pool{ is in text.
func callsPool(text []byte) bool {
	return bytes.Contains(text, []byte("Pool(")) || bytes.Contains(text, []byte("Pool{"))
}

func (o *options) scriptArgs() []string {
	return o.args[min(o.scriptAt+1, len(o.args)):]
}

// setArg sets the global arg: the script at 0, its arguments after it, what
// stood before it at negative indices.
func (o *options) setArg(engine *luabind.Engine) error {
	arg := map[int]string{}
	for i, a := range o.args {
		arg[i-o.scriptAt] = a
	}
	return engine.SetGlobal("arg", arg)
}

// modulePath is where require looks, as luabind.Config has it: LUA_PATH, in which
// ;; stands for the default, or the default.
func modulePath(script string) string {
	var templates []string
	dirs := []string{"."}
	if dir := filepath.Dir(script); script != "" && script != "-" && dir != "." {
		dirs = []string{dir, "."}
	}
	if home, err := os.UserHomeDir(); err == nil { // where LuaRocks puts what a user installs
		dirs = append(dirs, filepath.Join(home, ".luarocks/share/lua/5.1"))
	}
	for _, dir := range append(dirs, "/usr/local/share/lua/5.1", "/usr/share/lua/5.1") {
		dir = filepath.ToSlash(dir)
		templates = append(templates, dir+"/?.lua", dir+"/?/init.lua")
	}
	standard := strings.Join(templates, ";")
	path, ok := os.LookupEnv("LUA_PATH")
	if !ok {
		return standard
	}
	path = strings.Trim(strings.ReplaceAll(path, ";;", ";"+standard+";"), ";")
	if path == "" {
		return ";" // as empty as LUA_PATH
	}
	return path
}

func banner() string { return fmt.Sprintf("luaspawn %s, Lua 5.1\n", version()) }

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}
