package vm_test

import (
	"fmt"
	"strings"
	"testing"
)

// tableProgram does random things to tables with keys of several kinds, beside a
// second table that has the same fields under names, which no array holds. It prints
// what Lua 5.1 leaves no choice in: fields, #t where the table has one border, what
// pairs shows but for the order.
const tableProgram = `
local seed = %d
local function rand(n) seed = seed * 16807 %% 2147483647 return seed %% n end

local kinds = {
  function(n) return n end,                        -- a list
  function(n, of) return of + 1 - n end,           -- from its end
  function(n) return 1000000 + n * 7919 end,       -- numbers of something
  function(n) return n * (1 + rand(9)) end,
  function(n, of) return 1 + rand(of) end,
  function(n, of) return 1 + rand(4 * of) end,
  function(n, of) return 1 + rand(40 * of) end,
  function(n) return rand(40) - 10 end,
  function(n) return 2 ^ rand(40) + rand(3) - 1 end,
  function(n) return rand(100) / 2 end,
  function(n) return n + 40 end,
  function(n) return (n - 1) %% 8 * 50 + (n - 1 - (n - 1) %% 8) / 8 + 1 end, -- a matrix, by columns
}

local function look(t, model, what)
  local n, sum, most, border, borders = 0, 0, 0, 0, 0
  for name, v in pairs(model) do
    local k = tonumber(name)
    assert(t[k] == v, what)
    if k == math.floor(k) and k > 0 and model[tostring(k + 1)] == nil then border, borders = k, borders + 1 end
    if k > most then most = k end
    n, sum = n + 1, sum + v
  end
  for k, v in pairs(t) do
    assert(model[tostring(k)] == v, what .. ": pairs")
    n, sum = n - 1, sum - v
  end
  assert(n == 0 and sum == 0, what .. ": pairs")
  assert(table.maxn(t) == most, what .. ": maxn")
  if model["1"] == nil then border, borders = 0, borders + 1 end
  local count = 0
  for i, v in ipairs(t) do count = i assert(v == model[tostring(i)], what .. ": ipairs") end
  if borders == 1 then
    assert(#t == border and count == border, what .. ": #")
    return border
  end
end

local function clear(t, model, k) t[k] = nil model[tostring(k)] = nil end

for case = 1, 60 do
  local t, model = {}, {}
  if rand(3) == 0 then t = {1, 2, 3, nil, 5, [50] = 6, [rand(60) - 5] = 7} for k, v in pairs(t) do model[tostring(k)] = v end end
  local borders = {}
  for phase = 1, 1 + rand(5) do
    local kind, of = kinds[1 + rand(#kinds)], ({5, 20, 100, 700, 3000})[1 + rand(5)]
    local wipe = ({0, 0, 2, 10})[1 + rand(4)]
    for n = 1, of do
      local k = kind(n, of)
      if wipe > 0 and rand(wipe) == 0 then
        clear(t, model, k)
      else
        local v = rand(1000)
        if rand(50) == 0 then rawset(t, k, v) else t[k] = v end
        model[tostring(k)] = v
      end
    end
    local what = "case " .. case .. ", phase " .. phase
    local border = look(t, model, what)
    borders[#borders + 1] = tostring(border)
    local doing = rand(5)
    if doing == 0 then -- clears while it walks
      local chance = 1 + rand(4) -- the same for any order
      for k, v in pairs(t) do if v %% 4 < chance then clear(t, model, k) end end
    elseif doing == 1 then
      local k = next(t)
      while k do clear(t, model, k) k = next(t, k) end
    elseif doing == 2 then -- a queue
      local first = 1 + rand(3000)
      for i = first, first + 200 do
        t[i] = i
        model[tostring(i)] = i
        if i - first > 5 then clear(t, model, i - 5) end
      end
    end
    look(t, model, what .. ", after " .. doing)
  end
  print(case, table.concat(borders, " "))
  if case %% 3 == 0 then -- a list again, from any side, and what the library does to it
    t = {}
    local n = 5 + rand(400)
    local order = {}
    for i = 1, n do order[i] = i end
    local how = rand(3)
    for i = n, 2, -1 do
      local j = how == 0 and i or how == 1 and n + 1 - i or 1 + rand(i)
      if how < 2 and j > i then j = i end
      order[i], order[j] = order[j], order[i]
    end
    for i = 1, n do t[how == 1 and n + 1 - i or order[i]] = rand(1000) end
    assert(#t == n, "list of " .. n)
    for i = 1, rand(40) do
      local at = 1 + rand(#t)
      if rand(2) == 0 then table.insert(t, at, rand(1000)) else table.remove(t, at) end
      if rand(8) == 0 then table.insert(t, rand(9)) end
      if rand(8) == 0 then table.remove(t) end
    end
    print(#t, table.concat(t, ",", 1, #t), select("#", unpack(t)))
    table.sort(t)
    print(t[1], t[#t], (table.concat(t, " ")))
    while #t > 0 do table.remove(t, 1 + rand(2) * (#t - 1)) end
    print(next(t), #t)
  end
end
`

