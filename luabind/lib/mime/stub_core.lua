---@meta mime.core
---Encodings piece by piece, as LuaSocket has them. Each function gives what it could turn, and what it needs for the next call; nil in place of a text is the end.

---@class mime.core
---@field _VERSION string # that of LuaSocket's whose names these are
local core = {}

---Base64 of a..b, and what is left of that; without b it is the end
---@param a? string
---@param b? string
---@return string?
---@return string?
function core.b64(a, b) end

---what Base64 stands for
---@param a? string
---@param b? string
---@return string?
---@return string?
function core.unb64(a, b) end

---quoted-printable of a..b, and what is left of that
---@param a? string
---@param b? string
---@param marker? string # in place of a line's end
---@return string?
---@return string?
function core.qp(a, b, marker) end

---what quoted-printable stands for
---@param a? string
---@param b? string
---@return string?
---@return string?
function core.unqp(a, b) end

---breaks a text into lines, and says how much is left of the last one
---@param left integer # of the first line
---@param text? string
---@param length? integer # of a line, 76
---@return string?
---@return integer
function core.wrp(left, text, length) end

---the same for quoted-printable
---@param left integer
---@param text? string
---@param length? integer
---@return string?
---@return integer
function core.qpwrp(left, text, length) end

---makes all ends of lines the same
---@param context integer # 0 at first
---@param text? string
---@param marker? string # the end of a line, CRLF
---@return string?
---@return integer
function core.eol(context, text, marker) end

---doubles dots that begin a line, for SMTP
---@param state integer # 2 at first
---@param text? string
---@return string?
---@return integer
function core.dot(state, text) end

return core
