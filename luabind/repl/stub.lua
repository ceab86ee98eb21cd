---@meta prompt

---what there is; of a function, a module, a class or an object: how it is used
---@param what? any # a name too: help "string.format", help "queue"
function help(what) end

---the children: number, name, pid, state, exit code, age
function jobs() end

---the last value, of several the first
---@type any
_ = nil
