-- What jobs() returns. It is Lua so that it goes along when a process starts that names it.

local function nothing() end

-- of what stands for a process that has ended and whose object is gone
local ended = {__index = {
  join = nothing, terminate = nothing, kill = nothing, interrupt = nothing, close = nothing,
  is_alive = function() return false end,
}}

return function(objects, records, text)
  for _, record in ipairs(records) do
    objects[record.number] = setmetatable(record, ended)
  end
  return setmetatable(objects, {__jobs = text, __tostring = function() return text end})
end
