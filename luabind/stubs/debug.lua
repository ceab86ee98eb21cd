---@meta debug

debug = {}

---the calls that are under way
---@param message? any
---@param level? integer
---@return string
function debug.traceback(message, level) end

---what is known of a function, or of the one at a level
---@param f function|integer
---@param what? string
---@return table?
function debug.getinfo(f, what) end

---reads and writes variables of calls and functions
---@param level integer
---@param n integer
---@return string?
---@return any
function debug.getlocal(level, n) end

---reads and writes variables of calls and functions
---@param level integer
---@param n integer
---@param value any
---@return string?
function debug.setlocal(level, n, value) end

---reads and writes variables of calls and functions
---@param f function
---@param n integer
---@return string?
---@return any
function debug.getupvalue(f, n) end

---reads and writes variables of calls and functions
---@param f function
---@param n integer
---@param value any
---@return string?
function debug.setupvalue(f, n, value) end

---as getmetatable and setmetatable, of any value
---@param v any
---@return any
function debug.getmetatable(v) end

---as getmetatable and setmetatable, of any value
---@param v any
---@param metatable table?
---@return boolean
function debug.setmetatable(v, metatable) end

---runs lines of standard input until one that is "cont"
function debug.debug() end

---the environment of a function, a thread or a userdata
---@param v any
---@return table
function debug.getfenv(v) end

---the environment of a function, a thread or a userdata
---@param v any
---@param t table
---@return any
function debug.setfenv(v, t) end

---what is called at calls ("c" in mask), returns ("r"), lines ("l") and every count instructions
---@return function?
---@return string?
---@return integer?
function debug.gethook() end

---what is called at calls ("c" in mask), returns ("r"), lines ("l") and every count instructions
---@param hook? function
---@param mask? string
---@param count? integer
function debug.sethook(hook, mask, count) end

---the registry
---@return table
function debug.getregistry() end
