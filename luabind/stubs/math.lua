---@meta math

math = {}

---without sign; the next whole number above, below
---@param x number
---@return number
function math.abs(x) end

---without sign; the next whole number above, below
---@param x number
---@return integer
function math.ceil(x) end

---without sign; the next whole number above, below
---@param x number
---@return integer
function math.floor(x) end

---the largest, the smallest
---@param x number
---@param ... any
---@return number
function math.max(x, ...) end

---the largest, the smallest
---@param x number
---@param ... any
---@return number
function math.min(x, ...) end

---roots, powers and logarithms
---@param x number
---@return number
function math.sqrt(x) end

---roots, powers and logarithms
---@param x number
---@return number
function math.exp(x) end

---roots, powers and logarithms
---@param x number
---@return number
function math.log(x) end

---roots, powers and logarithms
---@param x number
---@return number
function math.log10(x) end

---roots, powers and logarithms
---@param x number
---@param y number
---@return number
function math.pow(x, y) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.sin(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.cos(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.tan(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.asin(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.acos(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.atan(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param y number
---@param x number
---@return number
function math.atan2(y, x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.sinh(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.cosh(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.tanh(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.deg(x) end

---angles are in radians; deg makes degrees of them, rad the other way
---@param x number
---@return number
function math.rad(x) end

---the remainder; the whole and the rest; x = m * 2 ^ e apart, and together
---@param x number
---@param y number
---@return number
function math.fmod(x, y) end

---the remainder; the whole and the rest; x = m * 2 ^ e apart, and together
---@param x number
---@return integer
---@return number
function math.modf(x) end

---the remainder; the whole and the rest; x = m * 2 ^ e apart, and together
---@param x number
---@return number
---@return integer
function math.frexp(x) end

---the remainder; the whole and the rest; x = m * 2 ^ e apart, and together
---@param m number
---@param e integer
---@return number
function math.ldexp(m, e) end

---a number from 0 to 1, a whole one from 1 to m, or from m to n; seeded differently in every process
---@param m? integer
---@param n? integer
---@return number
function math.random(m, n) end

---begins a sequence that is the same each time
---@param x number
function math.randomseed(x) end

---the old name of math.fmod
---@param x number
---@param y number
---@return number
function math.mod(x, y) end

---the largest number: infinity
---@type number
math.huge = 0

---the ratio of a circle's circumference to its diameter
---@type number
math.pi = 3.14159265358979
