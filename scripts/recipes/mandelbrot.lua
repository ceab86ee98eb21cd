-- The Mandelbrot set, a row a task. imap gives the rows in their order, each as soon as it can be, so the
-- picture grows from above while workers compute further down.
local mp = require "multiprocessing"

local width, height, shades, rows = 72, 24, " .:-=+*#%@", {}

local function row(y)
  local text = {}
  for x = 0, width - 1 do
    local cx, cy, zx, zy, n = 3.2 * x / width - 2.3, 2.4 * y / height - 1.2, 0, 0, 0
    while n < 60 and zx * zx + zy * zy < 4 do zx, zy, n = zx * zx - zy * zy + cx, 2 * zx * zy + cy, n + 1 end
    text[#text + 1] = shades:sub(n * 9 / 60 + 1, n * 9 / 60 + 1)
  end
  return (table.concat(text):gsub("%s+$", ""))
end

for y = 0, height do rows[#rows + 1] = y end
mp.Pool():hold(function(pool)
  for _, text in pool:imap(row, rows) do print(text) end
end)
