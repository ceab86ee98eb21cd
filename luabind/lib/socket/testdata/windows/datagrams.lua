-- What Windows does in its own way, and scripts are not to see.
local socket = require "socket"
local p = require "pair"
local results = p.results

-- A socket of a family that is bound, its address, and its port.
local function bound(make, host)
  local s = assert(make())
  eq(s:setsockname(host, 0), 1)
  s:settimeout(10)
  local _, port = s:getsockname()
  return s, port
end

test("a datagram is cut", function()
  local server, port = bound(socket.udp4, "127.0.0.1")
  local client = socket.udp4()
  for _, want in ipairs{"abcdef", "abc", "a", ""} do
    eq(client:sendto("abcdef", "127.0.0.1", port), 6)
    eq(server:receive(#want), want)
  end
end)

test("errors are LuaSocket's", function()
  local server, port = bound(socket.udp4, "127.0.0.1")
  eq(results(server:sendto(("x"):rep(70000), "127.0.0.1", port)), {n = 2, nil, "Message too long"})
  eq(results(server:setsockname("127.0.0.1", 0)), {n = 2, nil, "Invalid argument"})
  eq(results(socket.tcp4():getpeername()), {n = 2, nil, "Socket is not connected"})
  eq(results(socket.tcp():getsockname()), {n = 2, nil, "Socket operation on nonsocket"})
  eq(results(socket.bind("192.0.2.1", 0)), {n = 2, nil, "Cannot assign requested address"})
end)

test("a peer is left", function()
  for make, host in pairs{[socket.udp4] = "127.0.0.1", [socket.udp6] = "::1"} do
    local s, port = bound(make, host)
    local first, firstPort = bound(make, host)
    local second = bound(make, host)
    eq(s:setpeername(host, firstPort), 1)
    eq(s:setpeername("*"), 1)
    eq(second:sendto("from the second", host, port), 15)
    eq((s:receivefrom()), "from the second")
  end
end)
