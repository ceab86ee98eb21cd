-- 小练习, 服务端: the socket server made concurrent, one child per client. Sends back in upper case.
-- Runs until Ctrl-C: echo_server.lua [port [host]]
local Process = require("multiprocessing").Process
local socket = require "socket"

-- Waits for something, and returns what is there: 1024 bytes at most.
local function recv(conn)
  conn:settimeout(nil)
  local first, err = conn:receive(1)
  if not first then return nil, err end
  conn:settimeout(0)
  local rest, _, partial = conn:receive(1023)
  return first .. (rest or partial)
end

local function talk(conn, client_addr)
  while true do
    local msg = recv(conn)
    if not msg then break end
    conn:settimeout(nil)
    if not conn:send(msg:upper()) then break end
  end
  conn:close()
end

if __name__ == "__main__" then
  local server = assert(socket.tcp4())
  assert(server:setoption("reuseaddr", true))
  assert(server:bind(arg[2] or "127.0.0.1", arg[1] or 8080))
  assert(server:listen(5))
  print(("listening on %s:%d"):format(server:getsockname()))

  while true do
    local conn = assert(server:accept())
    local p = Process{target = talk, args = {conn, conn:getpeername()}}
    p:start()
    conn:close() -- the child has its own
  end
end
