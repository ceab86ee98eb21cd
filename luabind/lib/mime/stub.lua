---@meta mime
---Filters for ltn12, as LuaSocket has them, and what is in mime.core.

---@class mime: mime.core
---@field encodet table # the filters of mime.encode, by name
---@field decodet table # the filters of mime.decode, by name
---@field wrapt table # the filters of mime.wrap, by name
local mime = {}

---a filter that encodes
---@param name string # "base64" or "quoted-printable"
---@param mode? string # "binary": ends of lines are bytes like others
---@return function
function mime.encode(name, mode) end

---a filter that decodes
---@param name string # "base64" or "quoted-printable"
---@return function
function mime.decode(name) end

---a filter that breaks into lines
---@param name? string # "text", "base64" or "quoted-printable"
---@param length? integer # 76
---@return function
function mime.wrap(name, length) end

---a filter that makes all ends of lines the same
---@param marker? string # CRLF
---@return function
function mime.normalize(marker) end

---a filter that doubles dots which begin a line
---@return function
function mime.stuff() end

return mime
