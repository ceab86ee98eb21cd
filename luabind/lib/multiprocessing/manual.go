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
    those of list (processes, sentinels, futures) that have ended, as soon as there is one or timeout seconds are over
os.getpid()
os.getppid()
    the number of this process, of its parent
__name__
    "__main__" in the script that was started, "__mp_main__" in its children
# multiprocessing: to take turns and to share
lock = multiprocessing.Lock()
lock = multiprocessing.RLock()
    one holder at a time; that of an RLock may take it again
lock:acquire([block [, timeout]])
    true, false if it can't be had in time, or true, "abandoned" if its holder was killed
lock:release()
lock:locked()
    gives it back; whether somebody holds it
lock:hold(f, ...)
    calls f with the lock held and returns what it returns; released after an error too
semaphore = multiprocessing.Semaphore([n])
semaphore = multiprocessing.BoundedSemaphore([n])
    n holders at a time; acquire, release and hold as those of a lock; bounded: no more than n are released
semaphore:get_value()
    how many may still acquire it
event = multiprocessing.Event()
event:set()
event:clear()
event:is_set()
event:wait([timeout])
    wait returns true when it is set, false when timeout seconds are over before
condition = multiprocessing.Condition([lock])
condition:wait([timeout])
condition:wait_for(f [, timeout])
condition:notify([n])
condition:notify_all()
    waits, with the lock given back meanwhile, until others notify; acquire, release and hold as those of a lock
barrier = multiprocessing.Barrier(parties [, action [, timeout]])
barrier:wait([timeout])
barrier:reset()
barrier:abort()
    wait returns when as many as parties wait; the fields are parties, n_waiting and broken
q = multiprocessing.Queue([maxsize])
q = multiprocessing.JoinableQueue([maxsize])
q = multiprocessing.SimpleQueue()
    a queue that any number of processes put values into and get them from; the simple one has put, get, empty and close
q:put(v [, block [, timeout]])
q:get([block [, timeout]])
    waits while it is full, or empty; block false, or timeout seconds over: an error
q:put_nowait(v)
q:get_nowait()
    the same without waiting
q:qsize()
q:empty()
q:full()
    how it is at the moment
q:close()
    this process is done with it
q:task_done()
q:join()
    of a JoinableQueue: what was got is done; waits until all is
multiprocessing.Pipe([duplex])
    two connections, the ends of a pipe; duplex false: the first only receives, the second only sends
listener = multiprocessing.Listener{address=, family=, backlog=, authkey=}
    takes connections; all may be left out; fields address and last_accepted
listener:accept()
listener:close()
listener:fileno()
    the next connection; no more of them; its descriptor
connection = multiprocessing.Client{address=, family=, authkey=}
    a connection to a Listener
connection:send(v)
connection:recv()
    a value; to and from Python: nil, booleans, numbers, strings, and lists and dicts of them
connection:send_bytes(s [, offset [, size]])
connection:recv_bytes([max])
    a string, as Python's send_bytes and recv_bytes have it
connection:poll([timeout])
    whether there is something to receive; only looks, or waits timeout seconds at most, nil for ever
connection:fileno()
connection:close()
    its descriptor; closes it; fields closed, readable and writable
v = multiprocessing.Value(type [, value])
a = multiprocessing.Array(type, n or list)
    a number, n numbers that processes share: v.value, a[i], #a
v:get_lock()
v:hold(f, ...)
    the lock of a Value or an Array; calls f with it held
pool = multiprocessing.Pool([n])
pool = multiprocessing.Pool{processes=, initializer=, initargs=, maxtasksperchild=, timeout=, retries=, name=}
    n workers, processes that are kept for tasks; as many as cpu_count() says if left out; fields name and processes
pool:map(f, items [, options])
pool:starmap(f, items [, options])
    the list of f(item), in order; items are a list, or a function that is called until it returns nil; options are the
    chunksize, or {chunksize=, timeout=, progress=}; starmap's items are lists of arguments
pool:imap(f, items [, options])
pool:imap_unordered(f, items [, options])
    for i, result in pool:imap(f, items): results as they come, in the order of the items, or as they are done
pool:apply(f [, args [, kwargs]])
    f(args...), run in a worker; returns all its results
pool:submit(f, ...)
pool:apply_async(f [, args [, kwargs [, callback [, error_callback]]]])
pool:map_async(f, items [, options [, callback [, error_callback]]])
pool:starmap_async(f, items [, options [, callback [, error_callback]]])
    a Future of it, at once; callbacks run while the script waits for something
pool:close()
pool:terminate()
pool:join()
    no more tasks; ends the workers now; waits until they have ended
pool:hold(f, ...)
    calls f(pool, ...), then closes and joins, and returns what f returns; after an error terminates
pool:workers()
    a list of {name=, pid=, tasks=, running={index=, seconds=}}
future = pool:submit(f, ...)
future:get([timeout])
future:result([timeout])
    the results, as soon as they are there; raises the task's error: a TaskError has message, value, traceback, index and worker
future:wait([timeout])
    waits, and says whether it is done
future:ready()
future:done()
future:running()
future:successful()
future:cancelled()
    how it is at the moment
future:exception([timeout])
    the error, or nil
future:cancel()
    true if it had not begun; it won't then
future:add_done_callback(f)
    calls f(future) when it is done
multiprocessing.as_completed(futures [, timeout])
    for future in multiprocessing.as_completed(list): as they get done
`
