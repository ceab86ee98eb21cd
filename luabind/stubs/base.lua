---@meta _G
---Lua's own functions

---raises message if v is false or nil, else returns all its arguments
---@param v any
---@param message? any
---@return any
function assert(v, message) end

---collects garbage; option is "collect", "count", "stop", "restart", "step", "setpause" or "setstepmul"
---@param option? string
---@param n? integer
---@return number
function collectgarbage(option, n) end

---runs a file and returns what it returns
---@param file? string
---@return any
function dofile(file) end

---raises message; level 1 (the default) puts the place of error before it, 2 that of the caller, 0 none
---@param message any
---@param level? integer
function error(message, level) end

---the memory in use in kilobytes, as collectgarbage("count") rounded down
---@return integer
function gcinfo() end

---the environment of function f, or of the function at level f
---@param f? function|integer
---@return table
function getfenv(f) end

---the metatable of v, or its __metatable field
---@param v any
---@return any
function getmetatable(v) end

---for i, v in ipairs(t): t[1], t[2] and so on up to the first nil
---@param t table
---@return function
---@return table
---@return integer
function ipairs(t) end

---compiles the pieces that f returns, a text, a file; returns a function, or nil and what is wrong
---@param f fun():string?
---@param name? string
---@return function?
---@return string?
function load(f, name) end

---compiles the pieces that f returns, a text, a file; returns a function, or nil and what is wrong
---@param text string
---@param name? string
---@return function?
---@return string?
function loadstring(text, name) end

---compiles the pieces that f returns, a text, a file; returns a function, or nil and what is wrong
---@param file? string
---@return function?
---@return string?
function loadfile(file) end

---makes a module of the file that calls it
---@param name string
---@param ... any
function module(name, ...) end

---the key and value that follow key; nil at the end
---@param t table
---@param key? any
---@return any
---@return any
function next(t, key) end

---for k, v in pairs(t): all keys and values of t
---@param t table
---@return function
---@return table
---@return nil
function pairs(t) end

---calls f; returns true and its results, or false and the error
---@param f any
---@param ... any
---@return boolean
---@return any
function pcall(f, ...) end

---writes its arguments to standard output, as tostring has them, in one line
---@param ... any
function print(...) end

---==, t[key] and t[key] = value without metamethods
---@param a any
---@param b any
---@return boolean
function rawequal(a, b) end

---==, t[key] and t[key] = value without metamethods
---@param t table
---@param key any
---@return any
function rawget(t, key) end

---==, t[key] and t[key] = value without metamethods
---@param t table
---@param key any
---@param value any
---@return table
function rawset(t, key, value) end

---loads a module, once; returns what it returned
---@param name string
---@return any
function require(name) end

---the arguments from the n-th on; with "#" their number
---@param n integer|"#"
---@param ... any
---@return any
function select(n, ...) end

---makes t the environment of f
---@param f function|integer
---@param t table
---@return function
function setfenv(f, t) end

---sets the metatable of t, nil takes it away; returns t
---@param t table
---@param metatable table?
---@return table
function setmetatable(t, metatable) end

---v as a number, nil if it is none
---@param v any
---@param base? integer
---@return number?
function tonumber(v, base) end

---v as a string, by its __tostring if it has one
---@param v any
---@return string
function tostring(v) end

---"nil", "number", "string", "boolean", "table", "function", "thread" or "userdata"
---@param v any
---@return string
function type(v) end

---t[i] ... t[j]; i is 1 and j the length if left out
---@param t table
---@param i? integer
---@param j? integer
---@return any
function unpack(t, i, j) end

---as pcall; on an error handler is called with it, where it happened
---@param f function
---@param handler function
---@return boolean
---@return any
function xpcall(f, handler) end

---a userdata without a value; true gives it a metatable, another proxy that one's
---@param v? any
---@return userdata
function newproxy(v) end

---the table of all global variables
---@type table
_G = {}

---the version of the language
---@type string
_VERSION = "Lua 5.1"
