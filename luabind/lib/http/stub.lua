---@meta socket.http
---HTTP as a client, as LuaSocket has it; https too. What fails gives nil and an error.

---@class socket.http
---@field TIMEOUT number # seconds for each wait, 60
---@field USERAGENT string # what servers are told
---@field PROXY? string # the URL of a proxy; with https it is an error
---@field schemes table # how connections are made, by the scheme of a URL
local http = {}

---what a request may say
---@class socket.http.Request
---@field url? string # or its parts, as those of socket.url
---@field method? string # "GET"
---@field headers? table # by their names
---@field source? function # gives the body, see ltn12
---@field sink? function # takes the body of the answer
---@field step? function # takes chunks from a source to a sink
---@field proxy? string
---@field redirect? boolean # false: none is followed
---@field maxredirects? integer|boolean # 5; false: any number
---@field create? function # makes the socket
---@field verify? string # "none": https with any certificate
---@field cafile? string # a file of certificates to trust

---the body, the code, the headers and the status line; of a table 1 in place of the body
---@param request string|socket.http.Request # a URL, or a table
---@param body? string # is posted as a form
---@return string|integer?
---@return integer|string
---@return table?
---@return string?
function http.request(request, body) end

---the table that request(address, body) stands for; its target gets the body
---@param address string
---@param body? string
---@return socket.http.Request
function http.genericform(address, body) end

return http
