---@meta socket.core
---The same table as socket, on which LuaSocket's own files stand.

---@class socket.core: socket
local core = {}

return core
