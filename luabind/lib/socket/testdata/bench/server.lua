-- Serves one client after the other, which says what it wants; prints its port.
local socket = require "socket"
local server = assert(socket.bind("127.0.0.1", 0))
print((select(2, server:getsockname())))
io.stdout:flush()

while true do
  local conn = assert(server:accept())
  conn:setoption("tcp-nodelay", true)
  local wanted, n = assert(conn:receive()):match("^(%a+) (%d+)$")
  if wanted == "echo" then
    while true do
      local data = conn:receive(tonumber(n))
      if not data then break end
      conn:send(data)
    end
  elseif wanted == "stream" then
    local block = ("x"):rep(64 * 1024)
    for i = 1, n / #block do assert(conn:send(block)) end
  else
    os.exit()
  end
  conn:close()
end
