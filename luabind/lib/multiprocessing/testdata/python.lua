-- A real Python is at the other end, if there is one: .ci/run installs it.
if short then return end -- nearly each test here starts processes

local mp = require "multiprocessing"

if os.execute("python3 -c '' 2>/dev/null") ~= 0 then return end

-- python starts a script, with an address at %s; the function that it returns reads what was printed.
local function python(code, ...)
  local f = assert(io.popen("python3 -c '" .. code:format(...) .. "' 2>&1"))
  return function()
    local text = f:read("*a")
    f:close()
    return text
  end
end

test("Python is the client", function()
  local l = mp.Listener{address = {"127.0.0.1", 0}, authkey = "secret"}
  local code = [[
from multiprocessing.connection import Client
from multiprocessing import AuthenticationError
try:
    c = Client(("127.0.0.1", %d), authkey=b"%s")
    c.send_bytes(b"ping")
    print(c.recv_bytes().decode())
except AuthenticationError as e:
    print(e)
]]
  local said = python(code, l.address[2], "secret")
  local c = l:accept()
  eq(c:recv_bytes(), "ping")
  c:send_bytes("pong")
  eq(said(), "pong\n")
  said = python(code, l.address[2], "another")
  local held, err = pcall(l.accept, l)
  eq(held, false)
  eq(err.name, "AuthenticationError")
  eq(said(), "digest sent was rejected\n")
end)

test("Python listens", function()
  local said = io.popen([[python3 -c '
import sys
from multiprocessing.connection import Listener
from multiprocessing import AuthenticationError
l = Listener(("127.0.0.1", 0), authkey=b"secret")
print(l.address[1], flush=True)
for _ in range(2):
    try:
        c = l.accept()
        c.send_bytes(c.recv_bytes() * 100000)
    except AuthenticationError as e:
        print(e, flush=True)
' 2>&1]])
  local address = {"127.0.0.1", tonumber(said:read("*l"))}
  local held, err = pcall(mp.Client, {address = address, authkey = "another"})
  eq(held, false)
  eq(err.message, "digest sent was rejected")
  local c = mp.Client{address = address, authkey = "secret"}
  c:send_bytes("ping")
  eq(#c:recv_bytes(), 400000)
  eq(said:read("*a"), "digest received was wrong\n")
  said:close()
end)

-- What send gives to Python, and what it gives back.
local values = {
  {nil, "NoneType None"},
  {true, "bool True"},
  {1, "int 1"},
  {1.5, "float 1.5"},
  {"\228\189\160", "str \228\189\160"},
  {"\255", "bytes b\"\\xff\""},
  {{1, "x", {a = 1}}, "list [1, \"x\", {\"a\": 1}]"},
  {{a = {b = {1, 2}}}, "dict {\"a\": {\"b\": [1, 2]}}"},
  {{1, nil, 3, n = 3}, "list [1, None, 3]"},
  {{}, "list []"},
}
local code = [[
import sys
from multiprocessing.connection import Client
sys.stdout.reconfigure(encoding="utf-8")
c = Client(("127.0.0.1", %d), authkey=b"secret")
try:
    while True:
        v = c.recv()
        print(type(v).__name__, v if isinstance(v, str) else repr(v).replace(chr(39), chr(34)))
        c.send(v)
except EOFError:
    pass
]]

test("values go to Python and come back", function()
  local l = mp.Listener{address = {"127.0.0.1", 0}, authkey = "secret"}
  local said = python(code, l.address[2])
  local c = l:accept()
  local want = ""
  for _, case in ipairs(values) do
    c:send(case[1])
    eq(c:recv(), case[1])
    want = want .. case[2] .. "\n"
  end
  local t = {}
  t.self = t
  c:send(t)
  t = c:recv()
  eq(t.self, t)
  want = want .. "dict {\"self\": {...}}\n"

  -- A connection that has gone to another process knows who is at its other end.
  local p = mp.Process{target = function() c:send({"from a child"}) assert(c:recv()[1] == "from a child") end}
  p:start()
  p:join()
  eq(p.exitcode, 0)
  want = want .. "list [\"from a child\"]\n"

  local held, err = pcall(c.send, c, {log = {print}})
  eq(held, false)
  eq(err.name, "ValueError")
  ok(err.message:find("cannot send to Python: value.log[1] is a function", 1, true), err.message)
  c:close()
  eq(said(), want)
end)

test("Python sends values", function()
  local l = mp.Listener{authkey = "secret"}
  local said = python([[
from multiprocessing.connection import Client
import datetime, os
class Evil:
    def __reduce__(self): return os._exit, (1,)
c = Client(("127.0.0.1", %d), authkey=b"secret")
c.send([1, "x", {"a": None, "b": (1, b"bytes", bytearray(b"more"))}, {3}])
c.send(datetime.date(2020, 1, 1))
c.send(2**64 + 1)
c.send({"x": Evil()})
c.send_bytes(b"not a pickle")
c.send("the end")
]], l.address[2])
  local c = l:accept()
  eq(c:recv(), {1, "x", {b = {1, "bytes", "more"}}, {[3] = true}})
  for _, want in ipairs{"datetime.date", "an integer of 65 bits", "posix._exit", "no pickle"} do
    local held, err = pcall(c.recv, c)
    eq(held, false)
    eq(err.name, "ValueError")
    ok(err.message:find(want, 1, true), err.message)
  end
  eq(c:recv(), "the end")
  eq(said(), "")
end)
