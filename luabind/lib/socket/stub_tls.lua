---@meta socket.tls
---TLS for clients.

---@class socket.tls
local tls = {}

---goes on with TLS on a client that is connected; certificates are verified unless options say otherwise
---@param client socket.Client
---@param host string # whose certificate it has to be
---@param options? table # verify = "none": any certificate; cafile: a file of those to trust
---@return boolean?
---@return string?
function tls.start(client, host, options) end

return tls
