---@meta term.core
---What lua-term has in C.

---@class term.core
local core = {}

---whether a file is a terminal
---@param file FILE*
---@return boolean
function core.isatty(file) end

return core
