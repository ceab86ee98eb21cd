---@meta string

string = {}

---the codes of the bytes i to j
---@param s string
---@param i? integer
---@param j? integer
---@return integer
function string.byte(s, i, j) end

---a string of bytes with these codes
---@param ... any
---@return string
function string.char(...) end

---the source of f, sealed, for loadstring; processes need none: functions travel as they are
---@param f function
---@return string
function string.dump(f) end

---first and last index of the first match, and what it captured; nil if there is none
---@param s string
---@param pattern string
---@param init? integer
---@param plain? boolean
---@return integer?
---@return integer?
---@return string?
function string.find(s, pattern, init, plain) end

---as C's printf; %q quotes a string for Lua
---@param format string
---@param ... any
---@return string
function string.format(format, ...) end

---for a, b in s:gmatch(pattern): what each match captured
---@param s string
---@param pattern string
---@return function
function string.gmatch(s, pattern) end

---s with its matches replaced by a string, a table's field or a function's result, and how many they were
---@param s string
---@param pattern string
---@param replacement string|table|function
---@param n? integer
---@return string
---@return integer
function string.gsub(s, pattern, replacement, n) end

---the number of bytes
---@param s string
---@return integer
function string.len(s) end

---with small letters, with capital ones
---@param s string
---@return string
function string.lower(s) end

---with small letters, with capital ones
---@param s string
---@return string
function string.upper(s) end

---what the first match captured, nil if there is none
---@param s string
---@param pattern string
---@param init? integer
---@return string?
function string.match(s, pattern, init) end

---s n times
---@param s string
---@param n integer
---@return string
function string.rep(s, n) end

---s from its last byte to its first
---@param s string
---@return string
function string.reverse(s) end

---the bytes i to j; negative ones count from the end
---@param s string
---@param i integer
---@param j? integer
---@return string
function string.sub(s, i, j) end

---the old name of string.gmatch
---@param s string
---@param pattern string
---@return function
function string.gfind(s, pattern) end
