-- A Python program as the other side: listeners and clients speak the protocol of Python's
-- multiprocessing.connection. Numbers, strings, lists and dicts go both ways.
local mp, subprocess = require "multiprocessing", require "subprocess"

local program = [[
import sys
from multiprocessing.connection import Client

with Client(sys.argv[1], authkey=b"open sesame") as conn:
    while True:
        task = conn.recv()
        if task is None:
            break
        conn.send({"name": task["name"].upper(), "sum": sum(task["numbers"])})
    conn.send("bye from Python")
]]

local listener = mp.Listener{family = "AF_UNIX", authkey = "open sesame"} -- under a name that nobody has
local python = subprocess.popen{"python3", "-c", program, listener.address}

local conn = listener:accept()
for i = 1, 3 do
  conn:send{name = "task " .. i, numbers = {i, 2 * i, 3 * i}}
  local answer = conn:recv()
  print(answer.name, answer.sum)
end
conn:send(nil)
print(conn:recv(), python:wait())
conn:close()
listener:close()
