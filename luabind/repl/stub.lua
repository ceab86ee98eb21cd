---@meta prompt

---what there is; of a function, a module, a class or an object: how it is used
---@param what? any # a name too: help "string.format", help "queue"; help "keys", help "names"
function help(what) end

---the processes by number: jobs()[2]:kill(); true: also who waits for whom
---@param waits? boolean
---@return table<integer, Process>
function jobs(waits) end

---the last value, of several the first
---@type any
_ = nil
