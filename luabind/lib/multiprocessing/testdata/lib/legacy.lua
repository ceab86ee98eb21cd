module(..., package.seeall)

n = 0

function bump()
  n = n + 1
  return n
end
