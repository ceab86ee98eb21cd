-- HTTP/1.1 as a client, with the names, arguments and results of LuaSocket's socket.http.
local socket = require "socket"
local ltn12 = require "ltn12"
local mime = require "mime.core"
local url = require "socket.url"

local http = {TIMEOUT = 60, USERAGENT = socket._VERSION} -- PROXY: none

local schemes = {
  http = {port = 80, create = function() return socket.tcp end},
  https = {port = 443, create = function(request) return require("ssl.https").tcp(request) end},
}

-- What is written with other than a capital after each hyphen.
local written = {te = "TE", dnt = "DNT", etag = "ETag", ["www-authenticate"] = "WWW-Authenticate", ["content-md5"] = "Content-MD5"}

local function header_name(name)
  return written[name] or name:gsub("%f[%a]%a", string.upper)
end

-- read_headers adds what comes up to an empty line to a table; names are in lower case.
local function read_headers(conn, headers)
  local name
  while true do
    local line, err = conn:receive()
    if not line then return nil, err end
    if line == "" then return headers end
    if name and line:find("^%s") then -- it goes on
      headers[name] = headers[name] .. line
    else
      local field, value = line:match("^([^:]*):%s*(.*)$")
      if not field then return nil, "malformed reponse headers" end
      name = field:lower()
      headers[name] = headers[name] and headers[name] .. ", " .. value or value
    end
  end
end

local function callable(conn, call)
  return setmetatable({
    getfd = function() return conn:getfd() end,
    dirty = function() return conn:dirty() end,
  }, {__call = function(_, chunk) return call(chunk) end})
end

