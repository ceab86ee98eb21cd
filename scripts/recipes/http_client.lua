-- Pages fetched at the same time by a pool: each worker has its own connection. A server of two lines, in a
-- process of its own, stands for the ones out there.
local mp = require "multiprocessing"
local socket = require "socket"
local http = require "socket.http"

local function serve(server)
  while true do
    local conn = server:accept()
    local path = conn:receive():match("^GET (%S+)")
    repeat until conn:receive() == ""
    local body = "this is " .. path .. "\n"
    conn:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
    conn:close()
  end
end

local function fetch(address)
  local body, code = http.request(address)
  return {address:match("[^/]*$"), code, body}
end

local server = assert(socket.bind("127.0.0.1", 0))
local address = ("http://127.0.0.1:%d/"):format(select(2, server:getsockname()))
mp.Process{target = serve, args = {server}, daemon = true}:start()

local pages = {}
for i = 1, 5 do pages[i] = address .. "page" .. i end
mp.Pool(3):hold(function(pool)
  for _, page in ipairs(pool:map(fetch, pages)) do io.write(page[1], " ", page[2], ": ", page[3]) end
end)
