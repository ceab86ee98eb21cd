-- What *n takes for a number, and what it leaves.
for _, s in ipairs{"1", "12 ", "  7", "-3", "+4", ".5", "5.", "1e", "1e+", "1e5", "1e+5x", "1e-2", "0x", "0x1F", "0X1f", "0x1p4", "0x1.8p1z", "0xg",
  "0x.8", "0x1p", "0x1p+", "0xep1", "inf", "infinity", "infinit", "INF", "inf!", "nax", "-", "+", "- 3", ".", "..5", ".e5", "x", "+x", "",
  "   ", "1.2.3", "1,2", "123abc", "00012", "1e400", "-1e400", "1e-400", "--3", "+-3", "1e5e5", "1e5.5", "\n\n 4", "1_000", "-inf", "in", "0b1", "\t\v\f\r5",
  "1e999999999999", "9007199254740993", "0", "-0", ("1"):rep(300), ("0"):rep(400) .. "7", "0e", "0x0", "nan", "nan(12)", "NaNa"} do
  local f = io.open("f", "w+")
  f:write(s)
  f:seek("set")
  local n = f:read("*n")
  print(s:sub(1, 20), n ~= n and "nan" or n, f:read("*a"))
end
