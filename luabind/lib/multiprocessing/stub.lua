---@meta multiprocessing
---Names and rules are those of Python's multiprocessing. A timeout is in seconds: nil waits for ever, 0 or less only looks.

---@class multiprocessing
local multiprocessing = {}

---the keywords of Process, all of which may be left out
---@class multiprocessing.ProcessKeywords
---@field target? function # called in the child; nil: it does nothing
---@field args? any[] # its arguments, from 1 to the field n or to the last one
---@field kwargs? table # follows them as one last argument
---@field name? string # Process-1, Process-2 and so on if left out
---@field daemon? boolean # true: it ends with the process that has started it; as that process if left out
---@field stdout? "pipe" # what it prints can be read from its field stdout
---@field stderr? "pipe" # the same for its errors
---@field group? nil # only for Python's sake

---a process that will call target with args; a class of the middleclass library's shape
---@class Process
---@field name string # its name, Process-1 if it was given none
---@field daemon boolean # true: it ends with the process that has started it; set before the start
---@field stdout? FILE* # what it prints, to be read, where it was made with stdout = "pipe" and has started
---@field stderr? FILE* # the same for its errors
---@field pid? integer # its number, nil before the start
---@field ident? integer # the same as pid
---@field exitcode? integer # nil until it ends; then 0, the code of os.exit, 1 after an error, -N after signal N
---@field authkey string # 32 random bytes, handed down to children
---@field sentinel integer # a number that multiprocessing.wait takes; an error before the start
---@field class table # its class, Process or a subclass
---@field super? table # of a class: what it inherits from
---@field static table # of a class: what belongs to it and not to its objects
---@overload fun(keywords: multiprocessing.ProcessKeywords): Process
Process = {}

---starts the process, once: target, arguments and all that they reach go there as copies
function Process:start() end

---what the process does; called here, it runs here; classes define their own
function Process:run() end

---waits until it has ended, timeout seconds at most, and all it printed is there
---@param timeout? number
function Process:join(timeout) end

---sends SIGTERM; no effect once it has ended
function Process:terminate() end

---sends SIGKILL; no effect once it has ended
function Process:kill() end

---sends SIGINT; no effect once it has ended
function Process:interrupt() end

---whether it runs
---@return boolean
function Process:is_alive() end

---forgets one that has ended; nothing else works on it then
function Process:close() end

---whether it is an object of that class, or of a subclass
---@param class table
---@return boolean
function Process:isInstanceOf(class) end

---comes first in the initialize method of a class; sets self.name
---@param keywords? multiprocessing.ProcessKeywords
function Process:initialize(keywords) end

---the same as time.sleep
---@param seconds number # any number >= 0
function Process.sleep(seconds) end

---a class of one's own: C = Process:subclass("C"), function C:run() ... end, c = C(), c:start()
---@param name string
---@return Process
function Process:subclass(name) end

---called with each new subclass of a class
---@param class table
function Process:subclassed(class) end

---an object of the class; the same as to call the class
---@param ... any
---@return Process
function Process:new(...) end

---an object of the class that initialize has not been called for
---@return Process
function Process:allocate() end

---takes what the tables have over into a class
---@param ... table
---@return Process
function Process:include(...) end

---whether a class inherits from another
---@param class table
---@return boolean
function Process:isSubclassOf(class) end

multiprocessing.Process = Process

---what a child knows of the process that has started it
---@class multiprocessing.Parent
---@field name string # its name
---@field pid integer # its number
---@field sentinel integer # a number that multiprocessing.wait takes
local Parent = {}

---whether it runs
---@return boolean
function Parent:is_alive() end

---waits until it has ended, timeout seconds at most
---@param timeout? number
function Parent:join(timeout) end

---the Process of this process
---@return Process
function multiprocessing.current_process() end

---the process that has started this one; nil in the main process
---@return multiprocessing.Parent?
function multiprocessing.parent_process() end

---the children that have not ended
---@return Process[]
function multiprocessing.active_children() end

---how many processors this process may use
---@return integer
function multiprocessing.cpu_count() end

---those of list that have ended or can be read from, as soon as there is one or timeout seconds are over
---@param list any[] # processes, sentinels, futures, connections, listeners, sockets
---@param timeout? number
---@return any[]
function multiprocessing.wait(list, timeout) end

---what can be held, by one or by several processes at a time
---@class multiprocessing.Holdable
local Holdable = {}

