-- All kinds of sockets have one table of methods: what is replaced there is replaced for all of them.
local socket = require "socket"

local master, listening = socket.tcp(), assert(socket.bind("127.0.0.1", 0))
local function dirty(s) return s:dirty() end
for _ = 1, 2 do
  assert(dirty(master) == false)
end
local function of(s) return s:dirty() end
for _ = 1, 2 do
  assert(of(listening) == false)
end
local methods = getmetatable(getmetatable(master).__index).__index
methods.dirty = function() return "replaced" end
assert(dirty(master) == "replaced")
assert(of(listening) == "replaced")
assert(of(master) == "replaced")
