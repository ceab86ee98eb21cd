---@meta atexit

---functions that run at the end of this process: atexit(f, ...) calls f(...) then
---@class atexit
---@overload fun(f: function, ...: any): function
local atexit = {}

---lets f(...) be called when the process ends: after its last line, an uncaught error, os.exit, Ctrl-C or a
---signal that ends it, but for SIGKILL. The last one first; files and children are still as the script left them. A
---child begins with none
---@param f function
---@param ... any
---@return function # f
function atexit.register(f, ...) end

---lets f not be called any more
---@param f function
function atexit.unregister(f) end

return atexit
