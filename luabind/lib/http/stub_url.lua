---@meta socket.url
---URLs and their parts, as LuaSocket has them: scheme, authority, userinfo, user, password, host, port, path, params, query, fragment.

---@class socket.url
---@field _VERSION string # that of LuaSocket's whose names these are
local url = {}

---a table of the parts
---@param s string
---@param defaults? table # parts that it has where s doesn't say
---@return table?
---@return string?
function url.parse(s, defaults) end

---the URL of parts
---@param parts table
---@return string
function url.build(parts) end

---where a URL leads that stands in the document base
---@param base string|table
---@param relative string
---@return string
function url.absolute(base, relative) end

---a list of the segments of a path, with is_absolute and is_directory
---@param path string
---@return table
function url.parse_path(path) end

---a path of segments
---@param segments table
---@param unsafe? boolean # true: nothing is escaped
---@return string
function url.build_path(segments, unsafe) end

---with %xx for all but letters, digits and _
---@param s string
---@return string
function url.escape(s) end

---with bytes for each %xx
---@param s string
---@return string
function url.unescape(s) end

return url
