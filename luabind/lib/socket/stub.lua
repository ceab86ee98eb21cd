---@meta socket
---TCP and UDP, as LuaSocket 3 has them. What fails gives nil and an error: "timeout", "closed", "connection refused" and so on.

---@class socket
---@field BLOCKSIZE integer # what LuaSocket's own sinks and sources take at once, in bytes
---@field _DATAGRAMSIZE integer # how many bytes of a datagram receive takes, unless it is told
---@field _SETSIZE integer # how many sockets LuaSocket's select could take
---@field _SOCKETINVALID integer # the descriptor that is none
---@field _VERSION string # that of LuaSocket whose names these are
local socket = {}

---a socket of one of three kinds; a method of another kind is an error
---@class socket.Socket
---@field class string # its kind, as errors write it: "tcp{master}", "tcp{client}" or "tcp{server}"
local Socket = {}

---a socket that is neither connected nor listening yet
---@class socket.Master: socket.Socket
local Master = {}

---a socket that is connected
---@class socket.Client: socket.Socket
local Client = {}

---a socket that listens
---@class socket.Server: socket.Socket
local Server = {}

---a socket of UDP; a method that needs a peer, or none, is an error of the other kind
---@class socket.AnyUDP
---@field class string # its kind, as errors write it: "udp{unconnected}" or "udp{connected}"
local AnyUDP = {}

---a socket of UDP that sends to any address and receives from any
---@class socket.UDP: socket.AnyUDP
local UDP = {}

---a socket of UDP that has one peer
---@class socket.ConnectedUDP: socket.AnyUDP
local ConnectedUDP = {}

---a socket that is neither connected nor listening yet, a master
---@return socket.Master?
---@return string?
function socket.tcp() end

---a master for IPv4
---@return socket.Master?
---@return string?
function socket.tcp4() end

---a master for IPv6
---@return socket.Master?
---@return string?
function socket.tcp6() end

---a socket of UDP, whose family is that of its first address
---@return socket.UDP?
---@return string?
function socket.udp() end

---a socket of UDP for IPv4
---@return socket.UDP?
---@return string?
function socket.udp4() end

---a socket of UDP for IPv6
---@return socket.UDP?
---@return string?
function socket.udp6() end

---a client
---@param host string
---@param port integer|string
---@param lhost? string # address of this end
---@param lport? integer|string # port of this end
---@param family? string # "inet", "inet6" or "unspec"
---@return socket.Client?
---@return string?
function socket.connect(host, port, lhost, lport, family) end

---a client, over IPv4
---@param host string
---@param port integer|string
---@param lhost? string # address of this end
---@param lport? integer|string # port of this end
---@return socket.Client?
---@return string?
function socket.connect4(host, port, lhost, lport) end

---a client, over IPv6
---@param host string
---@param port integer|string
---@param lhost? string # address of this end
---@param lport? integer|string # port of this end
---@return socket.Client?
---@return string?
function socket.connect6(host, port, lhost, lport) end

---a server
---@param host string # "*" is every address
---@param port integer|string # 0: one that is free
---@param backlog? integer # how many clients wait to be accepted; 32
---@return socket.Server?
---@return string?
function socket.bind(host, port, backlog) end

---those sockets that are ready to be read from and written to, and "timeout" if there was none in time
---@param readers? socket.Socket[]
---@param writers? socket.Socket[]
---@param timeout? number # seconds; nil waits for ever
---@return table
---@return table
---@return string?
function socket.select(readers, writers, timeout) end

---seconds since 1970, with fraction
---@return number
function socket.gettime() end

---waits
---@param seconds number
function socket.sleep(seconds) end

---a function as socket.try, which calls finalizer before it raises an error
---@param finalizer? function
---@return function
function socket.newtry(finalizer) end

---its arguments; raises the second as an error for socket.protect if the first is nil or false
---@param ... any
---@return any
function socket.try(...) end

---a function that calls f; an error of socket.try is nil and that error then
---@param f function
---@return function
function socket.protect(f) end

---what follows the first n values
---@param n integer
---@param ... any
---@return any
function socket.skip(n, ...) end

---a sink for ltn12 that sends
---@param name? string # "keep-open" (the default) or "close-when-done"
---@param sock socket.Socket
---@return table
function socket.sink(name, sock) end

---a source for ltn12 that receives
---@param name? string # "until-closed" (the default) or "by-length"
---@param sock socket.Socket
---@param length? integer # of "by-length"
---@return table
function socket.source(name, sock, length) end

---a function that calls what t has under a name
---@param t table
---@return function
function socket.choose(t) end

---what makes the sinks of socket.sink, by name
socket.sinkt = {}

---what makes the sources of socket.source, by name
socket.sourcet = {}

---names and addresses
socket.dns = {}

---an address of host, and all that is known of it, or nil and an error
---@param host string
---@return string?
---@return table|string
function socket.dns.toip(host) end

---the name of host, and all that is known of it, or nil and an error
---@param host string
---@return string?
---@return table|string
function socket.dns.tohostname(host) end

---a list of {family=, addr=}
---@param host string
---@return table[]?
---@return string?
function socket.dns.getaddrinfo(host) end

