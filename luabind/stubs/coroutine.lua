---@meta coroutine

coroutine = {}

---a coroutine that will run f
---@param f function
---@return thread
function coroutine.create(f) end

---goes on with co; true and what it yields or returns, or false and the error
---@param co thread
---@param ... any
---@return boolean
---@return any
function coroutine.resume(co, ...) end

---the coroutine that runs, nil in the main one
---@return thread?
function coroutine.running() end

---"running", "suspended", "normal" or "dead"
---@param co thread
---@return string
function coroutine.status(co) end

---a function that resumes a new coroutine each time, and raises its errors
---@param f function
---@return function
function coroutine.wrap(f) end

---suspends the coroutine; resume returns the arguments
---@param ... any
---@return any
function coroutine.yield(...) end
