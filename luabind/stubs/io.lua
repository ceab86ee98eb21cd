---@meta io

io = {}

---a file, or nil and what is wrong; mode is "r", "w", "a", with "+" and "b"
---@param file string
---@param mode? string
---@return FILE*?
---@return string?
function io.open(file, mode) end

---for line in io.lines(file)
---@param file? string
---@return function
function io.lines(file) end

---of io.input() and io.output(); read takes "*l", "*n", "*a" or a number of bytes
---@param ... any
---@return any
function io.read(...) end

---of io.input() and io.output(); read takes "*l", "*n", "*a" or a number of bytes
---@param ... any
---@return boolean
function io.write(...) end

---says or sets which file io.read and io.write use
---@param file? string|FILE*
---@return FILE*
function io.input(file) end

---says or sets which file io.read and io.write use
---@param file? string|FILE*
---@return FILE*
function io.output(file) end

---closes a file; writes out what was held back
---@param file? FILE*
---@return boolean
function io.close(file) end

---closes a file; writes out what was held back
---@return boolean
function io.flush() end

---a file that reads what a command prints ("r") or that it reads ("w")
---@param command string
---@param mode? string
---@return FILE*
function io.popen(command, mode) end

---a file that is gone when it is closed
---@return FILE*
function io.tmpfile() end

---"file", "closed file" or nil
---@param v any
---@return string?
function io.type(v) end

---standard input
---@type FILE*
io.stdin = nil

---standard output
---@type FILE*
io.stdout = nil

---standard error
---@type FILE*
io.stderr = nil

---an open file; what fails gives nil and an error
---@class FILE*
local file = {}

---writes out what is held back, and closes it; of io.popen: waits for the command
---@return boolean?
---@return string?
function file:close() end

---writes out what is held back
---@return boolean?
---@return string?
function file:flush() end

---for line in f:lines(): to the end of the file, which stays open
---@return function
function file:lines() end

---what each format says: "*l" a line, "*n" a number, "*a" all, or a number of bytes; nil at the end
---@param ... string|integer
---@return any
function file:read(...) end

---moves to offset from the beginning ("set"), from here ("cur"), from the end ("end"); returns the place
---@param whence? string
---@param offset? integer
---@return integer?
---@return string?
function file:seek(whence, offset) end

---what is held back: nothing ("no"), all ("full"), up to a line end ("line")
---@param mode string
---@param size? integer
---@return boolean?
---@return string?
function file:setvbuf(mode, size) end

---writes its arguments, strings or numbers
---@param ... string|number
---@return boolean?
---@return string?
function file:write(...) end
