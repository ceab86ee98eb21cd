---@meta ltn12
---Filters, sources, sinks and pumps, as LuaSocket has them. A source gives chunks, and nil at the end, or nil and an error; a sink takes them.

---@class ltn12
---@field BLOCKSIZE integer # how many bytes a source gives at once
---@field _VERSION string # that of LuaSocket's whose names these are
local ltn12 = {}

---filters
ltn12.filter = {}

---a filter of a function of a context and a chunk
---@param low function
---@param context? any
---@param extra? any
---@return function
function ltn12.filter.cycle(low, context, extra) end

---filters, one after the other, as one
---@param ... function
---@return function
function ltn12.filter.chain(...) end

---sources
ltn12.source = {}

---a source of nothing
---@return function
function ltn12.source.empty() end

---a source that fails
---@param err any
---@return function
function ltn12.source.error(err) end

---what is in a file, which is closed at its end
---@param handle? FILE*
---@param err? string # why there is no file
---@return function
function ltn12.source.file(handle, err) end

---a simple source of one that may give another one
---@param src function
---@return function
function ltn12.source.simplify(src) end

---a source of a string
---@param s? string
---@return function
function ltn12.source.string(s) end

---a source of the items of a list
---@param t table
---@return function
function ltn12.source.table(t) end

---a source that takes chunks back
---@param src function
---@return function
function ltn12.source.rewind(src) end

---what filters make of a source
---@param src function
---@param f function
---@param ... function
---@return function
function ltn12.source.chain(src, f, ...) end

---sources, one after the other, as one
---@param ... function
---@return function
function ltn12.source.cat(...) end

---sinks
ltn12.sink = {}

---a sink that forgets
---@return function
function ltn12.sink.null() end

---a sink that fails
---@param err any
---@return function
function ltn12.sink.error(err) end

---writes to a file, which is closed at the end
---@param handle? FILE*
---@param err? string # why there is no file
---@return function
function ltn12.sink.file(handle, err) end

---a simple sink of one that may give another one
---@param snk function
---@return function
function ltn12.sink.simplify(snk) end

---appends to a list, which it gives too
---@param t? table
---@return function
---@return table
function ltn12.sink.table(t) end

---filters before a sink
---@param f function
---@param snk function
---@param ... function
---@return function
function ltn12.sink.chain(f, snk, ...) end

---pumps
ltn12.pump = {}

---takes a chunk from a source to a sink
---@param src function
---@param snk function
---@return integer?
---@return any
function ltn12.pump.step(src, snk) end

---takes all from a source to a sink
---@param src function
---@param snk function
---@param step? function # ltn12.pump.step
---@return integer?
---@return any
function ltn12.pump.all(src, snk, step) end

return ltn12
