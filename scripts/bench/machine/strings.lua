local words, n = {}, 0
for i = 1, 60000 do local w = "w" .. (i * 7919 % 5003); words[w] = (words[w] or 0) + 1 end
local parts = {}
for w, c in pairs(words) do parts[#parts+1] = w .. "=" .. c end
table.sort(parts)
local s = table.concat(parts, ",")
for k, v in s:gmatch("(%w+)=(%d+)") do n = n + #k * tonumber(v) end
local u = s:gsub("%d", function(d) return string.char(97 + d) end):upper()
for i = 1, 30000 do n = n + #string.format("%05d %s %.6g", i, "x", i / 3) end
print(n, #u)
