---@meta system.core
---What luasystem has in C: the time.

---@class system.core
---@field _VERSION string # that of luasystem whose names these are
local core = {}

---seconds since 1970, with fraction
---@return number
function core.gettime() end

---seconds since some moment, never set back
---@return number
function core.monotime() end

---waits
---@param seconds number
function core.sleep(seconds) end

return core