---true; false if it can't be had in time; true, "abandoned" if its holder was killed
---@param block? boolean # false: only looks
---@param timeout? number
---@return boolean
---@return string?
function Holdable:acquire(block, timeout) end

---gives it back
function Holdable:release() end

---whether nobody else can have it now
---@return boolean
function Holdable:locked() end

---calls f with it held and returns what f returns; released after an error too
---@param f function
---@param ... any
---@return any
function Holdable:hold(f, ...) end

---@class multiprocessing.Lock: multiprocessing.Holdable
local Lock = {}

---one holder at a time
---@return multiprocessing.Lock
function multiprocessing.Lock() end

---@class multiprocessing.RLock: multiprocessing.Holdable
local RLock = {}

---one holder at a time, which may take it again
---@return multiprocessing.RLock
function multiprocessing.RLock() end

---@class multiprocessing.Semaphore: multiprocessing.Holdable
local Semaphore = {}

---how many may still acquire it
---@return integer
function Semaphore:get_value() end

---n holders at a time
---@param n? integer # 1 if left out
---@return multiprocessing.Semaphore
function multiprocessing.Semaphore(n) end

---@class multiprocessing.BoundedSemaphore: multiprocessing.Semaphore
local BoundedSemaphore = {}

---n holders at a time, and no more than n are released: a ValueError
---@param n? integer # 1 if left out
---@return multiprocessing.BoundedSemaphore
function multiprocessing.BoundedSemaphore(n) end

---@class multiprocessing.Event
local Event = {}

---lets all go on who wait
function Event:set() end

---lets them wait from now on
function Event:clear() end

---whether it is set
---@return boolean
function Event:is_set() end

---true when it is set, false when timeout seconds are over before
---@param timeout? number
---@return boolean
function Event:wait(timeout) end

---something that happens, and that processes wait for
---@return multiprocessing.Event
function multiprocessing.Event() end

---@class multiprocessing.Condition: multiprocessing.Holdable
local Condition = {}

---waits, with the lock given back meanwhile, until others notify; false after timeout seconds; then "abandoned" if the lock's holder was killed
---@param timeout? number
---@return boolean
---@return string?
function Condition:wait(timeout) end

---waits until f returns something true, and returns that, or the last it returned when timeout seconds are over
---@param f function
---@param timeout? number
---@return any
function Condition:wait_for(f, timeout) end

---lets n go on who wait
---@param n? integer # 1 if left out
function Condition:notify(n) end

---lets all go on who wait
function Condition:notify_all() end

---a lock together with a way to wait for what others do under it
---@param lock? multiprocessing.Lock|multiprocessing.RLock # an RLock of its own if left out
---@return multiprocessing.Condition
function multiprocessing.Condition(lock) end

---@class multiprocessing.Barrier
---@field parties integer # how many wait for each other
---@field n_waiting integer # how many wait now
---@field broken boolean # whether wait is an error
local Barrier = {}

---returns when as many as parties wait, to each another number from 0; a BrokenBarrierError if that takes too long
---@param timeout? number
---@return integer
function Barrier:wait(timeout) end

---makes it as new; who waits gets a BrokenBarrierError
function Barrier:reset() end

---breaks it
function Barrier:abort() end

---where so many processes wait for each other
---@param parties integer
---@param action? function # called by one of them before all go on
---@param timeout? number # of wait, if it is given none
---@return multiprocessing.Barrier
function multiprocessing.Barrier(parties, action, timeout) end

---@class multiprocessing.Queue
local Queue = {}

---puts a value in, and waits while the queue is full
---@param v any
---@param block? boolean # false: an error of class Full at once
---@param timeout? number # an error of class Full after so many seconds
function Queue:put(v, block, timeout) end

---takes a value out, and waits while the queue is empty
---@param block? boolean # false: an error of class Empty at once
---@param timeout? number # an error of class Empty after so many seconds
---@return any
function Queue:get(block, timeout) end

---put without waiting
---@param v any
function Queue:put_nowait(v) end

---get without waiting
---@return any
function Queue:get_nowait() end

---how many values are in it at the moment
---@return integer
function Queue:qsize() end

---whether it is empty at the moment
---@return boolean
function Queue:empty() end

---whether it is full at the moment
---@return boolean
function Queue:full() end

---this process is done with it
function Queue:close() end

