-- Wrong arguments are errors that name the function and the argument, wherever the call is wrong.
local socket = require "socket"
local p = require "pair"

local client, accepted = p.pair()
local listening = assert(socket.bind("127.0.0.1", 0))
local master = socket.tcp()

-- bad checks what code raises, in which the library and sockets of all kinds have names.
local function bad(code, text)
  local f = assert(loadstring("local socket, c, s, m = ...; " .. code, "=bad"))
  local fine, err = pcall(f, socket, client, listening, master)
  ok(not fine, code .. " raised nothing")
  eq(err, "bad:1: " .. text)
end

test("missing and of the wrong type", function()
  for _, name in ipairs{"bind", "connect", "connect4", "connect6"} do
    bad("socket." .. name .. "()", "bad argument #1 to '" .. name .. "' (string expected, got no value)")
    bad("socket." .. name .. "(nil, 1)", "bad argument #1 to '" .. name .. "' (string expected, got nil)")
    bad("socket." .. name .. "({}, 1)", "bad argument #1 to '" .. name .. "' (string expected, got table)")
    bad("socket." .. name .. "('127.0.0.1')", "bad argument #2 to '" .. name .. "' (string expected, got no value)")
    bad("socket." .. name .. "('127.0.0.1', true)", "bad argument #2 to '" .. name .. "' (string expected, got boolean)")
  end
  bad("socket.bind('127.0.0.1', 0, {})", "bad argument #3 to 'bind' (number expected, got table)")
  bad("socket.connect('127.0.0.1', 1, {})", "bad argument #3 to 'connect' (string expected, got table)")
  bad("socket.connect('127.0.0.1', 1, 'x', {})", "bad argument #4 to 'connect' (string expected, got table)")
  bad("socket.connect('127.0.0.1', 1, nil, nil, 'inet7')", "bad argument #5 to 'connect' (invalid option 'inet7')")
  bad("socket.skip()", "bad argument #1 to 'skip' (number expected, got no value)")
  bad("socket.skip('x')", "bad argument #1 to 'skip' (number expected, got string)")
  bad("socket.sleep({})", "bad argument #1 to 'sleep' (number expected, got table)")
  for _, name in ipairs{"toip", "tohostname", "getaddrinfo"} do
    bad("socket.dns." .. name .. "()", "bad argument #1 to '" .. name .. "' (string expected, got no value)")
    bad("socket.dns." .. name .. "(true)", "bad argument #1 to '" .. name .. "' (string expected, got boolean)")
  end
  bad("m:bind()", "bad argument #1 to 'bind' (string expected, got no value)")
  bad("m:bind('127.0.0.1')", "bad argument #2 to 'bind' (string expected, got no value)")
  bad("m:connect(nil, 1)", "bad argument #1 to 'connect' (string expected, got nil)")
  bad("m:listen('x')", "bad argument #1 to 'listen' (number expected, got string)")
  bad("c:send()", "bad argument #1 to 'send' (string expected, got no value)")
  bad("c:send({})", "bad argument #1 to 'send' (string expected, got table)")
  bad("c:send('x', 'y')", "bad argument #2 to 'send' (number expected, got string)")
  bad("c:send('x', 1, {})", "bad argument #3 to 'send' (number expected, got table)")
  bad("c:receive({})", "bad argument #1 to 'receive' (string expected, got table)")
  bad("c:receive('*x')", "bad argument #1 to 'receive' (invalid receive pattern)")
  bad("c:receive('')", "bad argument #1 to 'receive' (invalid receive pattern)")
  bad("c:receive(-1)", "bad argument #1 to 'receive' (invalid receive pattern)")
  bad("c:receive('-1')", "bad argument #1 to 'receive' (invalid receive pattern)")
  bad("c:receive(0/0)", "bad argument #1 to 'receive' (invalid receive pattern)")
  bad("c:receive('*l', {})", "bad argument #2 to 'receive' (string expected, got table)")
  bad("c:setstats('x')", "bad argument #1 to 'setstats' (number expected, got string)")
  bad("c:setfd()", "bad argument #1 to 'setfd' (number expected, got no value)")
end)

test("the wrong kind of socket", function()
  for _, name in ipairs{"send", "receive", "shutdown", "getstats", "setstats"} do
    bad("s:" .. name .. "()", "calling '" .. name .. "' on bad self (tcp{client} expected)")
    bad("m:" .. name .. "()", "calling '" .. name .. "' on bad self (tcp{client} expected)")
  end
  for _, name in ipairs{"bind", "listen"} do
    bad("s:" .. name .. "()", "calling '" .. name .. "' on bad self (tcp{master} expected)")
    bad("c:" .. name .. "()", "calling '" .. name .. "' on bad self (tcp{master} expected)")
  end
  bad("m:accept()", "calling 'accept' on bad self (tcp{server} expected)")
  bad("c:accept()", "calling 'accept' on bad self (tcp{server} expected)")
end)

test("no socket at all", function()
  local any = {
    "close", "connect", "dirty", "getfamily", "getfd", "getoption", "getpeername", "getsockname", "gettimeout",
    "setfd", "setoption", "settimeout",
  }
  for _, name in ipairs(any) do
    bad("c." .. name .. "()", "bad argument #1 to '" .. name .. "' (tcp{any} expected)")
    bad("c." .. name .. "({})", "bad argument #1 to '" .. name .. "' (tcp{any} expected)")
    bad("c." .. name .. "(io.stdout)", "bad argument #1 to '" .. name .. "' (tcp{any} expected)")
  end
  bad("c.send('x', 'y')", "bad argument #1 to 'send' (tcp{client} expected)")
end)

-- Every function with every kind of nonsense: an error or a result, and nothing breaks.
test("nonsense", function()
  local values = {true, 0, -1, 2 ^ 53, 1 / 0, 0 / 0, "", "x", "\0", {}, print, coroutine.create(print)}
  local function try(f, ...)
    for i = 0, #values do
      for j = 0, #values do pcall(f, ..., values[i], values[j]) end
    end
  end
  for name, f in pairs(socket) do
    if type(f) == "function" and name ~= "sleep" and name ~= "select" then pcall(f) try(f) end
  end
  for _, name in ipairs{
    "bind", "close", "connect", "dirty", "getfamily", "getfd", "getoption", "getpeername", "getsockname", "getstats",
    "gettimeout", "listen", "send", "setfd", "setoption", "setstats", "settimeout", "shutdown", "accept", "receive",
  } do
    for _, v in ipairs(values) do
      local s = socket.tcp()
      s:settimeout(0)
      for _, w in ipairs(values) do pcall(s[name], s, v, w) pcall(s[name], v, w) end
      pcall(s.close, s)
    end
  end
  local a, b = p.pair()
  a:send("still\n")
  eq(b:receive(), "still")
end)
