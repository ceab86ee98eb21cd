-- Options that only Linux has here.
local socket = require "socket"

test("numbers", function()
  for _, name in ipairs{"tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl"} do
    local s = assert(socket.tcp4())
    eq(s:setoption(name, 17), 1, name)
    eq(s:getoption(name), 17, name)
    s:close()
  end
end)

test("those that can only be set", function()
  local s = assert(socket.bind("127.0.0.1", 0))
  eq(s:setoption("tcp-defer-accept", 1), 1)
  eq(s:setoption("tcp-fastopen", 5), 1)
  eq(socket.tcp4():setoption("tcp-fastopen-connect", 1), 1)
  raises("bad argument #1 to 'getoption' (unsupported option `tcp-fastopen')", function() s:getoption("tcp-fastopen") end)
end)
