---@meta table

table = {}

---t[i] to t[j] as one string
---@param t table
---@param separator? string
---@param i? integer
---@param j? integer
---@return string
function table.concat(t, separator, i, j) end

---puts value before position, or at the end
---@param t table
---@param position integer
---@param value any
---@overload fun(t: table, value: any)
function table.insert(t, position, value) end

---the largest positive number among the keys
---@param t table
---@return number
function table.maxn(t) end

---takes t[position], or the last item, out and returns it
---@param t table
---@param position? integer
---@return any
function table.remove(t, position) end

---sorts t in place; less(a, b) says that a comes first
---@param t table
---@param less? function
function table.sort(t, less) end

---calls f(key, value) for all of t until it returns something, which is returned
---@param t table
---@param f function
---@return any
function table.foreach(t, f) end

---calls f(i, value) for t[1], t[2] and so on until it returns something, which is returned
---@param t table
---@param f function
---@return any
function table.foreachi(t, f) end

---the length of t
---@param t table
---@return integer
function table.getn(t) end

---an error: lengths can't be set
---@param t table
---@param n integer
function table.setn(t, n) end
