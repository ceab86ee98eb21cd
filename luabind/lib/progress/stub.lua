---@meta progress

---how a bar is shown, all of which may be left out
---@class progress.Options
---@field total? number # how much there is to do
---@field label? string # what is written before the bar
---@field lines? boolean # true: a line every ten seconds where standard error is no terminal

---a bar that the script adds to
---@class progress.Bar
local Bar = {}

---n more are done
---@param n? number # 1 if left out
function Bar:add(n) end

---takes the bar away and leaves the line
function Bar:close() end

---for line in progress(io.lines(name), {total = n}) do: the same values, and a bar on the terminal until the
---loop ends, by break or an error too; progress(list) goes through a list as ipairs does; progress{total = 100}
---is a bar that the script adds to
---@param iterator function|table
---@param options? progress.Options
---@return any
local function progress(iterator, options) end

return progress