---nothing: what was put is in the queue
function Queue:join_thread() end

---nothing: what was put is in the queue
function Queue:cancel_join_thread() end

---a queue that any number of processes put values into and get them from
---@param maxsize? integer # how many values fit; none, or 0 or less: any number
---@return multiprocessing.Queue
function multiprocessing.Queue(maxsize) end

---@class multiprocessing.JoinableQueue: multiprocessing.Queue
local JoinableQueue = {}

---says that a value which was got is done
function JoinableQueue:task_done() end

---waits until all is done that was put
function JoinableQueue:join() end

---a Queue that knows what is done
---@param maxsize? integer # how many values fit; none, or 0 or less: any number
---@return multiprocessing.JoinableQueue
function multiprocessing.JoinableQueue(maxsize) end

---@class multiprocessing.SimpleQueue
local SimpleQueue = {}

---puts a value in
---@param v any
function SimpleQueue:put(v) end

---takes a value out, and waits while the queue is empty
---@return any
function SimpleQueue:get() end

---whether it is empty at the moment
---@return boolean
function SimpleQueue:empty() end

---this process is done with it
function SimpleQueue:close() end

---a queue without an end and without timeouts
---@return multiprocessing.SimpleQueue
function multiprocessing.SimpleQueue() end

---one end of a pipe, or a connection between a Listener and a Client
---@class multiprocessing.Connection
---@field closed boolean # by close
---@field readable boolean # whether it receives
---@field writable boolean # whether it sends
local Connection = {}

---sends a value; to Python: nil, booleans, numbers, strings, and lists and dicts of them
---@param v any
function Connection:send(v) end

---receives a value; an EOFError when the other end is closed
---@return any
function Connection:recv() end

---sends a string, as Python's send_bytes
---@param s string
---@param offset? integer # how many bytes of s are left out
---@param size? integer # how many are sent
function Connection:send_bytes(s, offset, size) end

---receives a string, as Python's recv_bytes
---@param max? integer # a longer one is an error
---@return string
function Connection:recv_bytes(max) end

---whether there is something to receive
---@param timeout? number # none given: only looks; nil waits for ever
---@return boolean
function Connection:poll(timeout) end

---its descriptor
---@return integer
function Connection:fileno() end

---closes it
function Connection:close() end

---the ends of a pipe
---@param duplex? boolean # false: the first only receives, the second only sends
---@return multiprocessing.Connection
---@return multiprocessing.Connection
function multiprocessing.Pipe(duplex) end

---the keywords of Listener, all of which may be left out
---@class multiprocessing.ListenerKeywords
---@field address? string|table # {"127.0.0.1", 6000}, or the path of a Unix socket
---@field family? string # "AF_INET" or "AF_UNIX"
---@field backlog? integer # how many clients wait to be accepted
---@field authkey? string|false # that both sides have to know, that of the process if left out; false: none

---the keywords of Client
---@class multiprocessing.ClientKeywords
---@field address string|table # {"127.0.0.1", 6000}, or the path of a Unix socket
---@field family? string # "AF_INET" or "AF_UNIX"
---@field authkey? string|false # that both sides have to know, that of the process if left out; false: none

---@class multiprocessing.Listener
---@field address string|table # where clients find it
---@field last_accepted? string|table # where the last one came from
local Listener = {}

---the next connection
---@return multiprocessing.Connection
function Listener:accept() end

---its descriptor
---@return integer
function Listener:fileno() end

---takes no more connections
function Listener:close() end

---takes connections
---@param keywords? multiprocessing.ListenerKeywords
---@return multiprocessing.Listener
function multiprocessing.Listener(keywords) end

---a connection to a Listener
---@param keywords multiprocessing.ClientKeywords
---@return multiprocessing.Connection
function multiprocessing.Client(keywords) end

---@class multiprocessing.Value: multiprocessing.Holdable
---@field value number|string # read and written by all; a string for type "c"
local Value = {}

---its lock, which acquire, release and hold take too
---@return multiprocessing.RLock
function Value:get_lock() end

---a number that processes share
---@param type string # "b" "B" "h" "H" "i" "I" "l" "L" "f" "d", as in C, or "c" for a character
---@param value? number|string # 0 if left out
---@return multiprocessing.Value
function multiprocessing.Value(type, value) end

---@class multiprocessing.Array: multiprocessing.Holdable
---@field [integer] number|string # from 1 to its length, #a
---@operator len: integer
local Array = {}

