-- Part 2 of the contract: require "time".
local time = require "time"

test("names", function()
  eq(require "time", time)
  for _, name in ipairs{"sleep", "time", "monotonic"} do eq(type(time[name]), "function") end
end)

test("sleep takes any number >= 0", function()
  for _, length in ipairs{0, 0.001, 1e-300, 5e-324, 0.01, "0.01"} do
    local before = time.monotonic()
    eq(select("#", time.sleep(length)), 0)
    local took = time.monotonic() - before
    ok(took >= length + 0, "took " .. took)
  end
  time.sleep(-0)
end)

test("sleep takes no other", function()
  local zero = 0
  for _, length in ipairs{-1, -0.001, -5e-324, -1e300, -1/zero} do
    raises("sleep length must be non-negative", function() time.sleep(length) end)
  end
  raises("sleep length must be non-negative", function() time.sleep(zero / zero) end)
end)

test("sleep takes nothing but a number", function()
  for _, length in ipairs{"x", {}, true, print} do
    raises(nil, function() time.sleep(length) end)
  end
  raises(nil, function() time.sleep() end)
  raises(nil, function() time.sleep(nil) end)
end)

test("time", function()
  local before, now, after = os.time(), time.time(), os.time()
  eq(type(now), "number")
  ok(before <= now and now < after + 1, now)
  local fraction = false
  for i = 1, 10 do
    time.sleep(0.0011)
    fraction = fraction or time.time() ~= math.floor(time.time())
  end
  ok(fraction, "with fraction")
end)

test("monotonic", function()
  local last = time.monotonic()
  eq(type(last), "number")
  for i = 1, 10000 do
    local now = time.monotonic()
    if now < last then return eq(now, "no less than " .. last) end
    last = now
  end
  local before = time.monotonic()
  time.sleep(0.02)
  ok(time.monotonic() - before >= 0.02)
end)
