---@meta json
---Values as JSON text, and the other way. Bytes of strings stay what they are; a mistake in a text is an error that says at which character.

---@class json
---@field null userdata # stands for JSON's null
local json = {}

---how json.encode writes
---@class json.EncodeOptions
---@field indent? string|boolean # of each level; true is two spaces
---@field sorted? boolean # the fields of objects by their keys, else in the order of pairs

---a value as JSON text: tables with keys 1 to n are arrays, others objects, an empty one is {}
---@param v any
---@param options? json.EncodeOptions
---@return string
function json.encode(v, options) end

---a value as JSON text for people: indented, fields sorted
---@param v any
---@return string
function json.pretty(v) end

---what a JSON text says; an empty array stays one when it is encoded
---@param text string
---@param null? any # what stands for null, json.null
---@return any
function json.decode(text, null) end

---marks a table as an array, also where it is empty, and returns it
---@param t? table # a new one
---@return table
function json.array(t) end

return json
