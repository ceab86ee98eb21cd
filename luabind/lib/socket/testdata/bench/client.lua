-- client.lua PORT echo SIZE TRIPS, client.lua PORT stream SIZE, client.lua PORT quit 0; prints how many seconds it took.
local socket = require "socket"
local conn = assert(socket.connect("127.0.0.1", arg[1]))
conn:setoption("tcp-nodelay", true)
conn:send(arg[2] .. " " .. arg[3] .. "\n")
local size = tonumber(arg[3])
local began = socket.gettime()
if arg[2] == "echo" then
  local data = ("y"):rep(size)
  for i = 1, arg[4] do
    conn:send(data)
    assert(conn:receive(size) == data)
  end
elseif arg[2] == "stream" then
  local got = 0
  repeat
    local data, err, part = conn:receive(64 * 1024)
    got = got + #(data or part)
  until not data
  assert(got == size)
end
print(socket.gettime() - began)