---its lock, which acquire, release and hold take too
---@return multiprocessing.RLock
function Array:get_lock() end

---numbers that processes share
---@param type string # as that of Value
---@param init integer|any[]|string # how many, or the first values
---@return multiprocessing.Array
function multiprocessing.Array(type, init) end

---@class multiprocessing.Future
local Future = {}

---the results, as soon as they are there; raises the task's error
---@param timeout? number # a TimeoutError after so many seconds
---@return any
function Future:get(timeout) end

---the same as get
---@param timeout? number # a TimeoutError after so many seconds
---@return any
function Future:result(timeout) end

---waits, and says whether it is done
---@param timeout? number
---@return boolean
function Future:wait(timeout) end

---whether it is done
---@return boolean
function Future:ready() end

---the same as ready
---@return boolean
function Future:done() end

---whether it has begun and isn't done
---@return boolean
function Future:running() end

---whether it is done without an error; a ValueError before it is done
---@return boolean
function Future:successful() end

---whether it was cancelled
---@return boolean
function Future:cancelled() end

---its error, or nil, as soon as it is done
---@param timeout? number # a TimeoutError after so many seconds
---@return any
function Future:exception(timeout) end

---true if it had not begun; it won't then
---@return boolean
function Future:cancel() end

---calls f(future) when it is done, while the script waits for something
---@param f function
function Future:add_done_callback(f) end

---the keywords of Pool, all of which may be left out
---@class multiprocessing.PoolKeywords
---@field processes? integer # how many workers; as many as cpu_count() says
---@field initializer? function # runs in each worker before its first task
---@field initargs? any[] # its arguments
---@field maxtasksperchild? integer # after so many tasks a worker is replaced
---@field timeout? number # a task that takes longer is ended with its worker
---@field retries? integer # how often a task is tried again whose worker died
---@field name? string # Pool-1 and so on if left out
---@field address? string # of a luaspawnd serve: the workers are on other machines; LUASPAWN_CLUSTER if left out
---@field cluster? boolean|string # true: with a server of its own, for workers to come; or where that listens; false: here
---@field tags? string[] # that workers on other machines must have
---@field lease? number # seconds after which a machine is lost that is silent; 5 if left out
---@field authkey? string # the text of a script.key; that of the file if left out

---@class multiprocessing.Pool
---@field name string # its name
---@field processes integer # how many workers it has
local Pool = {}

---the list of f(item), in order; items are a list, or a function that is called until it returns nil;
---options are the chunksize, or {chunksize =, timeout =, progress =}
---@param f function
---@param items any[]|function
---@param options? integer|table
---@return table
function Pool:map(f, items, options) end

---as map; items are lists of arguments
---@param f function
---@param items any[]|function
---@param options? integer|table
---@return table
function Pool:starmap(f, items, options) end

---for i, result in pool:imap(f, items): results as they come, in the order of the items
---@param f function
---@param items any[]|function
---@param options? integer|table
---@return function
function Pool:imap(f, items, options) end

---as imap, in the order in which they are done
---@param f function
---@param items any[]|function
---@param options? integer|table
---@return function
function Pool:imap_unordered(f, items, options) end

---f(args...), run in a worker; returns all its results
---@param f function
---@param args? any[]
---@param kwargs? table
---@return any
function Pool:apply(f, args, kwargs) end

---a Future of f(...), at once
---@param f function
---@param ... any
---@return multiprocessing.Future
function Pool:submit(f, ...) end

---a Future of apply; callbacks run while the script waits for something
---@param f function
---@param args? any[]
---@param kwargs? table
---@param callback? function
---@param error_callback? function
---@return multiprocessing.Future
function Pool:apply_async(f, args, kwargs, callback, error_callback) end

---a Future of map
---@param f function
---@param items any[]|function
---@param options? integer|table
---@param callback? function
---@param error_callback? function
---@return multiprocessing.Future
function Pool:map_async(f, items, options, callback, error_callback) end

---a Future of starmap
---@param f function
---@param items any[]|function
---@param options? integer|table
---@param callback? function
---@param error_callback? function
---@return multiprocessing.Future
function Pool:starmap_async(f, items, options, callback, error_callback) end

---no more tasks; its workers end when all is done
function Pool:close() end

---ends the workers now
function Pool:terminate() end

---waits until the workers have ended
function Pool:join() end

