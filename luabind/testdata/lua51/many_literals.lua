-- Functions with very many literals, more than 256 and more than what they set aside.
local kinds = {
  "x = x + @.25", "t[@] = 's@'", "t.k@ = -@", "if x > @ then n = n + 1 end", "s = s .. 'u@'", "f(@, 'v@')",
  "local a = @ n = n + a", "t['l@'] = {@, k@ = 'w@', -@, [@.5] = @}", "x = x * @ % 7.@", "if 'a@' < 'a4' then n = n - 1 end",
  "x = x + @ * 2", "n = n + #'length @'", "t[0] = x > @ and 'o@' or -@", "x = -(@) + x", "x, n = n + @, x",
  "t[-@ - 1] = t.k@ == -@ and @.75", "for i = @, @.5, @ do n = n + i end", "x = x / 1e@", "t[-@] = 0 / @ + -0 * @",
  "repeat local x = '@' until x == '@'", "while n == @.125 do n = @.375 end", "n = n + (function() return @ end)()",
  "t[@.0625] = not '@' == @", "x = x - 0x@", "t.k@, t[@] = 'y@', @.875",
}
for _, many in ipairs{10, 40, 400, 2500} do
  local source = {"local t, n, x, s, f = ..."}
  for i = 1, many do source[#source + 1] = (kinds[i % #kinds + 1]:gsub("@", tostring(i))) end
  source[#source + 1] = "return n, x, s"
  local t, called = {}, 0
  local n, x, s = assert(loadstring(table.concat(source, "\n")))(t, 0, 0, "", function(a, b) called = called + a + #b end)
  print(many, n, x, #s, s:sub(-20), called)
  local keys = {}
  for k, v in pairs(t) do
    if type(v) == "table" then v = v[1] .. " " .. v[2] .. " " .. tostring(v["k" .. v[1]]) .. " " .. v[v[1] + 0.5] end
    keys[#keys + 1] = tostring(k) .. "=" .. tostring(v)
  end
  table.sort(keys)
  for i = 1, #keys, math.ceil(#keys / 40) do print(keys[i]) end
end
-- What errors say of such a literal.
local source = {"local t = {}"}
for i = 1, 2000 do source[#source + 1] = "t[" .. i .. "] = 'v" .. i .. "'" end
local function fails(last)
  source[#source + 1] = last
  print(pcall(assert(loadstring(table.concat(source, "\n"), "=many"))))
  source[#source] = nil
end
fails("return t + 12345")
fails("return 'text' < 12345")
fails("return 12345 .. {}")
fails("error('the message', 1)")
fails("local a = 12345\n\nreturn a.b.c")
