-- Sockets for the tests, all of them on loopback.
local socket = require "socket"
local pair = {}

-- A client and what its server has accepted.
function pair.pair(address)
  local server = assert(socket.bind(address or "127.0.0.1", 0))
  local client = assert(socket.connect(server:getsockname(), (select(2, server:getsockname()))))
  local accepted = assert(server:accept())
  server:close()
  return client, accepted
end

-- A port at which nobody listens.
function pair.nobody()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return port
end

-- How many seconds f takes, and what it returns.
function pair.timed(f, ...)
  local began = socket.gettime()
  local a, b, c = f(...)
  return socket.gettime() - began, a, b, c
end

-- The results of a call as a list that counts them.
function pair.results(...) return {n = select("#", ...), ...} end

return pair