---calls f(pool, ...), then closes and joins, and returns what f returns; after an error terminates
---@param f function
---@param ... any
---@return any
function Pool:hold(f, ...) end

---a list of {name =, pid =, host =, tasks =, running = {index =, seconds =}}; host is another machine's name
---@return table[]
function Pool:workers() end

---workers, processes that are kept for tasks; Pool(4) is Pool{processes = 4}
---@param keywords? multiprocessing.PoolKeywords
---@return multiprocessing.Pool
---@overload fun(processes: integer): multiprocessing.Pool
function multiprocessing.Pool(keywords) end

---for future in multiprocessing.as_completed(list): as they get done
---@param futures multiprocessing.Future[]
---@param timeout? number
---@return function
function multiprocessing.as_completed(futures, timeout) end

---what errors are that are no strings: tostring(err) is its place, its name and its message
---@class multiprocessing.Error
---@field name string # that of its class
---@field message string # what is wrong
---@field where string # "file:line: " of where it was raised
---@field class table # its class, as err.class == multiprocessing.Empty
---@field super? table # the class that its class inherits from
local Error = {}

---whether it is of that class, or of one that inherits from it
---@param class table
---@return boolean
function Error:isInstanceOf(class) end

---what goes wrong with processes
---@class multiprocessing.ProcessError: multiprocessing.Error
multiprocessing.ProcessError = {}

---something took too long
---@class multiprocessing.TimeoutError: multiprocessing.ProcessError
multiprocessing.TimeoutError = {}

---the other side of a connection has another authkey
---@class multiprocessing.AuthenticationError: multiprocessing.ProcessError
multiprocessing.AuthenticationError = {}

---a message is longer than recv_bytes allows
---@class multiprocessing.BufferTooShort: multiprocessing.ProcessError
multiprocessing.BufferTooShort = {}

---there is nothing in a queue
---@class multiprocessing.Empty: multiprocessing.Error
multiprocessing.Empty = {}

---there is no room in a queue
---@class multiprocessing.Full: multiprocessing.Error
multiprocessing.Full = {}

---something that can't be done now
---@class multiprocessing.RuntimeError: multiprocessing.Error
multiprocessing.RuntimeError = {}

---a barrier is broken
---@class multiprocessing.BrokenBarrierError: multiprocessing.RuntimeError
multiprocessing.BrokenBarrierError = {}

---a value that doesn't fit
---@class multiprocessing.ValueError: multiprocessing.Error
multiprocessing.ValueError = {}

---a lock is released by who doesn't hold it, say
---@class multiprocessing.AssertionError: multiprocessing.Error
multiprocessing.AssertionError = {}

---an index of an Array is out of range
---@class multiprocessing.IndexError: multiprocessing.Error
multiprocessing.IndexError = {}

---nothing more comes from a connection
---@class multiprocessing.EOFError: multiprocessing.Error
multiprocessing.EOFError = {}

---an error of the system
---@class multiprocessing.OSError: multiprocessing.Error
multiprocessing.OSError = {}

---the other end of a connection is closed
---@class multiprocessing.BrokenPipeError: multiprocessing.OSError
multiprocessing.BrokenPipeError = {}

---a connection can't be made, or was cut
---@class multiprocessing.ConnectionError: multiprocessing.OSError
multiprocessing.ConnectionError = {}

---a task of a Pool failed
---@class multiprocessing.TaskError: multiprocessing.ProcessError
---@field value? any # what was raised, if it travels
---@field traceback string # of the worker
---@field index? integer # which item it was
---@field worker string # its name
multiprocessing.TaskError = {}

---a worker of a Pool died
---@class multiprocessing.WorkerLostError: multiprocessing.ProcessError
---@field exitcode? integer
---@field pid integer
---@field index? integer # which item it was
multiprocessing.WorkerLostError = {}

---a Future was cancelled
---@class multiprocessing.CancelledError: multiprocessing.Error
multiprocessing.CancelledError = {}

---the initializer of a Pool failed
---@class multiprocessing.BrokenPoolError: multiprocessing.RuntimeError
multiprocessing.BrokenPoolError = {}

---the number of this process
---@return integer
function os.getpid() end

---the number of the process that has started this one
---@return integer
function os.getppid() end

---"__main__" in the script that was started, "__mp_main__" in its children
---@type string
__name__ = "__main__"

return multiprocessing
