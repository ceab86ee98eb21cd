-- newtry, try and protect.
local socket = require "socket"
local p = require "pair"
local results = p.results

test("try gives its arguments back", function()
  eq(results(socket.try(1, nil, 3, nil)), {n = 4, 1, nil, 3})
  eq(results(socket.try("x")), {n = 1, "x"})
end)

test("try raises what protect catches", function()
  local f = socket.protect(function(...) return "fine", socket.try(...) end)
  eq(results(f(1, 2)), {n = 3, "fine", 1, 2})
  eq(results(f(nil, "failed", "more")), {n = 2, nil, "failed"})
  eq(results(f(false, {1})), {n = 2, nil, {1}})
  eq(results(f(nil)), {n = 2})
  eq(results(f()), {n = 2})
end)

test("other errors go on", function()
  local value = {}
  local f = socket.protect(function(v) error(v) end)
  local fine, err = pcall(f, value)
  eq({fine, err == value}, {false, true})
  eq({pcall(socket.protect(error), "text", 0)}, {false, "text"})
end)

test("a finalizer", function()
  local count = 0
  local try = socket.newtry(function() count = count + 1 end)
  local f = socket.protect(function(...) return try(...) end)
  eq(results(f("a", "b")), {n = 2, "a", "b"})
  eq(count, 0)
  eq(results(f(nil, "b")), {n = 2, nil, "b"})
  eq(count, 1)
end)

test("a finalizer closes the socket", function()
  local a, b = p.pair()
  local get = socket.protect(function()
    local try = socket.newtry(function() a:close() end)
    try(a:send("hello\n"))
    a:settimeout(0.01)
    return try(a:receive())
  end)
  eq(results(get()), {n = 2, nil, "timeout"})
  eq(b:receive(), "hello")
  eq(results(b:receive()), {n = 3, nil, "closed", ""})
end)

test("an exception is a table that hides its metatable", function()
  local fine, err = pcall(socket.try, nil, "why")
  eq({fine, type(err), err[1], getmetatable(err)}, {false, "table", "why", false})
end)

test("protect in protect", function()
  local inner = socket.protect(function() socket.try(nil, "inner") end)
  local outer = socket.protect(function()
    local v, err = inner()
    eq({v, err}, {nil, "inner"})
    socket.try(v, "outer")
  end)
  eq(results(outer()), {n = 2, nil, "outer"})
end)

test("recursion", function()
  local function down(n)
    if n == 0 then socket.try(nil, "bottom") end
    down(n - 1)
  end
  eq(results(socket.protect(down)(50)), {n = 2, nil, "bottom"})
end)
