---@meta ssl.https
---HTTPS, as LuaSec has it. Certificates are verified, unless a request says verify = "none".

---@class ssl.https
---@field PORT integer # 443
---@field TIMEOUT integer # seconds; socket.http.TIMEOUT counts
local https = {}

---as socket.http.request, with https where no scheme is named
---@param request string|table # a URL, or a table as that of socket.http.request, also with verify and cafile
---@param body? string
---@return string|integer?
---@return integer|string
---@return table?
---@return string?
function https.request(request, body) end

---what makes connections for the create of socket.http.request
---@param options? table # verify and cafile
---@return function
function https.tcp(options) end

return https
