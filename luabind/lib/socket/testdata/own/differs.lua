-- Where the module differs from LuaSocket, and what it checks that LuaSocket doesn't.
local socket = require "socket"
local p = require "pair"
local results = p.results

test("a closed socket stays closed", function()
  local a = p.pair()
  a:close()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  server:close()
  local master = socket.tcp()
  master:close()
  for _, got in ipairs{
    results(a:getsockname()), results(a:getpeername()), results(a:shutdown()), results(a:connect(host, port)),
    results(a:setoption("keepalive", true)), results(a:getoption("keepalive")),
    results(server:accept()), results(server:getsockname()),
    results(master:bind("127.0.0.1", 0)), results(master:listen()), results(master:connect(host, port)),
  } do
    eq(got, {n = 2, nil, "closed"})
  end
end)

test("what was read ahead is gone with close", function()
  local a, b = p.pair()
  a:send("one\ntwo\n")
  b:receive()
  b:close()
  eq(b:dirty(), false)
  eq(results(b:receive()), {n = 3, nil, "closed", ""})
end)

test("ports out of range", function()
  for _, port in ipairs{-1, 65536, 1e20, -1e20, 1 / 0, "65536", "-1", "99999999999999999999"} do
    raises("bad argument #2 to 'connect' (port out of range)", function() socket.connect("127.0.0.1", port) end)
    raises("bad argument #2 to 'connect4' (port out of range)", function() socket.connect4("127.0.0.1", port) end)
    raises("bad argument #2 to 'bind' (port out of range)", function() socket.bind("127.0.0.1", port) end)
    raises("bad argument #4 to 'connect' (port out of range)", function() socket.connect("127.0.0.1", 1, "127.0.0.1", port) end)
    local s = socket.tcp()
    raises("bad argument #2 to 'bind' (port out of range)", function() s:bind("127.0.0.1", port) end)
    raises("bad argument #2 to 'connect' (port out of range)", function() s:connect("127.0.0.1", port) end)
  end
end)

test("connect4 and connect6 keep to their family", function()
  eq(results(socket.connect4("::1", 1)), {n = 2, nil, "Address family for hostname not supported"})
  eq(results(socket.connect6("127.0.0.1", 1)), {n = 2, nil, "Address family for hostname not supported"})
end)

test("setfd takes only what a socket has given up", function()
  local s = socket.tcp4()
  for _, fd in ipairs{0, 1, 2, 3, 1e6, 1e300} do
    raises("bad argument #1 to 'setfd' (not a descriptor that a socket has given up by setfd(-1))", function() s:setfd(fd) end)
  end
  s:setfd(s:getfd())
  ok(s:getsockname())
  s:close()
end)

test("too many for select", function()
  local object = function(fd) return {getfd = function() return fd end} end
  local list, own = {}, socket.tcp4()
  for i = 1, socket._SETSIZE + 1 do list[i] = object(own:getfd()) end
  raises("bad argument #1 to 'select' (too many sockets)", function() socket.select(list, nil, 0) end)
  raises("bad argument #2 to 'select' (too many sockets)", function() socket.select(nil, list, 0) end)
  own:close()
  eq(select(3, socket.select({object(1e300), object(0 / 0)}, nil, 0)), "timeout")
end)

test("select takes only descriptors of sockets", function()
  local object = function(fd) return {getfd = function() return fd end} end
  for _, fd in ipairs{0, 1, 3, 1e6} do
    raises("bad argument #1 to 'select' (descriptor " .. fd .. " is not that of a socket)", function() socket.select({object(fd)}, nil, 0) end)
    raises("bad argument #2 to 'select' (descriptor " .. fd .. " is not that of a socket)", function() socket.select(nil, {object(fd)}, 0) end)
  end
end)
