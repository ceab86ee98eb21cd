package socket

// Manual says what scripts see, in the form of luabind.Manual. Sockets are of three
// kinds, and a wrong kind is an error: one that is neither connected nor listening
// (a master), a client, a server.
const Manual = `# socket: what fails gives nil and an error: "timeout", "closed", "connection refused" and so on
c = socket.tcp()
c = socket.tcp4()
c = socket.tcp6()
    a socket that is neither connected nor listening yet, a master
socket.connect(host, port [, lhost [, lport [, family]]])
socket.connect4(host, port [, lhost [, lport]])
socket.connect6(host, port [, lhost [, lport]])
    a client
socket.bind(host, port [, backlog])
    a server; host "*" is every address
socket.select(readers, writers [, timeout])
    lists of those sockets that are ready, and "timeout" if there was none in time
socket.gettime()
    seconds since 1970
socket.sleep(seconds)
    waits
socket.newtry([finalizer])
socket.try(...)
socket.protect(f)
    errors as exceptions, and back to values
socket.skip(n, ...)
    what follows the first n values
socket.dns.toip(host)
socket.dns.tohostname(host)
socket.dns.getaddrinfo(host)
socket.dns.gethostname()
    names and addresses
c:bind(host, port)
c:listen([backlog])
    gives a master an address; makes it a server
c:accept()
    of a server: a client
c:connect(host, port)
    makes it a client
c:send(data [, i [, j]])
    n, the last byte sent; nil, error, the last byte sent
c:receive([pattern [, prefix]])
    "*l" a line, "*a" all, or a number of bytes: data; nil, error, what came so far
c:shutdown([how])
    how is "receive", "send" or "both"
c:close()
    closes it; nothing but nil, "closed" comes from it then
c:settimeout([seconds [, mode]])
c:gettimeout()
    how long calls block: nil for ever; mode "t" is for the whole call, "b" for each wait
c:setoption(name, value)
c:getoption(name)
    "keepalive", "reuseaddr", "tcp-nodelay" and so on
c:getsockname()
c:getpeername()
    address, port, "inet" or "inet6", of this end, of the other one
c:getfamily()
    "inet4" or "inet6"
c:getstats()
c:setstats(received, sent, age)
    bytes and seconds
c:getfd()
c:setfd(fd)
c:dirty()
    its descriptor; whether bytes were read ahead
`