---the name of this machine
---@return string?
---@return string?
function socket.dns.gethostname() end

---of a master: gives it an address
---@param host string # "*" is every address
---@param port integer|string
---@return integer?
---@return string?
function Socket:bind(host, port) end

---the same as bind
---@param host string # "*" is every address
---@param port integer|string
---@return integer?
---@return string?
function Socket:setsockname(host, port) end

---of a master: makes it a server
---@param backlog? integer # how many clients wait to be accepted; 32
---@return integer?
---@return string?
function Socket:listen(backlog) end

---of a server: the next client
---@return socket.Client?
---@return string?
function Socket:accept() end

---of a master: makes it a client
---@param host string
---@param port integer|string
---@return integer?
---@return string?
function Socket:connect(host, port) end

---the same as connect
---@param host string
---@param port integer|string
---@return integer?
---@return string?
function Socket:setpeername(host, port) end

---the last byte sent; or nil, an error and the last byte sent
---@param data string
---@param i? integer # the first byte to send, 1
---@param j? integer # the last one, -1
---@return integer?
---@return string?
---@return integer?
function Socket:send(data, i, j) end

---what was received; or nil, an error and what came before it
---@param pattern? string|integer # "*l" a line (the default), "*a" all, or a number of bytes
---@param prefix? string # put before what is received
---@return string?
---@return string?
---@return string?
function Socket:receive(pattern, prefix) end

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

---sets "keepalive", "reuseaddr", "tcp-nodelay", "ipv6-v6only", "recv-buffer-size", "send-buffer-size" or "linger"
---@param name string
---@param value any # true, false or a number; of "linger": {on =, timeout =}
---@return integer?
---@return string?
function Socket:setoption(name, value) end

---an option of setoption; "error" is what went wrong last
---@param name string
---@return any
---@return string?
function Socket:getoption(name) end

---address, port and family of this end
---@return string?
---@return integer|string
---@return string?
function Socket:getsockname() end

---address, port and family of the other end
---@return string?
---@return integer|string
---@return string?
function Socket:getpeername() end

---"inet4" or "inet6"
---@return string
function Socket:getfamily() end

---bytes received, bytes sent, seconds since it was made
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

---gives it an address
---@param host string # "*" is every address
---@param port integer|string # 0: one that is free
---@return integer?
---@return string?
function AnyUDP:setsockname(host, port) end

---sends to this address only from now on, and receives from it only; "*" alone takes that back
---@param host string
---@param port? integer|string
---@return integer?
---@return string?
function AnyUDP:setpeername(host, port) end

---of an unconnected one: sends a datagram
---@param datagram string
---@param host string # in figures
---@param port integer
---@return integer? # how many bytes
---@return string?
function AnyUDP:sendto(datagram, host, port) end

---of a connected one: sends a datagram
---@param datagram string
---@return integer? # how many bytes
---@return string?
function AnyUDP:send(datagram) end

---the next datagram
---@param size? integer # how many bytes of it, 8192; the rest is lost
---@return string?
---@return string?
function AnyUDP:receive(size) end

---of an unconnected one: the next datagram, and the address and port of its sender
---@param size? integer # how many bytes of it, 8192; the rest is lost
---@return string?
---@return string
---@return integer?
function AnyUDP:receivefrom(size) end

---closes it; nothing but nil, "closed" comes from it then
---@return integer
function AnyUDP:close() end

---how long calls block
---@param seconds? number # nil: for ever
---@param mode? string # "t" is for the whole call, "b" for each wait
---@return integer
function AnyUDP:settimeout(seconds, mode) end

---what settimeout has set for each wait and for the whole call; -1 is for ever
---@return number
---@return number
function AnyUDP:gettimeout() end

---sets "broadcast", "dontroute", "reuseaddr", "reuseport", "recv-buffer-size", "send-buffer-size", "ip-multicast-if", "ip-multicast-ttl", "ip-multicast-loop", "ip-add-membership", "ip-drop-membership", "ipv6-unicast-hops", "ipv6-multicast-hops", "ipv6-multicast-loop", "ipv6-add-membership", "ipv6-drop-membership" or "ipv6-v6only"
---@param name string
---@param value any # true, false, a number or an address; of a membership: {multiaddr =, interface =}
---@return integer?
---@return string?
function AnyUDP:setoption(name, value) end

---an option of setoption; "error" is what went wrong last
---@param name string
---@return any
---@return string?
function AnyUDP:getoption(name) end

---address, port and family of this end
---@return string?
---@return integer|string
---@return string?
function AnyUDP:getsockname() end

---of a connected one: address, port and family of the other end
---@return string?
---@return integer|string
---@return string?
function AnyUDP:getpeername() end

---"inet4" or "inet6"
---@return string
function AnyUDP:getfamily() end

---its descriptor
---@return integer
function AnyUDP:getfd() end

---gives its descriptor up (-1), or takes one that another socket has given up
---@param fd integer
function AnyUDP:setfd(fd) end

---false: no datagram is read ahead
---@return boolean
function AnyUDP:dirty() end

return socket
