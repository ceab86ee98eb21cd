local n = ...
n = n or 10
return function(a)
  n = n + a
  return n
end
