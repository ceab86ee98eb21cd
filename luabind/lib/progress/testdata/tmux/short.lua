local progress = require "progress"
local n = 0
for i in progress({1, 2, 3}, {label = "short"}) do n = n + i end
print(n)
