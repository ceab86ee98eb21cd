-- Commands. Lua's own output isn't held back, so that it has its place among theirs.
io.stdout:setvbuf("no")
print(os.execute()) print(os.execute("exit 3")) print(os.execute("kill -9 $$")) print(os.execute("true"))
print(os.execute("exec 2>&-; nosuchcommand"))
print(os.execute("echo out"))
print(os.execute("echo $LUAIO_TEST"))
local p = io.popen("echo a; echo b; exit 2")
print(io.type(p), p:read("*l", "*l", "*l")) print(p:write("x")) print(p:seek()) print(p:close()) print(io.type(p), tostring(p))
p = io.popen("cat", "w")
print(p:read()) print(p:write("to ", "cat\n")) p:write("more\n") print(p:close())
print(io.popen("exec 2>&-; nosuchcommand"):close()) print(io.popen("kill -9 $$"):close())
for _, mode in ipairs{"rw", "", "x", "r+"} do print(io.popen("true", mode)) end
for l in io.popen("seq 3"):lines() do print(l) end
print(io.popen("head -c 100000 /dev/zero | tr '\\0' x"):read("*a"):len())
print(pcall(function() local p = io.popen("true") p:close() p:close() end))
local w = io.popen("cat > f", "w") w:write("left open")
