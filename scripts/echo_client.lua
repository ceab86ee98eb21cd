-- 小练习, 客户端: sends what is typed, line by line, and prints what comes back.
-- Needs scripts/echo_server.lua: echo_client.lua [port [host]]
local socket = require "socket"

-- Waits for something, and returns what is there: 1024 bytes at most.
local function recv(conn)
  conn:settimeout(nil)
  local first, err = conn:receive(1)
  if not first then return nil, err end
  conn:settimeout(0)
  local rest, _, partial = conn:receive(1023)
  conn:settimeout(nil)
  return first .. (rest or partial)
end

local phone = assert(socket.connect(arg[2] or "127.0.0.1", arg[1] or 8080))

while true do
  io.write(">>>:")
  io.flush()
  local line = io.read()
  if not line then break end
  local msg = line:match("^%s*(.-)%s*$")
  if #msg > 0 then
    assert(phone:send(msg))
    print(assert(recv(phone)))
  end
end

phone:close()
