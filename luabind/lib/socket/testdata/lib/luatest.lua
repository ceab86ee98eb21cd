-- What package luatest gives to the tests, for lua5.1: luatest.lua FILE.
-- So LuaSocket itself can be asked whether it does what they want.
local failed = 0
local show = tostring

local function report(note)
  failed = failed + 1
  local caller = debug.getinfo(3, "Sl")
  print(("%s:%d: %s"):format(caller.short_src, caller.currentline, note))
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" or getmetatable(a) or getmetatable(b) then
    return a == b or a ~= a and b ~= b
  end
  for k, v in pairs(a) do
    if not same(v, b[k]) then return false end
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  return true
end

function test(name, f)
  local ok, err = pcall(f)
  if not ok then report(name .. " ended early: " .. tostring(err)) end
end

function ok(v, note)
  if not v then report("got " .. show(v) .. " " .. tostring(note)) end
  return v
end

function eq(got, want)
  if not same(got, want) then report(("got %s, want %s"):format(show(got), show(want))) end
end

function match(got, pattern)
  if not tostring(got):find(pattern) then report(("got %s, want a match for %s"):format(show(got), pattern)) end
end

function raises(want, f, ...)
  local fine, err = pcall(f, ...)
  if fine then
    report("nothing raised, want " .. show(want))
  elseif want ~= nil and tostring(err):match("^.-:%d+: (.*)$") ~= want then
    report(("raised %s, want %s"):format(show(err), show(want)))
  end
  return err
end

dofile(arg[1])
os.exit(failed == 0 and 0 or 1)
