-- Sockets that travel to a child.
local machine = require "machine"
local socket = require "socket"
local p = require "pair"

-- child runs f(...) in one, and gives what it printed.
local function child(f, ...)
  printed()
  local c = Process{target = f, args = {n = select("#", ...), ...}}
  c:start()
  c:join()
  eq(c.exitcode, 0)
  eq(complained(), "")
  return printed()
end

local function echo(s)
  while true do
    local line = s:receive()
    if not line then break end
    s:send(line:upper() .. "\n")
  end
end

test("as an argument; the parent closes at once", function()
  local a, b = p.pair()
  local c = Process{target = echo, args = {b}}
  c:start()
  b:close()
  a:send("hello\n")
  eq(a:receive(), "HELLO")
  a:close()
  c:join()
  eq(c.exitcode, 0)
end)

test("the parent's copy stays open", function()
  local a, b = p.pair()
  eq(child(function(s) s:send("from the child\n") s:close() end, b), "")
  b:send("from the parent\n")
  eq(a:receive(), "from the child")
  eq(a:receive(), "from the parent")
end)

test("in tables, upvalues, fields and globals; the same one is one", function()
  local a, b = p.pair()
  local upvalue = b
  shared = b
  local object = setmetatable({conn = b, deep = {{b}}, [b] = "key"}, {__index = {meta = b}})
  local out = child(function(o, again)
    print(rawequal(o.conn, again), rawequal(o.deep[1][1], again), rawequal(o.meta, again), rawequal(upvalue, again), rawequal(shared, again), o[again])
    again:send("once\n")
  end, object, b)
  shared = nil
  eq(out, "true\ttrue\ttrue\ttrue\ttrue\tkey\n")
  eq(a:receive(), "once")
end)

test("as a field of an object of a class", function()
  local a, b = p.pair()
  local Talk = Process:subclass("Talk")
  function Talk:initialize(conn) Process.initialize(self) self.conn = conn end
  function Talk:run() echo(self.conn) end
  local t = Talk(b)
  t:start()
  b:close()
  t.conn = nil
  a:send("class\n")
  eq(a:receive(), "CLASS")
  a:close()
  t:join()
  eq(t.exitcode, 0)
end)

test("a listening one", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local c = Process{target = function(s)
    local conn = assert(s:accept())
    conn:send(tostring(s):match("^[^:]*") .. "\n")
  end, args = {server}}
  c:start()
  local host, port = server:getsockname()
  server:close()
  local conn = assert(socket.connect(host, port))
  eq(conn:receive(), "tcp{server}")
  eq(conn:receive(), nil)
  c:join()
end)

test("masters, with a descriptor and without, and closed ones", function()
  local bound = assert(socket.tcp4())
  bound:bind("127.0.0.1", 0)
  local closed = p.pair()
  closed:close()
  eq(child(function(new, bound, closed)
    print(tostring(new):match("^[^:]*"), new:getfd(), new:bind("127.0.0.1", 0))
    print(tostring(bound):match("^[^:]*"), bound:getsockname(), bound:listen())
    print(tostring(closed):match("^[^:]*"), closed:getfd(), closed:receive())
  end, socket.tcp(), bound, closed),
    "tcp{master}\t-1\t1\ntcp{master}\t127.0.0.1\t1\ntcp{client}\t-1\tnil\tclosed\t\n")
end)

