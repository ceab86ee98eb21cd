-- Four children, started once, accept on one listening socket: no child has to be started for a client.
-- Each line comes back in upper case, with the child's name. Runs until Ctrl-C: prefork_server.lua [port [host]]
local multiprocessing = require "multiprocessing"
local socket = require "socket"
local Process = multiprocessing.Process

local function serve(server)
  local name = multiprocessing.current_process().name
  while true do
    local conn = assert(server:accept())
    while true do
      local line = conn:receive()
      if not line then break end
      if not conn:send(name .. ": " .. line:upper() .. "\n") then break end
    end
    conn:close()
  end
end

if __name__ == "__main__" then
  local server = assert(socket.bind(arg[2] or "127.0.0.1", arg[1] or 8080))
  local children = {}
  for i = 1, 4 do
    local p = Process{target = serve, args = {server}, name = "worker-" .. i, daemon = true}
    p:start()
    children[i] = p
  end
  print(("listening on %s:%d"):format(server:getsockname()))
  server:close() -- the children have theirs
  for _, p in ipairs(children) do p:join() end
end
