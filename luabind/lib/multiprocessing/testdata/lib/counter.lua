-- A module with state: in its table, and in a local.
local M = {n = 0}
local hidden = 0

function M.bump()
  M.n = M.n + 1
  hidden = hidden + 1
  return M.n
end

function M.hide()
  hidden = hidden + 1
  return hidden
end

function M.hidden() return hidden end

return M
