-- Penlight, which is written in Lua, as it is installed: by LuaRocks, or Debian's lua-penlight. Its paths and
-- directories stand on lfs, which is here.
local pl = require "pl.import_into"()

local top = os.tmpname()
assert(os.remove(top) and pl.dir.makepath(top .. "/sub"))
local files = {["a.txt"] = "one two\nthree", ["sub/b.txt"] = "four", ["sub/c.lua"] = "return 5"}
for name, text in pairs(files) do pl.file.write(pl.path.join(top, name), text) end

local names = pl.List(pl.dir.getallfiles(top, "*.txt")):sort()
print((names:map(pl.path.relpath, top):join(" "):gsub("\\", "/"))) -- which Windows has between names
local words = pl.List.split(names:map(pl.file.read):join(" "))
print(words:map(function(word) return word:sub(1, 1):upper() .. word:sub(2) end):join(" "))
print(words:map(string.len):reduce("+"))
print(pl.text.fill("the quick brown fox jumps over the lazy dog", 20))
pl.dir.rmtree(top)

local Point = pl.class{_init = function(self, x, y) self.x, self.y = x, y end, __eq = function(a, b) return a.x == b.x and a.y == b.y end}
print(Point(1, 2) == Point(1, 2), Point(1, 2) == Point(3, 4))
