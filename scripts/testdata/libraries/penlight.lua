-- Penlight's parts that stand on lfs. What it prints doesn't depend on the machine.
local path = require "pl.path"
local dir = require "pl.dir"
local file = require "pl.file"
local List = require "pl.List"
local stringx = require "pl.stringx"

local top = path.join(path.currentdir(), "top")
assert(dir.makepath(path.join(top, "a", "b")))
for i, name in ipairs{"a/x.txt", "a/y.lua", "a/b/z.txt"} do
  assert(file.write(path.join(top, name), ("word "):rep(i) .. "\n"))
end
print(path.isdir(top), path.isfile(top), path.exists(path.join(top, "none")))
print(path.getsize(path.join(top, "a/b/z.txt")), path.extension("a/y.lua"), path.basename(top))
local function relative(names)
  return List(names):map(path.relpath, top):sort():join(" ")
end
print(relative(dir.getallfiles(top, "*.txt")))
print(relative(dir.getfiles(path.join(top, "a"))))
print(relative(dir.getdirectories(top)))
for root, dirs, files in dir.walk(top) do
  print(path.relpath(root, top), #dirs, #files)
end
print(dir.copyfile(path.join(top, "a/x.txt"), path.join(top, "copy.txt")))
print(file.read(path.join(top, "copy.txt")))
print(dir.movefile(path.join(top, "copy.txt"), path.join(top, "moved.txt")), path.exists(path.join(top, "copy.txt")))
print(path.chdir(top), path.basename(path.currentdir()), path.exists("moved.txt") ~= false)
print(path.abspath("x") == path.join(top, "x"), path.normpath("a/../b"), path.mkdir("new"), path.rmdir("new"))
print(path.chdir(".."), dir.rmtree(top), path.exists(top))
print(pcall(dir.getfiles, "none"))
print(stringx.split("a b c"):len())
