-- A module with classes, used by the functions that go to other machines.
local shapes = {}

shapes.Square = {}
shapes.Square.__index = shapes.Square

function shapes.square(side) return setmetatable({side = side}, shapes.Square) end
function shapes.Square:area() return self.side * self.side end
function shapes.Square.__eq(a, b) return a.side == b.side end

return shapes
