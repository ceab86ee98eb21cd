// Package luabind is an engine for Lua 5.1 scripts, made for embedding. A program
// brings its own file system, writers, Go functions and context, and a script
// reaches nothing but these.
//
//	          file system, input, output, environment, Go modules
//	                                |
//	                              Config
//	                                |
//	                               New
//	                                v
//	scripts --Run, RunFile-->  +--------+ --> error: nil, *Error, *ExitError,
//	                           |        |            or the context's
//	expressions --Eval------>  | Engine | --> []any, or Go's own types: EvalInto, Get
//	functions by name --Call-> |        | --> []any
//	                           +--------+
//	Go values --SetGlobal----------^  |
//	                                  +--Pack--> bytes --Unpack--> another Engine,
//	                                             in another process, say
//
// The least that there is:
//
//	e, err := luabind.New(luabind.Config{Stdout: os.Stdout})
//	if err != nil { ... }
//	defer e.Close()
//	err = e.Run(ctx, "hello.lua", strings.NewReader(`print "hello"`))
//
// An engine knows nothing of processes; package luabind/lib/multiprocessing brings them,
// with the one line that they need in main.
//
// # What a script can reach
//
// Its own memory, and what Config names. The zero Config has an empty file system in
// memory, no input, no output, no environment, no command, no signal and no network; what a
// script tries there is an error in Lua. RootFs gives it one directory. Scripts may
// also come from afero.NewMemMapFs(), from an embed.FS or another io/fs
// (afero.FromIOFS{FS: files}), or from a zip (afero's zipfs).
//
// A module gives a script what its Go code does. Those under luabind/lib give it no
// more than the Config allows: package socket makes sockets only as Network says, and
// a process that package multiprocessing starts may do what the script may that starts it.
// Modules of one's own find out by Engine.Config.
//
// Time is bounded by the context. Memory is not, except the size of one string (1 GiB)
// and the depth of calls (CallDepth): a script that is hostile in this way needs a
// process of its own.
//
// # Text mode
//
// With Config.TextMode scripts see files as Lua does on Windows, where that is a matter of
// the C library: in a file that is opened without "b", lines end in "\r\n", which is "\n" when it is read, and "\n" becomes
// "\r\n" when it is written; a Ctrl-Z ends what is read. Offsets of seek count what is in the file. So it is with standard
// input, output and error, print included, and with pipes to programs. It holds on
// any Config.Fs, and in the children of a script. Who runs scripts that their users also run as commands sets it where
// runtime.GOOS is "windows", as the command luaspawn does; module lfs has setmode, for scripts that write binary data
// to standard output. Sources of scripts and modules may have either end of line anyway.
//
// # Values
//
// Values cross between Go and Lua as copies:
//
//	Go                                   Lua
//	nil, nil pointer, map, slice, func   nil
//	bool                                 boolean
//	integers, floats                     number
//	time.Duration                        number, in seconds
//	time.Time                            number, in seconds since 1970, as os.time has it
//	string, []byte                       string
//	encoding.TextMarshaler               string, what it says
//	slice, array                         table with keys 1..n
//	map                                  table
//	struct, pointer to struct            table of the exported fields, by their names
//	                                     or tags: `lua:"name"`; "-" leaves a field out
//	func                                 function, see SetGlobal
//	error                                userdata with a __tostring
//	lua.LValue                           itself
//
// A struct has its embedded structs' fields as its own, as in Go. Methods don't
// cross: a method that scripts shall call is a func, map[string]any{"stop": job.Stop}.
// A struct without exported fields, such as a lock, can't cross; nor can a channel.
// The error is a *ConvertError, which names the path to the value.
//
// From Lua to Go, where nothing says which type is wanted: float64, string, bool, []any for
// tables whose keys are 1..n, n > 0, map[any]any for other ones, Func for
// functions, and for userdata its Value. Where a parameter of a Go function, Get
// or EvalInto says it, any of the left column that fits; strings that read as numbers are numbers
// there, as in Lua. What refers to itself does so on the other side too;
// depth is limited by memory alone.
//
// # Contexts and goroutines
//
// The context of a call ends it, whatever the script does: computing, pcall or a
// coroutine around it, matching a pattern, sorting, compiling, reading, waiting for
// a command or a child. The error is the context's for errors.Is, the commands and
// children of the call have ended, and the engine can be used again.
//
// An engine is used by one goroutine at a time, any one; several engines run side by
// side. A second goroutine gets ErrBusy. A Go function that a script has called may
// call the engine only with the context that it was given, one call at a time, and before
// it returns; else it gets ErrBusy too.
//
// # Errors
//
// What a script raises and doesn't catch is an *Error: message, traceback, the Lua
// value, and, by Unwrap, the Go error that a Go function had returned. os.exit is an
// *ExitError and never ends the program. A panic of a Go function is an error in Lua,
// whose text names the function and whose traceback has the calls in Go.
// ErrClosed, ErrBusy, *ConfigError, *ConvertError and *SendError are the errors of the
// engine itself, and those of the file system are found by errors.Is.
//
// # gopher-lua
//
// State is the way out to all that is not here: values made by it may be passed to Do
// and SetGlobal, and Go modules are usually written with it. What blocks there takes
// Context. Functions are loaded by Load, not by the state, so that they can travel, and
// called by Do: the state's own protected calls break upvalues of functions
// that run, and let os.exit and the end of a context be caught.
//
// gopher-lua's RawGet, RawGetInt and GetTable see only the list without holes at the
// beginning of a table, and what a script sets close behind it, not items further on, such
// as t[1000000] where there are few. RawGet and RawSet of this package, and the table's
// Next and ForEach, see all of a table that a script has made.
//
// # What travels
//
// Pack copies what its roots can reach: tables with their metatables, their
// order and their cycles, functions with upvalues (shared where they were
// shared) and environment, and the globals that the code of these functions
// names. Code that can reach any global by a name made at run time (through _G,
// getfenv, setfenv, load, loadstring, loadfile, dofile, module, package or debug)
// takes all of them.
//
// What New has put into the engine travels by name, and what a module on demand holds
// (the other engine opens it), and a table among it with what scripts have changed there. A module that a script has required is, for
// require on the other side, the table that came with the functions.
//
// Files, coroutines and Go values that aren't Portable can't travel: Pack's error
// names the path to them. Where such a value was reached only because all
// globals were taken, it arrives as a value, and each use of it raises that error.
package luabind
