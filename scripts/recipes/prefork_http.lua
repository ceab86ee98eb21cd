-- An HTTP server whose workers are started before there is a client: all of them accept on one listening
-- socket, and the system gives each connection to one that is free.
local mp, socket = require "multiprocessing", require "socket"

local function serve(server)
  while true do
    local conn = assert(server:accept())
    conn:settimeout(5) -- a client that says nothing doesn't keep a worker for ever
    local method, path = (conn:receive() or ""):match("^(%u+) (%S+) HTTP/1")
    repeat local header = conn:receive() until not header or header == ""
    local status, body = "200 OK", "hello, " .. (path or ""):sub(2) .. "\n"
    if method ~= "GET" then status, body = "405 Method Not Allowed", "only GET\n" end
    conn:send(("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(status, #body, body))
    conn:close()
  end
end

local function request(host, port, method, path)
  local conn = assert(socket.connect(host, port))
  conn:send(("%s %s HTTP/1.1\r\nHost: %s\r\n\r\n"):format(method, path, host))
  local answer = conn:receive("*a")
  conn:close()
  return answer:match("^HTTP/1.1 (%d+)"), answer:match("\r\n\r\n(.*)\n")
end

local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()
for i = 1, mp.cpu_count() + 1 do
  mp.Process{target = serve, args = {server}, name = "worker-" .. i, daemon = true}:start()
end
server:close() -- the workers have theirs

for _, name in ipairs{"egon", "alex", "wupeiqi"} do
  print(request(host, port, "GET", "/" .. name))
end
print(request(host, port, "POST", "/egon"))
-- The workers are daemons: they end with this script.
