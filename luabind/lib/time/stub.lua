---@meta time

---@class time
local time = {}

---waits
---@param seconds number # any number >= 0
function time.sleep(seconds) end

---seconds since 1970-01-01 UTC, with fraction
---@return number
function time.time() end

---seconds since some moment, never set back, the same in all processes of the system
---@return number
function time.monotonic() end

return time