socket.sinkt["http-chunked"] = function(conn)
  return callable(conn, function(chunk)
    if not chunk then return conn:send("0\r\n\r\n") end
    if chunk == "" then return 1 end -- it would be the end
    return conn:send(("%X\r\n%s\r\n"):format(#chunk, chunk))
  end)
end

socket.sourcet["http-chunked"] = function(conn, headers)
  return callable(conn, function()
    local line, err = conn:receive()
    if not line then return nil, err end
    local size = tonumber(line:match("^%s*(%x+)") or "", 16)
    if not size then return nil, "invalid chunk size" end
    if size == 0 then
      local ok, err = read_headers(conn, headers or {})
      return nil, not ok and err or nil
    end
    local chunk, err = conn:receive(size)
    if not chunk then return nil, err end
    conn:receive()
    return chunk
  end)
end

local function basic(user, password) return "Basic " .. (mime.b64(user .. ":" .. password)) end

-- prepare(request) is a copy in which everything is said.
local function prepare(request)
  local r = request.url and url.parse(request.url, {path = "/", scheme = "http"}) or {}
  for name, value in pairs(request) do r[name] = value end
  r.scheme = r.scheme or "http"
  local scheme = schemes[r.scheme]
  if not scheme then socket.try(nil, "unknown scheme '" .. tostring(r.scheme) .. "'") end
  if not r.host or r.host == "" then socket.try(nil, "invalid host '" .. tostring(r.host) .. "'") end
  if not r.port or r.port == "" then r.port = scheme.port end
  local number = tonumber(r.port)
  if number and not (number >= 0 and number <= 65535) then socket.try(nil, "invalid port '" .. r.port .. "'") end
  if not r.method or r.method == "" then r.method = "GET" end
  r.create = r.create or scheme.create(r)
  local proxy = r.proxy or http.PROXY
  if proxy and r.scheme == "https" then socket.try(nil, "proxy not supported") end -- as LuaSec says it
  if not request.uri then
    r.uri = url.build(proxy and r or {path = socket.try(r.path, "invalid path 'nil'"), params = r.params, query = r.query})
  end
  local host = r.host:find(":", 1, true) and "[" .. r.host .. "]" or r.host
  if tostring(r.port) ~= tostring(scheme.port) then host = host .. ":" .. r.port end
  local headers = {host = host, ["user-agent"] = http.USERAGENT, connection = "close, TE", te = "trailers"}
  if r.user and r.password then headers.authorization = basic(r.user, url.unescape(r.password)) end
  if proxy then
    local p = url.parse(proxy)
    if p.user and p.password then headers["proxy-authorization"] = basic(p.user, p.password) end
    r.host, r.port = p.host, p.port or 3128
  end
  for name, value in pairs(request.headers or {}) do headers[name:lower()] = value end
  if r.source and not headers["content-length"] and not headers["transfer-encoding"] then
    headers["transfer-encoding"] = "chunked"
  end
  r.headers = headers
  return r
end

-- redirected(r, code, headers) is the URL that the answer sends to, if it is to be followed.
local function redirected(r, code, headers)
  local location = (headers.location or ""):gsub("%s", "")
  if location == "" or r.redirect == false or r.source then return nil end
  if not (code == 301 or code == 302 or code == 303 or code == 307 or code == 308) then return nil end
  if r.method ~= "GET" and r.method ~= "HEAD" then return nil end
  if r.maxredirects ~= false and (r.nredirects or 0) >= (r.maxredirects or 5) then return nil end
  local scheme = url.parse(location).scheme
  if scheme and not schemes[scheme] then return nil end
  if r.scheme == "https" and scheme and scheme ~= "https" then return nil end -- not from a safe one to another
  return location
end

-- same_place(from, to) says whether what is secret between us and the one may be told to the other: it is the same host
-- and port, or the usual one of https in place of that of http.
local function same_place(from, to)
  local function port(place) return tostring(place.port or (schemes[place.scheme] or {}).port) end
  if from.host ~= to.host then return false end
  return port(from) == port(to) or from.scheme == "http" and to.scheme == "https" and port(from) == "80" and port(to) == "443"
end

local perform

local function follow(request, r, location)
  local next = {}
  for name, value in pairs(request) do next[name] = value end
  for _, name in ipairs{"scheme", "authority", "userinfo", "user", "password", "host", "port", "path", "params", "query", "fragment", "uri"} do
    next[name] = nil
  end
  next.url = url.absolute(request.url or url.build(r), location)
  local to, from = url.parse(next.url, {scheme = r.scheme}), url.parse(request.url or url.build(r), {scheme = r.scheme})
  if to.scheme ~= r.scheme then next.create = request.scheme == nil and request.create or nil end
  if request.headers and not same_place(from, to) then
    next.headers = {}
    for name, value in pairs(request.headers) do
      local lower = name:lower()
      if lower ~= "authorization" and lower ~= "cookie" and lower ~= "host" then next.headers[name] = value end
    end
  end
  next.nredirects = (request.nredirects or 0) + 1
  local ok, code, headers, status = perform(next)
  headers = headers or {}
  headers.location = headers.location or location
  return ok, code, headers, status
end

-- read_status is the code and the line, or nil and what a server of HTTP/0.9 has sent so far.
local function read_status(conn, try)
  local start, err = conn:receive(5)
  if err == "timeout" then return 408 end
  if start ~= "HTTP/" then return nil, try(start, err) end
  local line = try(conn:receive("*l", start))
  return try(tonumber((line:match("^HTTP/%d*%.%d* (%d%d%d)"))), line), line
end

function perform(request)
  local r = prepare(request)
  local conn = socket.try(r.create())
  local try = socket.newtry(function() conn:close() end)
  try(conn:settimeout(http.TIMEOUT))
  try(conn:connect(r.host, r.port))

  local lines = {r.method .. " " .. r.uri .. " HTTP/1.1"}
  for name, value in pairs(r.headers) do lines[#lines + 1] = header_name(name) .. ": " .. tostring(value) end
  try(conn:send(table.concat(lines, "\r\n") .. "\r\n\r\n"))
  if r.source then
    local mode = r.headers["content-length"] and "keep-open" or "http-chunked"
    try(ltn12.pump.all(r.source, socket.sink(mode, conn), r.step))
  end

  local sink = r.sink or ltn12.sink.null()
  local code, status = read_status(conn, try)
  if not code then
    local source = ltn12.source.rewind(socket.source("until-closed", conn))
    source(status)
    try(ltn12.pump.all(source, sink, r.step))
    return 1, 200
  elseif code == 408 and not status then
    conn:close()
    return 1, code
  end
  local headers = try(read_headers(conn, {}))
  while code == 100 do
    code, status = read_status(conn, try)
    headers = try(read_headers(conn, {}))
  end
  local location = redirected(r, code, headers)
  if location then
    conn:close()
    return follow(request, r, location)
  end
  if r.method ~= "HEAD" and code >= 200 and code ~= 204 and code ~= 304 then
    local length, coding = tonumber((headers["content-length"] or ""):match("^%d+$")), headers["transfer-encoding"]
    local mode = "until-closed"
    if coding and coding ~= "identity" then mode = "http-chunked" elseif length then mode = "by-length" end
    local source = socket.source(mode, conn, mode == "by-length" and length or headers)
    try(ltn12.pump.all(source, sink, r.step))
  end
  conn:close()
  return 1, code, headers, status
end

-- http.genericform(address [, body]) is the request of http.request(address [, body]).
function http.genericform(address, body)
  local target = {}
  local request = {url = address, sink = ltn12.sink.table(target), target = target}
  if body then
    request.method = "POST"
    request.source = ltn12.source.string(body)
    request.headers = {["content-length"] = #body, ["content-type"] = "application/x-www-form-urlencoded"}
  end
  return request
end

http.request = socket.protect(function(request, body)
  if type(request) ~= "string" then return perform(request) end
  local generic = http.genericform(request, body)
  local _, code, headers, status = perform(generic)
  return table.concat(generic.target), code, headers, status
end)

http.schemes = schemes

return http
