---@meta os

os = {}

---seconds of processor time
---@return number
function os.clock() end

---as C's strftime; "*t" gives a table
---@param format? string
---@param time? number
---@return string|table
function os.date(format, time) end

---t2 - t1, in seconds
---@param t2 number
---@param t1 number
---@return number
function os.difftime(t2, t1) end

---runs a command of the shell and returns its status
---@param command? string
---@return integer
function os.execute(command) end

---ends the process; its daemons are ended, its other children waited for
---@param code? integer|boolean
function os.exit(code) end

---a variable of the environment, nil if it isn't set
---@param name string
---@return string?
function os.getenv(name) end

---true, or nil and what is wrong
---@param file string
---@return boolean?
---@return string?
function os.remove(file) end

---true, or nil and what is wrong
---@param from string
---@param to string
---@return boolean?
---@return string?
function os.rename(from, to) end

---only the locale "C" is known
---@param locale string?
---@param category? string
---@return string?
function os.setlocale(locale, category) end

---seconds since 1970, of now or of a table like that of os.date "*t"
---@param t? table
---@return integer
function os.time(t) end

---the name of a new file
---@return string
function os.tmpname() end
