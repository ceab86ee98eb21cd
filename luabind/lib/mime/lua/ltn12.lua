-- Filters, sources, sinks and pumps, as Diego Nehab's Technical Note 012 describes them.
--
--   source() -> chunk | nil [, error]        nil without an error is the end
--   sink(chunk | nil [, error]) -> 1 | nil, error
--   filter(chunk | nil) -> chunk             "": it wants more; nil is the end
local ltn12 = {_VERSION = "LTN12 1.0.3", BLOCKSIZE = 2048, filter = {}, source = {}, sink = {}, pump = {}}
local filter, source, sink, pump = ltn12.filter, ltn12.source, ltn12.sink, ltn12.pump

-- filter.cycle(low [, context [, extra]]) makes a filter of a function of a context and a chunk.
function filter.cycle(low, context, extra)
  assert(low)
  return function(chunk)
    local out
    out, context = low(context, chunk, extra)
    return out
  end
end

-- filter.chain(f1, f2, ...) is a filter: what f1 gives is given to f2, and so on. One that has given
-- something is asked for more, with "", before the one in front of it is.
function filter.chain(...)
  local filters, n = {...}, select("#", ...)
  local first = 1 -- those before it are at their end
  local full = false -- the last one may have more
  return function(chunk)
    if first > n then return nil end
    local at, input = full and n or first, ""
    if chunk and chunk ~= "" then at, input = first, chunk end
    while true do
      if chunk == nil and at == first and input == "" then input = nil end
      local out = filters[at](input)
      if out == nil then
        if input then error("filter returned inappropriate nil") end
        first = at + 1
        if first > n then return nil end
        at, input = first, ""
      elseif out ~= "" then
        full = at == n
        if full then return out end
        at, input = at + 1, out
      elseif at == first then
        full = false
        return ""
      else
        at, input = at - 1, ""
      end
    end
  end
end

local function nothing() return nil end

function source.empty() return nothing end

function source.error(err)
  return function() return nil, err end
end

function source.file(handle, err)
  if not handle then return source.error(err or "unable to open file") end
  return function()
    local chunk = handle:read(ltn12.BLOCKSIZE)
    if not chunk then handle:close() end
    return chunk
  end
end

-- source.simplify(src) makes a source of one that may give another source as second value.
function source.simplify(src)
  assert(src)
  return function()
    local chunk, other = src()
    src = other or src
    if chunk then return chunk end
    return nil, other
  end
end

function source.string(s)
  if not s then return source.empty() end
  local at = 1
  return function()
    local chunk = s:sub(at, at + ltn12.BLOCKSIZE - 1)
    at = at + ltn12.BLOCKSIZE
    if chunk ~= "" then return chunk end
  end
end

function source.table(t)
  assert(type(t) == "table")
  local i = 0
  return function()
    i = i + 1
    return t[i]
  end
end

-- source.rewind(src) is a source that takes chunks back: src(chunk).
function source.rewind(src)
  assert(src)
  local back = {}
  return function(chunk)
    if chunk then
      back[#back + 1] = chunk
    elseif #back > 0 then
      return table.remove(back)
    else
      return src()
    end
  end
end

-- source.chain(src, f1, ...) gives what the filters make of what src gives.
function source.chain(src, f, ...)
  assert(src and f)
  if select("#", ...) > 0 then f = filter.chain(f, ...) end
  local more, ended = false, false
  return function()
    while true do
      local chunk = ""
      if ended then
        chunk = nil
      elseif not more then
        local err
        chunk, err = src()
        if err then return nil, err end
        ended = chunk == nil
      end
      local out = f(chunk)
      if out == nil then
        if chunk then error("filter returned inappropriate nil") end
        return nil
      elseif out ~= "" then
        more = true
        return out
      elseif ended then
        error('filter returned ""')
      end
      more = false
    end
  end
end

-- source.cat(src1, src2, ...) gives what each gives, one after the other.
function source.cat(...)
  local list, i = {...}, 1
  return function()
    while i <= #list do
      local chunk, err = list[i]()
      if chunk then return chunk end
      if err then return nil, err end
      i = i + 1
    end
  end
end

local function ok() return 1 end

function sink.null() return ok end

function sink.error(err)
  return function() return nil, err end
end

function sink.file(handle, err)
  if not handle then return sink.error(err or "unable to open file") end
  return function(chunk, err)
    if chunk then return handle:write(chunk) end
    handle:close()
    return 1
  end
end

-- sink.table([t]) appends chunks to a table, which it gives too.
function sink.table(t)
  t = t or {}
  return function(chunk, err)
    if chunk then t[#t + 1] = chunk end
    return 1
  end, t
end

-- sink.simplify(snk) makes a sink of one that may give another sink as second value.
function sink.simplify(snk)
  assert(snk)
  return function(chunk, err)
    local good, other = snk(chunk, err)
    if not good then return nil, other end
    snk = other or snk
    return 1
  end
end

-- sink.chain(f1, ..., snk) gives to snk what the filters make of what it is given.
function sink.chain(f, snk, ...)
  if select("#", ...) > 0 then
    local list = {f, snk, ...}
    snk = table.remove(list)
    f = filter.chain(unpack(list))
  end
  assert(f and snk)
  return function(chunk, err)
    if chunk == "" then return 1 end
    local last = chunk and "" -- what the filter is asked for more with, and answers when it has none
    local out
    repeat
      out = f(chunk)
      chunk = last
      local good, failure = snk(out, err)
      if not good then return nil, failure end
    until out == last
    return 1
  end
end

-- pump.step(src, snk) takes one chunk from src to snk.
function pump.step(src, snk)
  local chunk, failed = src()
  local good, err = snk(chunk, failed)
  if chunk and good then return 1 end
  return nil, failed or err
end

-- pump.all(src, snk [, step]) takes all.
function pump.all(src, snk, step)
  assert(src and snk)
  step = step or pump.step
  while true do
    local good, err = step(src, snk)
    if not good then
      if err then return nil, err end
      return 1
    end
  end
end

return ltn12