test("bytes that were read ahead, counters, timeouts", function()
  local a, b = p.pair()
  a:send("first\nsecond\n" .. ("x"):rep(5000) .. "\n")
  eq(b:receive(), "first")
  b:settimeout(7)
  b:settimeout(9, "t")
  b:setstats(nil, 42, 5000)
  local out = child(function(s)
    local received, sent, age = s:getstats()
    print(s:dirty(), received, sent, age >= 5000, s:gettimeout())
    print(s:receive(), #s:receive(), (s:getstats()))
  end, b)
  eq(out, "true\t6\t42\ttrue\t7\t9\nsecond\t5000\t5014\n")
  -- The parent has them too.
  eq(b:receive(), "second")
end)

test("IPv6", function()
  local a, b = p.pair("::1")
  eq(child(function(s) print(s:getfamily(), select(3, s:getpeername())) s:send("six\n") end, b), "inet6\tinet6\n")
  eq(a:receive(), "six")
end)

test("many at once", function()
  local near, far = {}, {}
  for i = 1, 300 do near[i], far[i] = p.pair() end
  local c = Process{target = function(list)
    for i, s in ipairs(list) do s:send(i .. "\n") end
  end, args = {far}}
  c:start()
  for i, s in ipairs(far) do s:close() end
  for i, s in ipairs(near) do
    eq(s:receive(), tostring(i))
    eq(select(2, s:receive()), "closed")
    s:close()
  end
  c:join()
end)

test("many children on one listening socket", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local children = {}
  for i = 1, 4 do
    children[i] = Process{daemon = true, target = function(s)
      while true do
        local conn = assert(s:accept())
        echo(conn)
        conn:close()
      end
    end, args = {server}}
    children[i]:start()
  end
  server:close()
  for i = 1, 20 do
    local conn = assert(socket.connect(host, port))
    conn:send(i .. "a\n")
    eq(conn:receive(), i .. "A")
    conn:close()
  end
  for _, c in ipairs(children) do c:terminate() end
  for _, c in ipairs(children) do c:join() end
  eq(select(2, socket.connect(host, port)), "connection refused")
end)

test("from a child to its child", function()
  local a, b = p.pair()
  eq(child(function(s)
    local c = Process{target = function(s) s:send("grandchild\n") end, args = {s}}
    c:start()
    s:close()
    c:join()
  end, b), "")
  eq(a:receive(), "grandchild")
end)

test("a child's death closes its copy", function()
  local a, b = p.pair()
  local c = Process{target = function(s) s:send("ready\n") s:receive() end, args = {b}}
  c:start()
  b:close()
  eq(a:receive(), "ready")
  c:kill()
  eq(a:receive(), nil)
  c:join()
end)

test("the functions of newtry and protect", function()
  local a, b = p.pair()
  local try = socket.newtry(function() b:close() end)
  local f = socket.protect(function(s)
    try(s:send("sent\n"))
    s:settimeout(0)
    try(s:receive())
  end)
  eq(child(function(s) print(f(s)) print(s:getfd()) end, b), "nil\ttimeout\n-1\n")
  eq(a:receive(), "sent")
end)

test("the module and its functions go by name", function()
  eq(child(function(connect, toip)
    print(connect == socket.connect, toip == socket.dns.toip, require "socket" == socket)
  end, socket.connect, socket.dns.toip), "true\ttrue\ttrue\n")
end)

test("start leaves no descriptor behind", function()
  local a, b = p.pair()
  local function work()
    for i = 1, 5 do
      child(function() end, b)
      pcall(function() Process{target = print, args = {b, io.stdout, b, coroutine.create(print)}}:start() end)
    end
    return machine.descriptors()
  end
  local before = work()
  local after = work()
  ok(after <= before, after .. " are open, " .. before .. " before") -- fewer: of earlier tests, now collected
end)

test("datagrams of UDP", function()
  local server, client, connected, new = socket.udp4(), socket.udp4(), socket.udp4(), socket.udp()
  server:setsockname("127.0.0.1", 0)
  local host, port = server:getsockname()
  connected:setpeername(host, port)
  server:settimeout(10, "t")
  eq(child(function(server, client, connected, new, port)
    print(server.class, connected.class, new:getfd(), server:gettimeout())
    client:sendto("from the child", "127.0.0.1", port)
    print(server:receive())
    connected:send("to the parent")
    print(new:sendto("by a new one", "127.0.0.1", port))
  end, server, client, connected, new, port),
    "udp{unconnected}\tudp{connected}\t-1\t-1\t10\nfrom the child\n12\n")
  eq({server:receive(), server:receive()}, {"to the parent", "by a new one"})
end)

test("sockets of Unix", function()
  local unix = require "socket.unix"
  local at = os.tmpname()
  os.remove(at)
  local listening, client = unix.stream(), unix.stream()
  listening:bind(at)
  listening:listen()
  client:connect(at)
  local accepted = listening:accept()
  client:send("one\ntwo\n")
  eq(accepted:receive(), "one")
  eq(child(function(listening, accepted)
    print(listening.class, accepted.class, (accepted:receive())) -- which was read ahead
    accepted:send("from the child\n")
  end, listening, accepted), "unixstream{server}\tunixstream{client}\ttwo\n")
  eq(client:receive(), "from the child")
  os.remove(at)

  local d = unix.dgram()
  d:bind(at)
  eq(child(function(at) -- and a child that had nothing of it may ask for the module
    local q = require("socket.unix").dgram()
    print(q:sendto("datagram", at))
  end, at), "8\n")
  eq(d:receive(), "datagram")
  os.remove(at)
end)
