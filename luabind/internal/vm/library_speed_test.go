package vm_test

import "testing"

// libraries measures single functions, in loops that cost little beside them.
var libraries = []measuredProgram{
	{name: "sort a million", setup: million, body: "table.sort(copy())"},
	{name: "sort a million/function", setup: million, body: "table.sort(copy(), function(a, b) return a < b end)", slow: true},
	{name: "sort strings", setup: "local t = {} for i = 1, 100000 do t[i] = tostring(i * 7919 % 100003) end", body: "local c = {} for i = 1, #t do c[i] = t[i] end table.sort(c)"},
	{name: "sort/metamethod", setup: "local mt = {__lt = function(a, b) return a[1] < b[1] end} local t = {} for i = 1, 3000 do t[i] = setmetatable({i * 7919 % 3001}, mt) end", body: "local c = {} for i = 1, #t do c[i] = t[i] end table.sort(c)"},
	{name: "concat a million", setup: "local t = {} for i = 1, 1000000 do t[i] = 'item' end", body: "return table.concat(t, ', ')", slow: true},
	{name: "concat numbers", setup: "local t = {} for i = 1, 100000 do t[i] = i end", body: "return table.concat(t, ' ')"},
	{name: "insert", body: "local t = {} for i = 1, 200000 do table.insert(t, i) end"},
	{name: "insert first", body: "local t = {} for i = 1, 3000 do table.insert(t, 1, i) end"},
	{name: "remove", setup: "local t = {}", body: "for i = 1, 200000 do t[i] = i end for i = 1, 200000 do table.remove(t) end"},
	{name: "remove first", setup: "local t = {}", body: "for i = 1, 5000 do t[i] = i end for i = 1, 5000 do table.remove(t, 1) end"},
	{name: "unpack", setup: "local t = {1, 2, 3, 4, 5}", body: "for i = 1, 200000 do local a, b, c = unpack(t) end"},
	{name: "select", setup: "local function f(...) return select(2, ...) end", body: "for i = 1, 200000 do f(1, 2, 3) end"},
	{name: "next", setup: "local t = {} for i = 1, 200000 do t['k' .. i] = i end", body: "local k = next(t) while k do k = next(t, k) end"},
	{name: "pairs", setup: "local t = {} for i = 1, 200000 do t['k' .. i] = i end", body: "for k, v in pairs(t) do end"},
	{name: "ipairs", setup: "local t = {} for i = 1, 300000 do t[i] = i end", body: "for k, v in ipairs(t) do end"},
	{name: "math", setup: "local floor, max, abs, random = math.floor, math.max, math.abs, math.random", body: "for i = 1, 200000 do local x = max(floor(i / 3), abs(-i)) + random(10) end"},
	{name: "type", setup: "local type = type", body: "for i = 1, 300000 do local x = type(i) == 'number' end"},
	{name: "setmetatable", setup: "local mt, setmetatable, getmetatable = {}, setmetatable, getmetatable", body: "for i = 1, 200000 do getmetatable(setmetatable({}, mt)) end"},
	{name: "rawget", setup: "local t, rawget, rawset, rawequal = {a = 1}, rawget, rawset, rawequal", body: "for i = 1, 200000 do rawset(t, 'a', rawget(t, 'a')) rawequal(t, t) end"},
	{name: "tostring", setup: "local tostring, tonumber = tostring, tonumber", body: "for i = 1, 200000 do tonumber(tostring(i)) end"},
	{name: "format", setup: "local format = string.format", body: "for i = 1, 100000 do format('%d %s %5.2f', i, 'x', i / 3) end"},
	{name: "sub and byte", setup: "local s = ('abcdefghij'):rep(100)", body: "for i = 1, 200000 do local c = s:sub(i % 1000, i % 1000 + 3) local b = s:byte(i % 1000 + 1) end"},
	{name: "upper and rep", setup: "local s = ('abcdefghij'):rep(10)", body: "for i = 1, 50000 do local c = s:upper() local b = ('ab'):rep(20) end"},
	{name: "assert", setup: "local assert = assert", body: "for i = 1, 300000 do assert(i, 'message') end"},
	{name: "error", body: "for i = 1, 20000 do pcall(error, 'x', 2) end"},
	{name: "loadstring", body: "for i = 1, 1000 do loadstring('local a, b = ... return a + b')(1, 2) end"},
	{name: "getinfo", setup: "local getinfo = debug.getinfo", body: "for i = 1, 50000 do getinfo(1, 'Sl') end"},
}

const million = `
local seed, t = 42, {}
for i = 1, 1000000 do seed = seed * 16807 % 2147483647 t[i] = seed end
local function copy() local c = {} for i = 1, #t do c[i] = t[i] end return c end`

// BenchmarkLibraries is BenchmarkPrograms for the libraries.
func BenchmarkLibraries(b *testing.B) { compare(b, libraries) }
