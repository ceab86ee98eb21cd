-- Sockets beside the objects of this package.
local mp = require "multiprocessing"
local socket = require "socket"

local function run(f, ...)
  local p = mp.Process{target = f, args = {...}}
  p:start()
  return p
end

test("wait takes sockets", function()
  local server = socket.bind("127.0.0.1", 0)
  local _, port = server:getsockname()
  local q = mp.Queue()
  eq(#mp.wait({server, q}, 0), 0)
  local go = mp.Event()
  local p = run(function()
    local c = socket.connect("127.0.0.1", port)
    go:wait()
    c:send("one\ntwo\n")
    go:clear()
    q:put("sent")
    c:receive("*a")
  end)
  eq(mp.wait({q, server})[1], server)
  local c = server:accept()
  eq(#mp.wait({c, q}, 0), 0)
  go:set()
  eq(mp.wait({c})[1], c)
  eq(c:receive(), "one")
  eq(mp.wait({c}, 30)[1], c) -- the second line may have been read ahead
  eq(c:receive(), "two")
  eq(q:get(), "sent")
  eq(#mp.wait({c}, 0.01), 0)
  c:close()
  server:close()
  p:join()
  eq(p.exitcode, 0)
end)

test("a socket is an item of a queue", function()
  local server = socket.bind("127.0.0.1", 0)
  local _, port = server:getsockname()
  local q = mp.Queue()
  local p = run(function() local c = q:get() c:send("from the worker\n") c:close() end)
  local client = socket.connect("127.0.0.1", port)
  local c = server:accept()
  q:put(c)
  c:close()
  eq(client:receive(), "from the worker")
  p:join()
  client:close()
  server:close()
end)
