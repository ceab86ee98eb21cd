-- HTTPS, with the names of LuaSec's ssl.https. Certificates are verified unless verify = "none".
local socket = require "socket"
local tls = require "socket.tls"

local https = {PORT = 443, TIMEOUT = 60}

-- https.tcp(options) is a function that makes a connection for socket.http.
function https.tcp(options)
  return function()
    local sock, err = socket.tcp()
    if not sock then return nil, err end
    local conn = setmetatable({}, {__index = function(_, name)
      return function(_, ...) return sock[name](sock, ...) end
    end})
    function conn:connect(host, port)
      local ok, err = sock:connect(host, port)
      if not ok then return nil, err end
      return tls.start(sock, host, options)
    end
    return conn
  end
end

-- https.request(url or request [, body]) is http.request, with https where no scheme is named.
function https.request(request, body)
  local http, url = require "socket.http", require "socket.url"
  if type(request) == "string" then
    local parts = url.parse(request, {path = "/", scheme = "https"})
    if not parts.host then parts = url.parse("https://" .. request) end
    return http.request(url.build(parts), body)
  end
  local copy = {}
  for name, value in pairs(request) do copy[name] = value end
  copy.create = copy.create or https.tcp(copy)
  if copy.url then
    copy.url = url.build(url.parse(copy.url, {path = "/", scheme = "https"}))
  else
    copy.scheme = copy.scheme or "https"
  end
  return http.request(copy)
end

return https
