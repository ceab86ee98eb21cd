-- What is closed stays so, and nothing else comes from it (LuaSocket has "" there, and "refused").
local socket = require "socket"
local unix = require "socket.unix"
local p = require "pair"
local results = p.results

local function path()
  local name = os.tmpname()
  os.remove(name)
  return name
end

test("closed", function()
  local s = socket.udp4()
  s:setsockname("127.0.0.1", 0)
  local _, port = s:getsockname()
  s:close()
  eq(results(s:receive()), {n = 2, nil, "closed"})
  eq(results(s:receivefrom()), {n = 2, nil, "closed"})
  eq(results(s:sendto("x", "127.0.0.1", port)), {n = 2, nil, "closed"})
  eq(results(s:setpeername("127.0.0.1", port)), {n = 2, nil, "closed"})
  eq(results(s:setsockname("127.0.0.1", 0)), {n = 2, nil, "closed"})
  eq(results(s:getsockname()), {n = 2, nil, "closed"})
  eq(results(s:close()), {n = 1, 1})
  eq(results(socket.udp():receive()), {n = 2, nil, "closed"})
  local d = unix.dgram()
  d:close()
  eq(results(d:receive()), {n = 2, nil, "closed"})
  eq(results(d:bind(path())), {n = 2, nil, "closed"})
  eq(results(d:sendto("x", path())), {n = 2, nil, "closed"})
end)

test("ports are numbers", function()
  local s = socket.udp4()
  s:setsockname("127.0.0.1", 0)
  eq(type(select(2, s:getsockname())), "number")
  raises("bad argument #3 to 'sendto' (port out of range)", function() s:sendto("x", "127.0.0.1", 70000) end)
  eq(socket.udp6():getoption("ipv6-multicast-hops"), 1) -- LuaSocket tells the unicast hops
end)

test("a client waits for a server that is busy", function()
  local at = path()
  local server = unix.stream()
  server:bind(at)
  server:listen(0)
  local clients, refused = {}, nil
  repeat
    local c = unix.stream()
    c:settimeout(0)
    clients[#clients + 1] = c
    refused = select(2, c:connect(at))
  until refused
  eq(refused, "timeout")
  local late = unix.stream()
  late:settimeout(0.05)
  eq(results(late:connect(at)), {n = 2, nil, "timeout"}) -- LuaSocket says that it is connected
  local child = Process{target = function(server, n)
    local conn = server:accept() -- makes room
    for _ = 2, n do server:accept() end
  end, args = {server, #clients}} -- the last of which is ours
  late = unix.stream()
  child:start()
  eq(late:connect(at), 1)
  child:join()
  eq(child.exitcode, 0)
  os.remove(at)
end)

test("a sender waits for a receiver that has no room", function()
  local at = path()
  local d, q = unix.dgram(), unix.dgram()
  d:bind(at)
  q:settimeout(0)
  local sent = 0
  while q:sendto("x", at) do sent = sent + 1 end
  q:settimeout(0.05)
  local took, _, err = p.timed(q.sendto, q, "x", at)
  eq(err, "timeout")
  ok(took >= 0.045, took)
  q:settimeout()
  local child = Process{target = function(d) d:receive() end, args = {d}}
  child:start()
  eq(q:sendto("last", at), 4)
  child:join()
  os.remove(at)
end)

test("names that are in no directory for package unix", function()
  local s = unix.stream()
  local dir = path()
  local lfs = require "lfs"
  lfs.mkdir(dir)
  lfs.chdir(dir)
  eq(s:bind("@here"), 1)
  eq(s:getsockname(), dir .. "/@here") -- relative ones begin where the script is
  eq(lfs.attributes(dir .. "/@here", "mode"), "socket")
  s:listen()
  eq(unix.stream():connect("@here"), 1)
  local d = unix.dgram()
  eq(d:bind("d"), 1)
  eq(unix.dgram():sendto("x", "d"), 1)
  eq(os.remove("@here"), true)
  eq(os.remove("d"), true)
  lfs.chdir("/")
  lfs.rmdir(dir)
end)
