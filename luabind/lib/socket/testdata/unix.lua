-- Sockets whose addresses are paths.
local socket = require "socket"
local unix = require "socket.unix"
local p = require "pair"
local results, timed = p.results, p.timed

-- A path at which nothing is.
local function path()
  local name = os.tmpname()
  os.remove(name)
  return name
end

local function server(at)
  local s = unix.stream()
  eq(s:bind(at), 1)
  eq(s:listen(), 1)
  return s
end

local function names(s)
  local index, list = getmetatable(s).__index, {}
  if getmetatable(index) then index = getmetatable(index).__index end
  for name in pairs(index) do
    if name ~= "class" then list[#list + 1] = name end
  end
  table.sort(list)
  return " " .. table.concat(list, " ") .. " "
end

test("the module", function()
  eq(unix.tcp, unix.stream)
  eq(unix.udp, unix.dgram)
  eq(unix().class, "unixstream{master}")
  eq(socket.unix, nil)
  local stream, datagram = names(unix.stream()), names(unix.dgram())
  for name in ("accept bind close connect dirty getfd getsockname getstats listen receive send setfd setoption setpeername setsockname " ..
    "setstats settimeout shutdown"):gmatch("%a+") do
    ok(stream:find(" " .. name .. " ", 1, true), name)
  end
  for name in ("bind close connect dirty getfd getsockname gettimeout receive receivefrom send sendto setfd setoption setpeername setsockname settimeout"):gmatch("%a+") do
    ok(datagram:find(" " .. name .. " ", 1, true), name)
  end
  eq(stream:find(" sendto ", 1, true) or datagram:find(" accept ", 1, true) or stream:find(" getpeername ", 1, true), nil)
end)

test("a stream", function()
  local at = path()
  local listening = server(at)
  eq(listening.class, "unixstream{server}")
  eq(listening:getsockname(), at)
  local a = unix.stream()
  eq(a:getsockname(), "")
  eq(a:connect(at), 1)
  eq(a.class, "unixstream{client}")
  eq(tostring(a):match("^unixstream{client}: "), "unixstream{client}: ")
  local b = listening:accept()
  eq(b.class, "unixstream{client}")
  eq(b:getsockname(), at)
  eq(results(a:send("hello\nrest")), {n = 3, 10})
  eq(results(b:receive()), {n = 3, "hello"})
  eq(b:dirty(), true)
  local r = socket.select({b}, nil, 0)
  eq(r[1], b)
  eq(b:receive(2), "re")
  b:settimeout(0.05)
  eq(results(b:receive("*l")), {n = 3, nil, "timeout", "st"})
  eq(b:send("abc", 2, 3), 3)
  eq(a:receive(2), "bc")
  local received, sent = b:getstats()
  eq({received, sent}, {10, 2})
  eq(a:shutdown("send"), 1)
  eq(results(b:receive("*a")), {n = 3, nil, "closed", ""})
  eq(b:close(), 1)
  eq(b:close(), 1)
  eq(results(a:receive()), {n = 3, nil, "closed", ""})
  eq(results(a:send("x")), {n = 3, nil, "closed", 0})
  eq(results(b:receive()), {n = 3, nil, "closed", ""})
  listening:settimeout(0)
  eq(results(listening:accept()), {n = 2, nil, "timeout"})
  local r, w, err = socket.select({listening}, nil, 0)
  eq({#r, #w, err}, {0, 0, "timeout"})
  os.remove(at)
end)

test("what can't be", function()
  local at = path()
  local s = server(at)
  local other = unix.stream()
  eq(results(other:bind(at)), {n = 2, nil, "address already in use"})
  eq(other:getfd(), socket._SOCKETINVALID)
  eq(results(other:listen()), {n = 2, nil, "Bad file descriptor"})
  local c = unix.stream()
  eq(results(c:connect(at .. "none")), {n = 2, nil, "No such file or directory"})
  eq(c.class, "unixstream{master}")
  eq(results(c:connect(at)), {n = 2, nil, "closed"})
  eq(results(unix.stream():bind("/nowhere/x")), {n = 2, nil, "No such file or directory"})
  for _, length in ipairs{108, 5000} do
    local long = ("x"):rep(length)
    eq(results(unix.stream():bind(long)), {n = 2, nil, "path too long"})
    eq(results(unix.stream():connect(long)), {n = 2, nil, "path too long"})
    eq(results(unix.dgram():sendto("x", long)), {n = 2, nil, "path too long"})
  end
  s:close()
  c = unix.stream()
  eq(results(c:connect(at)), {n = 2, nil, "connection refused"}) -- the file is still there
  os.remove(at)
  local bound = unix.stream()
  eq(bound:bind(at), 1)
  eq(results(bound:bind(at .. "2")), {n = 2, nil, "Invalid argument"})
  os.remove(at)
  eq(unix.stream():bind(at .. "\0x"), 1) -- as C reads it
  eq(os.remove(at), true)
  eq(unix.stream():bind(""), 1) -- the system finds a name
end)

test("methods of another kind", function()
  local s = unix.stream()
  raises("calling 'send' on bad self (unixstream{client} expected)", function() s:send("x") end)
  raises("calling 'receive' on bad self (unixstream{client} expected)", function() s:receive() end)
  raises("calling 'accept' on bad self (unixstream{server} expected)", function() s:accept() end)
  raises("calling 'shutdown' on bad self (unixstream{client} expected)", function() s:shutdown() end)
  raises("calling 'getstats' on bad self (unixstream{client} expected)", function() s:getstats() end)
  raises("bad argument #1 to 'bind' (string expected, got no value)", function() s:bind() end)
  raises("bad argument #1 to 'connect' (string expected, got no value)", function() s:connect() end)
  raises("bad argument #1 to 'bind' (unixstream{master} expected)", function() s.bind(socket.tcp(), "x") end)
  local d = unix.dgram()
  raises("calling 'send' on bad self (unixdgram{connected} expected)", function() d:send("x") end)
  raises("bad argument #2 to 'sendto' (string expected, got no value)", function() d:sendto("x") end)
  for _, name in ipairs{"keepalive", "reuseaddr"} do eq(s:setoption(name, true), 1) end
  eq(s:setoption("linger", {on = true, timeout = 1}), 1)
  eq(d:setoption("reuseaddr", true), 1)
  raises("bad argument #1 to 'setoption' (unsupported option `tcp-nodelay')", function() s:setoption("tcp-nodelay", true) end)
  raises("bad argument #1 to 'setoption' (unsupported option `keepalive')", function() d:setoption("keepalive", true) end)
end)

test("datagrams", function()
  local at, back = path(), path()
  local d, q = unix.dgram(), unix.dgram()
  d:settimeout(10)
  q:settimeout(10)
  eq(d:getsockname(), "")
  eq(d:bind(at), 1)
  eq(d:getsockname(), at)
  eq(results(q:sendto("hello", at)), {n = 1, 5})
  eq(results(d:receivefrom()), {n = 2, "hello", ""})
  eq(q:bind(back), 1)
  eq(q:sendto("", at), 0)
  eq(results(d:receivefrom()), {n = 2, "", back})
  eq(d:sendto("back", back), 4)
  eq(results(q:receive()), {n = 1, "back"})
  eq(q:sendto("abcdef", at), 6)
  eq(d:receive(3), "abc")

  eq(q:connect(at), 1)
  eq(q.class, "unixdgram{connected}")
  eq(results(q:send("y")), {n = 1, 1})
  eq(results(d:receivefrom(100)), {n = 2, "y", back})
  raises("calling 'sendto' on bad self (unixdgram{unconnected} expected)", function() q:sendto("z", at) end)
  raises("calling 'receivefrom' on bad self (unixdgram{unconnected} expected)", function() q:receivefrom() end)
  raises("calling 'bind' on bad self (unixdgram{unconnected} expected)", function() q:bind(at .. "2") end)
  eq(q:connect(at), 1)

  eq(results(d:sendto("x", at .. "none")), {n = 2, nil, "No such file or directory"})
  d:settimeout(0.05)
  local took, data, err = timed(d.receive, d)
  eq({data, err}, {nil, "timeout"})
  ok(took >= 0.045, took)
  eq(#select(2, socket.select(nil, {d}, 10)), 1)
  d:close()
  eq(results(q:send("gone")), {n = 2, nil, "connection refused"})
  eq(q:dirty(), false)
  os.remove(at)
  os.remove(back)
end)

test("a receiver that has no room", function()
  local at = path()
  local d, q = unix.dgram(), unix.dgram()
  d:bind(at)
  q:settimeout(0)
  local sent = 0
  while q:sendto("x", at) do sent = sent + 1 end
  eq(results(q:sendto("x", at)), {n = 2, nil, "timeout"})
  ok(sent > 0)
  for _ = 1, sent do d:receive() end
  eq(q:sendto("x", at), 1)
  os.remove(at)
end)
