-- Sources and sinks of sockets, for ltn12.
local socket = ...

-- choose(t) is a function that calls what t has under a name, or under "default" where no string
-- comes first.
function socket.choose(t)
  return function(name, a, b)
    if type(name) ~= "string" then name, a, b = "default", name, a end
    local make = t[name]
    if not make then error("unknown key (" .. name .. ")", 3) end
    return make(a, b)
  end
end

-- end_of(sock, call) is called as a function, and can be given to socket.select.
local function end_of(sock, call)
  return setmetatable({
    getfd = function() return sock:getfd() end,
    dirty = function() return sock:dirty() end,
  }, {__call = function(_, chunk) return call(chunk) end})
end

local function keep_open(sock)
  return end_of(sock, function(chunk)
    if chunk then return sock:send(chunk) end
    return 1
  end)
end

socket.sinkt = {
  ["keep-open"] = keep_open,
  ["default"] = keep_open,
  ["close-when-done"] = function(sock)
    return end_of(sock, function(chunk)
      if chunk then return sock:send(chunk) end
      sock:close()
      return 1
    end)
  end,
}

local function until_closed(sock)
  local done = false
  return end_of(sock, function()
    if done then return nil end
    local chunk, err, part = sock:receive(socket.BLOCKSIZE)
    if chunk then return chunk end
    if err ~= "closed" then return nil, err end
    sock:close()
    done = true
    return part
  end)
end

socket.sourcet = {
  ["until-closed"] = until_closed,
  ["default"] = until_closed,
  ["by-length"] = function(sock, left)
    return end_of(sock, function()
      if left <= 0 then return nil end
      local chunk, err = sock:receive(math.min(socket.BLOCKSIZE, left))
      if not chunk then return nil, err end
      left = left - #chunk
      return chunk
    end)
  end,
}

socket.sink, socket.source = socket.choose(socket.sinkt), socket.choose(socket.sourcet)
