package multiprocessing

// Manual says what scripts see, in the form of luabind.Manual. Names and rules are
// those of Python's multiprocessing, classes those of the middleclass library.
const Manual = `# multiprocessing
p = Process{target = f, args = {...}, kwargs = {...}, name = "...", daemon = false}
    a process that will call f with args, and with the table kwargs after them; all may be left out
p:start()
    starts the process, once: target, arguments and all that they reach go there as copies
p:run()
    what the process does; called here, it runs here; classes define their own
p:join([timeout])
    waits until it has ended, timeout seconds at most, and all it printed is there
p:terminate()
p:kill()
p:interrupt()
    sends SIGTERM, SIGKILL, SIGINT; no effect once it has ended
p:is_alive()
    whether it runs
p:close()
    forgets one that has ended; nothing else works on it then
p.name
    its name, Process-1 if it was given none
p.daemon
    true: it ends with the process that has started it; set before the start
p.pid
p.ident
    its number, nil before the start
p.exitcode
    nil until it ends; then 0, the code of os.exit, 1 after an error, -N after signal N
p.authkey
    32 random bytes, handed down to children
p.sentinel
    a number that multiprocessing.wait takes
Process:subclass(name)
    a class of one's own: C = Process:subclass("C"), function C:run() ... end, c = C(), c:start()
Process.initialize(self [, keywords])
    comes first in the initialize method of a class; sets self.name
Process.sleep(seconds)
    the same as time.sleep
multiprocessing.current_process()
    the Process of this process
multiprocessing.parent_process()
    nil in the main process, else an object with name, pid, sentinel, is_alive and join
multiprocessing.active_children()
    a list of the children that have not ended
multiprocessing.cpu_count()
    how many processors this process may use
multiprocessing.wait(list [, timeout])
    those of list (processes or sentinels) that have ended, as soon as there is one or timeout seconds are over
os.getpid()
os.getppid()
    the number of this process, of its parent
__name__
    "__main__" in the script that was started, "__mp_main__" in its children
`
