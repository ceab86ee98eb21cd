package luabind

// Manual says what Lua's own libraries hold, one entry for each function:
//
//	name(argument [, optional argument])
//	    what it does, on one or more indented lines
//
// The line that begins at the margin is how the thing is written, the name in it
// is where it is found. Several such lines share the text below them. In
//
//	p = Process{target = f}
//
// p is what entries such as p:start() call an object of that class. A line that
// begins with "# " is the title of what follows it.
const Manual = `# Lua's own functions
assert(v [, message])
    raises message if v is false or nil, else returns all its arguments
collectgarbage([option [, n]])
    collects garbage; option is "collect", "count", "stop", "restart", "step", "setpause" or "setstepmul"
dofile([file])
    runs a file and returns what it returns
error(message [, level])
    raises message; level 1 (the default) puts the place of error before it, 2 that of the caller, 0 none
gcinfo()
    the memory in use in kilobytes, as collectgarbage("count") rounded down
getfenv([f])
    the environment of function f, or of the function at level f
getmetatable(v)
    the metatable of v, or its __metatable field
ipairs(t)
    for i, v in ipairs(t): t[1], t[2] and so on up to the first nil
load(f [, name])
loadstring(text [, name])
loadfile([file])
    compiles the pieces that f returns, a text, a file; returns a function, or nil and what is wrong
module(name [, ...])
    makes a module of the file that calls it
next(t [, key])
    the key and value that follow key; nil at the end
pairs(t)
    for k, v in pairs(t): all keys and values of t
pcall(f, ...)
    calls f; returns true and its results, or false and the error
print(...)
    writes its arguments to standard output, as tostring has them, in one line
rawequal(a, b)
rawget(t, key)
rawset(t, key, value)
    ==, t[key] and t[key] = value without metamethods
require(name)
    loads a module, once; returns what it returned
select(n, ...)
    the arguments from the n-th on; with "#" their number
setfenv(f, t)
    makes t the environment of f
setmetatable(t, metatable)
    sets the metatable of t, nil takes it away; returns t
tonumber(v [, base])
    v as a number, nil if it is none
tostring(v)
    v as a string, by its __tostring if it has one
type(v)
    "nil", "number", "string", "boolean", "table", "function", "thread" or "userdata"
unpack(t [, i [, j]])
    t[i] ... t[j]; i is 1 and j the length if left out
xpcall(f, handler)
    as pcall; on an error handler is called with it, where it happened

# coroutine
coroutine.create(f)
    a coroutine that will run f
coroutine.resume(co, ...)
    goes on with co; true and what it yields or returns, or false and the error
coroutine.running()
    the coroutine that runs, nil in the main one
coroutine.status(co)
    "running", "suspended", "normal" or "dead"
coroutine.wrap(f)
    a function that resumes a new coroutine each time, and raises its errors
coroutine.yield(...)
    suspends the coroutine; resume returns the arguments

# string
string.byte(s [, i [, j]])
    the codes of the bytes i to j
string.char(...)
    a string of bytes with these codes
string.dump(f)
    the source of f, sealed, for loadstring; processes need none: functions travel as they are
string.find(s, pattern [, init [, plain]])
    first and last index of the first match, and what it captured; nil if there is none
string.format(format, ...)
    as C's printf; %q quotes a string for Lua
string.gmatch(s, pattern)
    for a, b in s:gmatch(pattern): what each match captured
string.gsub(s, pattern, replacement [, n])
    s with its matches replaced by a string, a table's field or a function's result, and how many they were
string.len(s)
    the number of bytes
string.lower(s)
string.upper(s)
    with small letters, with capital ones
string.match(s, pattern [, init])
    what the first match captured, nil if there is none
string.rep(s, n)
    s n times
string.reverse(s)
    s from its last byte to its first
string.sub(s, i [, j])
    the bytes i to j; negative ones count from the end

# table
table.concat(t [, separator [, i [, j]]])
    t[i] to t[j] as one string
table.insert(t, [position,] value)
    puts value before position, or at the end
table.maxn(t)
    the largest positive number among the keys
table.remove(t [, position])
    takes t[position], or the last item, out and returns it
table.sort(t [, less])
    sorts t in place; less(a, b) says that a comes first

# math
math.abs(x)
math.ceil(x)
math.floor(x)
    without sign; the next whole number above, below
math.max(x, ...)
math.min(x, ...)
    the largest, the smallest
math.sqrt(x)
math.exp(x)
math.log(x)
math.log10(x)
math.pow(x, y)
    roots, powers and logarithms
math.sin(x)
math.cos(x)
math.tan(x)
math.asin(x)
math.acos(x)
math.atan(x)
math.atan2(y, x)
math.sinh(x)
math.cosh(x)
math.tanh(x)
math.deg(x)
math.rad(x)
    angles are in radians; deg makes degrees of them, rad the other way
math.fmod(x, y)
math.modf(x)
math.frexp(x)
math.ldexp(m, e)
    the remainder; the whole and the rest; x = m * 2 ^ e apart, and together
math.random([m [, n]])
    a number from 0 to 1, a whole one from 1 to m, or from m to n; seeded differently in every process
math.randomseed(x)
    begins a sequence that is the same each time

# io
io.open(file [, mode])
    a file, or nil and what is wrong; mode is "r", "w", "a", with "+" and "b"
io.lines([file])
    for line in io.lines(file)
io.read(...)
io.write(...)
    of io.input() and io.output(); read takes "*l", "*n", "*a" or a number of bytes
io.input([file])
io.output([file])
    says or sets which file io.read and io.write use
io.close([file])
io.flush()
    closes a file; writes out what was held back
io.popen(command [, mode])
    a file that reads what a command prints ("r") or that it reads ("w")
io.tmpfile()
    a file that is gone when it is closed
io.type(v)
    "file", "closed file" or nil

# os
os.clock()
    seconds of processor time
os.date([format [, time]])
    as C's strftime; "*t" gives a table
os.difftime(t2, t1)
    t2 - t1, in seconds
os.execute([command])
    runs a command of the shell and returns its status
os.exit([code])
    ends the process; its daemons are ended, its other children waited for
os.getenv(name)
    a variable of the environment, nil if it isn't set
os.remove(file)
os.rename(from, to)
    true, or nil and what is wrong
os.setlocale(locale [, category])
    only the locale "C" is known
os.time([t])
    seconds since 1970, of now or of a table like that of os.date "*t"
os.tmpname()
    the name of a new file

# debug
debug.traceback([message [, level]])
    the calls that are under way
debug.getinfo(f [, what])
    what is known of a function, or of the one at a level
debug.getlocal(level, n)
debug.setlocal(level, n, value)
debug.getupvalue(f, n)
debug.setupvalue(f, n, value)
    reads and writes variables of calls and functions
debug.getmetatable(v)
debug.setmetatable(v, metatable)
    as getmetatable and setmetatable, of any value
`
