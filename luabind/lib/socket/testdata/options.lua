-- setoption and getoption.
local socket = require "socket"
local p = require "pair"
local results = p.results

test("switches", function()
  for _, name in ipairs{"keepalive", "reuseaddr", "reuseport", "tcp-nodelay"} do
    local s = assert(socket.tcp4())
    eq(s:getoption(name), false, name)
    eq(s:setoption(name, true), 1, name)
    eq(s:getoption(name), true, name)
    eq(s:setoption(name, false), 1, name)
    eq(s:getoption(name), false, name)
    s:close()
  end
end)

test("numbers", function()
  for _, name in ipairs{"recv-buffer-size", "send-buffer-size"} do
    local s = assert(socket.tcp4())
    eq(s:setoption(name, 20000), 1, name)
    ok(s:getoption(name) >= 20000, name)
    s:close()
  end
end)

test("linger", function()
  local s = assert(socket.tcp4())
  eq(s:getoption("linger"), {on = false, timeout = 0})
  eq(s:setoption("linger", {on = true, timeout = 3}), 1)
  eq(s:getoption("linger"), {on = true, timeout = 3})
  eq(s:setoption("linger", {on = false, timeout = "4"}), 1)
  eq(s:getoption("linger").on, false)
  s:close()
end)

test("those that can only be set", function()
  local s = assert(socket.tcp6())
  eq(s:setoption("ipv6-v6only", true), 1)
  eq(results(socket.tcp4():setoption("ipv6-v6only", true)), {n = 2, nil, "setsockopt failed"})
end)

test("error", function()
  local c = assert(socket.tcp())
  c:settimeout(0)
  c:connect("127.0.0.1", p.nobody())
  eq(#select(2, socket.select(nil, {c}, 10)), 1)
  eq(c:getoption("error"), "connection refused")
  eq(results(c:getoption("error")), {n = 1})
end)

test("wrong arguments", function()
  local s = assert(socket.tcp4())
  raises("bad argument #1 to 'setoption' (unsupported option `nonsense')", function() s:setoption("nonsense", true) end)
  raises("bad argument #1 to 'getoption' (unsupported option `error-or-not')", function() s:getoption("error-or-not") end)
  raises("bad argument #1 to 'getoption' (string expected, got no value)", function() s:getoption() end)
  raises("bad argument #2 to 'setoption' (boolean expected, got number)", function() s:setoption("keepalive", 1) end)
  raises("bad argument #2 to 'setoption' (boolean expected, got no value)", function() s:setoption("keepalive") end)
  raises("bad argument #2 to 'setoption' (table expected, got boolean)", function() s:setoption("linger", true) end)
  raises("bad argument #2 to 'setoption' (boolean 'on' field expected)", function() s:setoption("linger", {timeout = 1}) end)
  raises("bad argument #2 to 'setoption' (number 'timeout' field expected)", function() s:setoption("linger", {on = true}) end)
end)
