-- A real Python is at the other end, if there is one: .ci/run installs it.
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
