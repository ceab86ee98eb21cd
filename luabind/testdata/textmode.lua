-- What text mode does, a line each; control characters are shown. The .out beside it was printed by PUC's Lua, built
-- by mingw, under Wine, but for the Ctrl-Z that Microsoft's library cuts off where Wine's doesn't: "a+" and "r+".
local out = io.stdout
local function show(what, ...)
  local t = {...}
  for i = 1, select("#", ...) do
    t[i] = tostring(t[i]):gsub("%c", function(c) return ("<%02x>"):format(c:byte()) end)
  end
  out:write(what, ": ", table.concat(t, " | "), "\n")
end

local name = "text.tmp"
local function raw(s)
  if s then
    local f = assert(io.open(name, "wb"))
    f:write(s)
    f:close()
    return
  end
  local f = assert(io.open(name, "rb"))
  s = f:read("*a")
  f:close()
  return s
end
local function written(mode, ...)
  local f = assert(io.open(name, mode))
  f:write(...)
  f:close()
  return raw()
end

-- Written.
show("w", written("w", "one\ntwo\n"))
show("wb", written("wb", "one\ntwo\n"))
show("a", written("a", "three\n"))
show("ab", written("ab", "four\n"))
show("cr", written("w", "a\r\nb\rc\n\n"))
show("wt", written("wt", "x\n", 12, "\n"))
local long = ("0123456789\n"):rep(200000)
show("long", #written("w", long), #written("wb", long))
show("long", written("w", long) == long:gsub("\n", "\r\n"))

-- Read.
local function lines(s, mode)
  raw(s)
  local t = {}
  local f = assert(io.open(name, mode))
  for line in f:lines() do t[#t + 1] = line end
  f:close()
  return unpack(t)
end
show("lines", lines("one\r\ntwo\n\r\nfour\rfour\n\r\r\nend\r"))
show("binary", lines("one\r\ntwo\n\r\nend\r", "rb"))
local f = assert(io.open(name, "r"))
show("n", f:read("*n", "*l", "*a"))
f:close()
raw("12\r\n 34\r\nabcdef\r\nxyz\r\n")
f = assert(io.open(name))
show("numbers", f:read("*n", "*n"))
show("count", f:read(1), f:read(4), f:read(4), f:read(100), f:read(1))
f:close()
show("ctrl-z", lines("one\r\ntwo\26three\r\n"))
show("ctrl-z first", lines("\26three\r\n"))
show("ctrl-z binary", lines("one\26two\n", "rb"))
f = assert(io.open(name))
show("after it", f:read("*a"), f:read("*a"), f:read(1), f:read("*l"))
f:close()

-- A "\r\n" in each place of a buffer.
for _, size in ipairs{512, 1024, 4096, 16384} do
  for at = size - 2, size + 1 do
    local s = ("x"):rep(at) .. "\r\n" .. ("y"):rep(10)
    raw(s)
    local f = assert(io.open(name))
    local text = f:read("*a")
    f:close()
    if text ~= ("x"):rep(at) .. "\n" .. ("y"):rep(10) then show("torn at", at, #text) end
  end
end

-- Positions count the file's bytes.
raw("one\r\ntwo\r\nthree\r\n")
f = assert(io.open(name))
show("seek", f:read(), f:seek())
show("seek", f:read(1), f:seek(), f:read(), f:seek())
show("set", f:seek("set", 5), f:read())
show("end", f:seek("end"), f:read())
show("end", f:seek("end", -7), f:read("*a"))
f:close()
local at
f = assert(io.open(name))
f:read()
at = f:seek()
f:read("*a")
f:seek("set", at)
show("again", f:read())
f:close()

-- Read and written.
raw("one\r\ntwo\r\nthree\r\n")
f = assert(io.open(name, "r+"))
show("r+", f:read(), f:seek("cur"))
f:write("TWO\n")
f:flush()
show("r+", f:seek("cur"), f:read("*a"))
f:close()
show("r+", raw())
raw("one\r\n\26")
show("a", written("a", "two\n"))
raw("one\r\n\26")
show("a+", written("a+", "two\n"))
raw("one\r\n\26")
f = assert(io.open(name, "r+"))
show("r+", f:read("*a"), f:seek("end"))
f:close()
show("r+", raw())
raw("one\r\n\26")
show("r+b", written("r+b", "two"))
raw("one\r\n\26")
show("a+b", written("a+b", "two\n"))

-- Others.
io.output(name)
io.write("a\nb\n")
io.close()
io.output(out)
show("output", raw())
io.input(name)
show("input", io.read("*a"))
io.close(io.input())
io.input(io.stdin)
local t = {}
for line in io.lines(name) do t[#t + 1] = line end
show("io.lines", unpack(t))
f = io.tmpfile()
f:write("a\nb\r\n")
f:seek("set")
show("tmpfile", f:read("*a"))
f:close()

-- Code.
raw("x = 1\r\ny = [[a\r\nb]]\r\n\26 no code")
show("dofile", pcall(dofile, name))
show("dofile", x, y)
raw("\27Lua")
show("loadfile", (loadfile(name)))
os.remove(name)
