-- Filters of mime.core's functions.
local ltn12 = require "ltn12"
local mime = require "mime.core"

local cycle = ltn12.filter.cycle

-- by(t) is a function that calls what t has under a name, or under "default" where no string
-- comes first.
local function by(t)
  return function(name, a, b)
    if type(name) ~= "string" then name, a, b = "default", name, a end
    local make = t[name]
    if not make then error("unknown key (" .. name .. ")", 3) end
    return make(a, b)
  end
end

mime.encodet = {
  ["base64"] = function() return cycle(mime.b64, "") end,
  ["quoted-printable"] = function(mode) return cycle(mime.qp, "", mode == "binary" and "=0D=0A" or "\r\n") end,
}
mime.decodet = {
  ["base64"] = function() return cycle(mime.unb64, "") end,
  ["quoted-printable"] = function() return cycle(mime.unqp, "") end,
}
local function text(length)
  length = length or 76
  return cycle(mime.wrp, length, length)
end
mime.wrapt = {
  ["text"] = text,
  ["base64"] = text,
  ["default"] = text,
  ["quoted-printable"] = function() return cycle(mime.qpwrp, 76, 76) end,
}
mime.encode, mime.decode, mime.wrap = by(mime.encodet), by(mime.decodet), by(mime.wrapt)

function mime.normalize(marker) return cycle(mime.eol, 0, marker) end

function mime.stuff() return cycle(mime.dot, 2) end

return mime
