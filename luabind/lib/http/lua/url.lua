-- URLs and their parts, after RFC 3986, with the names of LuaSocket.
local url = {_VERSION = "URL 1.0.3"}

function url.escape(s)
  return (s:gsub("[^%w_]", function(c) return ("%%%02x"):format(c:byte()) end))
end

function url.unescape(s)
  return (s:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- url.parse(s [, defaults]) is a table of the parts: scheme, authority, userinfo, user, password, host, port,
-- path, params, query, fragment.
function url.parse(s, defaults)
  if not s or s == "" then return nil, "invalid url" end
  local parts = {}
  for name, value in pairs(defaults or {}) do parts[name] = value end
  -- cut(name, pattern) takes what pattern captures first from s, and leaves the rest
  local function cut(name, pattern)
    local value, rest = s:match(pattern)
    if value then parts[name], s = value, rest end
    return value
  end
  cut("scheme", "^(%w[%w+.-]*):(.*)$")
  local authority = cut("authority", "^//([^/]*@[^/?#]*)(.*)$") or cut("authority", "^//([^/?#]*)(.*)$")
  local before, fragment = s:match("^([^#]*)#(.*)$")
  if before then s, parts.fragment = before, fragment end
  local path, query = s:match("^([^?]*)%?(.*)$")
  if path then s, parts.query = path, query end
  local bare, params = s:match("^([^;]*);(.*)$")
  if bare then s, parts.params = bare, params end
  if s ~= "" then parts.path = s end
  if not authority then return parts end
  local user, host = authority:match("^([^@]*)@(.*)$")
  if user then
    parts.userinfo = user
    local name, password = user:match("^(.*):([^:]*)$")
    parts.user, parts.password = name or user, password or parts.password
    authority = host
  end
  local name, port = authority:match("^(.*):([^:%]]*)$")
  if name then authority, parts.port = name, port end
  if authority ~= "" then parts.host = authority:match("^%[(.+)%]$") or authority end
  return parts
end

-- url.build(parts) is the URL of the parts; host and what goes with it come before authority.
function url.build(parts)
  local list = {}
  local function add(before, value)
    if value then list[#list + 1] = before .. tostring(value) end
  end
  if parts.scheme then list[1] = parts.scheme .. ":" end
  local authority = parts.authority
  if parts.host then
    authority = parts.host:find(":", 1, true) and "[" .. parts.host .. "]" or parts.host
    if parts.port then authority = authority .. ":" .. parts.port end
    local user = parts.userinfo
    if parts.user then user = parts.user .. (parts.password and ":" .. parts.password or "") end
    if user then authority = user .. "@" .. authority end
  end
  add("//", authority)
  add("", parts.path)
  add(";", parts.params)
  add("?", parts.query)
  add("#", parts.fragment)
  return table.concat(list)
end

-- straight(path) is path without its segments . and .. (RFC 3986, 5.2.4).
local function straight(path)
  local rooted, last = path:sub(1, 1) == "/", path:match("[^/]*$")
  local out = {}
  for segment in (rooted and path:sub(2) or path):gmatch("([^/]*)/?") do out[#out + 1] = segment end
  if path:sub(-1) ~= "/" or #path == 1 then out[#out] = nil end -- the empty match at the end
  local kept = {}
  for i, segment in ipairs(out) do
    if segment == ".." then
      if #kept > 0 and kept[#kept] ~= ".." then kept[#kept] = nil elseif not rooted then kept[#kept + 1] = ".." end
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  if (last == "." or last == "..") and #kept > 0 then kept[#kept + 1] = "" end
  return (rooted and "/" or "") .. table.concat(kept, "/")
end

-- url.absolute(base, relative): base is a URL or its parts.
function url.absolute(base, relative)
  local from = type(base) == "table" and base or url.parse(base)
  local to = url.parse(relative)
  if not from then return relative end
  if not to then return type(base) == "table" and url.build(base) or base end
  if not to.scheme then
    to.scheme = from.scheme
    if not to.authority then
      for _, name in ipairs{"authority", "userinfo", "user", "password", "host", "port"} do to[name] = from[name] end
      if not to.path then
        to.path = from.path
        if not to.params then
          to.params = from.params
          to.query = to.query or from.query
        end
      elseif to.path:sub(1, 1) ~= "/" then
        local dir = (from.path or ""):match("^(.*/)[^/]*$") or "/"
        to.path = dir .. to.path
      end
    end
  end
  if to.path then to.path = straight(to.path) end
  return url.build(to)
end

-- url.parse_path(path) is a list of the segments, with is_absolute and is_directory.
function url.parse_path(path)
  path = path or ""
  local list = {}
  for segment in path:gmatch("[^/]+") do list[#list + 1] = url.unescape(segment) end
  if path:sub(1, 1) == "/" then list.is_absolute = 1 end
  if path:sub(-1) == "/" then list.is_directory = 1 end
  return list
end

-- url.build_path(list [, unsafe]) is the other way; unsafe: nothing is escaped.
function url.build_path(list, unsafe)
  local segments = {}
  for i, segment in ipairs(list) do
    segments[i] = unsafe and segment or segment:gsub("[^%w_.!~*'():@&=+$,-]", function(c) return ("%%%02X"):format(c:byte()) end)
  end
  local path = table.concat(segments, "/")
  if list.is_directory and #segments > 0 then path = path .. "/" end
  return (list.is_absolute and "/" or "") .. path
end

return url
