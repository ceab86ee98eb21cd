-- A module that is a class.
local Point = {}
Point.__index = Point
function Point.new(x) return setmetatable({x = x}, Point) end
return Point
