-- os.date and os.time, in the zone of TZ.
for _, t in ipairs{0, 1e9, 1234567890, 951782400, 1078012800, -1, -1.5, -86401, 1709210096, 1735603199, 4102444800, -2208988801, -62135596801, -99999999999, 253402300800, 1e12} do
  for c in ("aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%vEOLNifJKqQo1-_^#@+"):gmatch(".") do io.write(c, "=", os.date("%" .. c, t), "|", os.date("!%" .. c, t), " ") end
  print()
  for _, format in ipairs{"*t", "!*t"} do
    local d = os.date(format, t)
    print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
  end
end
for year = 1999, 2026 do
  for _, day in ipairs{{1, 1}, {1, 4}, {12, 28}, {12, 31}} do io.write(os.date("%G-%V %g %U %W %j %u %w|", os.time{year = year, month = day[1], day = day[2]})) end
  print()
end
print(os.date("%", 0), os.date("%%", 0), os.date("x%", 0), os.date("", 0) == "", os.date("a\0b", 0), os.date("*tx", 0), os.date("!", 0) == "", os.date("!!%H", 0))
print(os.date("*t", 1e20), os.date("%c", 1e17), os.date("%c", -1e17), os.date("%c", 0/0), os.date("%H", "12"))
print(pcall(os.date, {})) print(pcall(os.date, "%c", "x"))
print(pcall(function() os.time{year = 2000} end)) print(pcall(function() os.time{day = 1} end)) print(pcall(function() os.time{day = 1, month = 1} end))
print(pcall(function() os.time{year = "x", month = 1, day = 1} end)) print(pcall(function() os.time(3) end))
print(os.time{year = "2000", month = "0x1", day = 1.9, hour = 0}, os.time{year = 2000, month = 1, day = 1, hour = "x", min = {}, isdst = 3})
for _, t in ipairs{{2000, 14, -3, 50, -9, 1e5}, {2000, -5, 400}, {1970, 1, 1, 0}, {2000, 2^20, 1}, {2^31, 1, 1}, {1e9, 1, 1}, {-5, 1, 1}, {0, 0, 0, 0, 0, 0}, {2024, 2, 30}, {3000, 1, 1}, {1800, 6, 1}} do
  print(os.time{year = t[1], month = t[2], day = t[3], hour = t[4], min = t[5], sec = t[6]})
end
for _, t in ipairs{{2024, 3, 10, 2, 30}, {2024, 11, 3, 1, 30}, {2024, 3, 31, 2, 30}, {2024, 10, 27, 2, 30}, {2024, 7, 1, 0, 0}, {2024, 1, 1, 0, 0}, {2024, 4, 7, 1, 45}, {2024, 10, 6, 2, 15}, {1945, 8, 14, 18, 30}, {1900, 1, 1, 0, 0}, {2060, 7, 1, 0, 0}} do
  for _, isdst in ipairs{"nil", true, false} do
    if isdst == "nil" then isdst = nil end
    local unix = os.time{year = t[1], month = t[2], day = t[3], hour = t[4], min = t[5], isdst = isdst}
    io.write(unix, " ", os.date("%c %Z %z", unix), " ", tostring(os.date("*t", unix).isdst), "; ")
  end
  print()
end
print(os.time{year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59, isdst = false})
print(math.abs(os.time() - os.time(os.date("*t"))) <= 1, os.time(nil) >= 1e9)
