---@meta socket.unix
---Sockets of Unix, after LuaSocket: an address is a path. What fails gives nil and an error.

---@class socket.unix
local unix = {}

---a socket of a stream or of datagrams; a method of another kind is an error
---@class socket.unix.Socket
---@field class string # its kind, as errors write it: "unixstream{master}" and so on
local Socket = {}

---a stream that is neither connected nor listening yet
---@class socket.unix.Master: socket.unix.Socket
local Master = {}

---a stream that is connected
---@class socket.unix.Client: socket.unix.Socket
local Client = {}

---a stream that listens
---@class socket.unix.Server: socket.unix.Socket
local Server = {}

---sends datagrams to any path
---@class socket.unix.Datagram: socket.unix.Socket
local Datagram = {}

---sends datagrams to one
---@class socket.unix.ConnectedDatagram: socket.unix.Socket
local ConnectedDatagram = {}

---a stream that is neither connected nor listening yet, a master
---@return socket.unix.Master?
---@return string?
function unix.stream() end

---the same as stream, by its old name
---@return socket.unix.Master?
---@return string?
function unix.tcp() end

---a socket for datagrams
---@return socket.unix.Datagram?
---@return string?
function unix.dgram() end

---the same as dgram, by its old name
---@return socket.unix.Datagram?
---@return string?
function unix.udp() end

---gives it a path, where nothing is yet; the file stays when it is closed
---@param path string
---@return integer?
---@return string?
function Socket:bind(path) end

---the same as bind
---@param path string
---@return integer?
---@return string?
function Socket:setsockname(path) end

---of a master: makes it a server
---@param backlog? integer # how many clients wait to be accepted; 32
---@return integer?
---@return string?
function Socket:listen(backlog) end

---of a server: the next client
---@return socket.unix.Client?
---@return string?
function Socket:accept() end

---of a master: makes it a client; of datagrams: sends to this path from now on
---@param path string
---@return integer?
---@return string?
function Socket:connect(path) end

---the same as connect
---@param path string
---@return integer?
---@return string?
function Socket:setpeername(path) end

---of a stream: the last byte sent, or nil, an error and the last byte sent; of datagrams, if connected: how many bytes were sent
---@param data string
---@param i? integer # of a stream: the first byte to send, 1
---@param j? integer # the last one, -1
---@return integer?
---@return string?
---@return integer?
function Socket:send(data, i, j) end

---of datagrams: sends one to a path
---@param datagram string
---@param path string
---@return integer?
---@return string?
function Socket:sendto(datagram, path) end

---of a stream: what was received, or nil, an error and what came before it; of datagrams: the next one
---@param pattern? string|integer # of a stream: "*l" a line (the default), "*a" all, or a number of bytes; of datagrams: how many bytes of it, 8192
---@param prefix? string # put before what is received
---@return string?
---@return string?
---@return string?
function Socket:receive(pattern, prefix) end

---of datagrams, if unconnected: the next one and the path of its sender, "" where that has none
---@param size? integer # how many bytes of it, 8192
---@return string?
---@return string?
function Socket:receivefrom(size) end

---ends one direction of a client, or both
---@param how? string # "receive", "send" or "both" (the default)
---@return integer?
---@return string?
function Socket:shutdown(how) end

---closes it; nothing but nil, "closed" comes from it then
---@return integer
function Socket:close() end

---how long calls block
---@param seconds? number # nil: for ever
---@param mode? string # "t" is for the whole call, "b" for each wait
---@return integer
function Socket:settimeout(seconds, mode) end

---what settimeout has set for each wait and for the whole call; -1 is for ever
---@return number
---@return number
function Socket:gettimeout() end

---sets "reuseaddr"; of a stream also "keepalive" and "linger"
---@param name string
---@param value any # true or false; of "linger": {on =, timeout =}
---@return integer?
---@return string?
function Socket:setoption(name, value) end

---an option of setoption; "error" is what went wrong last
---@param name string
---@return any
---@return string?
function Socket:getoption(name) end

---its path, "" where it has none
---@return string?
---@return string?
function Socket:getsockname() end

---of a client: bytes received, bytes sent, seconds since it was made
---@return integer
---@return integer
---@return number
function Socket:getstats() end

---sets what getstats returns
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer
function Socket:setstats(received, sent, age) end

---its descriptor
---@return integer
function Socket:getfd() end

---gives its descriptor up (-1), or takes one that another socket has given up
---@param fd integer
function Socket:setfd(fd) end

---whether bytes were read ahead
---@return boolean
function Socket:dirty() end

return unix