// layoutProgram prints what the layout of tables decides: the order of pairs and #t with
// holes, after random steps. A collection of PUC Lua's marks keys that were cleared, which then
// get other places when they are set again.
const layoutProgram = `
collectgarbage("stop")
local seed = %d
local function rand(n) seed = seed * 16807 %% 2147483647 return seed %% n end
local names = {}
for i = 1, 300 do names[i] = ("x"):rep(rand(70)) .. i end
local function key()
  local kind = rand(12)
  if kind < 4 then return 1 + rand(20)
  elseif kind < 5 then return 1 + rand(300)
  elseif kind < 6 then return (rand(4000) - 2000) / (1 + rand(3))
  elseif kind < 7 then return 2 ^ rand(60) + rand(3)
  elseif kind < 8 then return rand(2) == 0
  elseif kind < 9 then return -rand(2) * 0
  else return names[1 + rand(1 + rand(300))] end
end
local makers = {
  function() return {} end,
  function() return {1, 2, 3} end,
  function() return {1, nil, 3, nil} end,
  function() return {x = 1, y = 2, z = 3, 1, nil, nil, 4} end,
  function() return {nil, nil, 3} end,
  function() return {(function() return 1, nil, 3, nil, 5 end)()} end,
  function() return {a = nil, b = nil, c = 1} end,
  function() return {[2] = 2, [1] = 1, [4] = 4, n = 1} end,
  function() return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17} end,
  function() return {unpack({}, 1, rand(20))} end,
  function() local t = {} for i = 1, rand(70) do t[i] = i end return t end,
  function() local t = {} for i = rand(70), 1, -1 do t[i] = i end return t end,
  function() return {a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10,k=11,l=12,m=13,n=14,o=15,p=16,q=17,r=18} end,
}
local steps = {
  function(t) t[key()] = rand(2) end,
  function(t) t[key()] = nil end,
  function(t) rawset(t, key(), rand(9)) end,
  function(t) t.name, t.other = 1, rand(2) == 0 and 1 or nil end,
  function(t) t[#t + 1] = #t end,
  function(t) t[#t] = nil end,
  function(t) table.insert(t, rand(9)) end,
  function(t) if #t > 0 then table.insert(t, 1 + rand(#t), rand(9)) end end,
  function(t) table.remove(t) end,
  function(t) if #t > 0 then table.remove(t, 1 + rand(#t)) end end,
  function(t) for k in pairs(t) do if rand(3) == 0 then t[k] = nil end end end,
  function(t) for i = 1, rand(40) do t[key()] = i end end,
  function(t) local k = next(t) while k do t[k] = nil k = next(t, k) end end,
}
for case = 1, 150 do
  local t = makers[1 + rand(#makers)]()
  local line = {}
  for step = 1, rand(30) do
    steps[1 + rand(#steps - rand(4))](t)
    line[#line + 1] = #t
  end
  for k, v in pairs(t) do line[#line + 1] = tostring(k) .. "=" .. tostring(v) end
  print(case, table.concat(line, " "), table.maxn(t))
end
`

// TestRandomTables runs them here and on lua5.1.
func TestRandomTables(t *testing.T) {
	var programs []string
	n := max(1, *amount/100)
	if testing.Short() {
		n = 1
	}
	for i := range n {
		programs = append(programs, fmt.Sprintf(tableProgram, *from+uint64(i)), fmt.Sprintf(layoutProgram, *from+uint64(i)))
	}
	for i, want := range theirs(t, programs) {
		if strings.Contains(want, "ended: ") {
			t.Fatalf("seed %d: lua5.1 fails:\n%s", *from+uint64(i), want)
		}
		if got := ours(t, programName(i), programs[i]); got != want {
			t.Errorf("seed %d: got\n%s\nwant\n%s", *from+uint64(i), got, want)
		}
	}
}
