---@meta cjson
---JSON with the names, settings and errors of lua-cjson.

---@class cjson
---@field null userdata # stands for JSON's null
---@field empty_array userdata # stands for []
---@field array_mt table # the metatable of tables that are arrays
---@field empty_array_mt table # the metatable of tables that are arrays where they are empty
---@field _NAME string # "cjson"
---@field _VERSION string # that of lua-cjson whose names these are
local cjson = {}

---a value as JSON text
---@param v any
---@return string
function cjson.encode(v) end

---what a JSON text says
---@param text string
---@return any
function cjson.decode(text) end

---a module of the same functions with settings of its own
---@return table
function cjson.new() end

---whether an array with many holes becomes an object, and when it has many
---@param convert? boolean # false: it is an error
---@param ratio? integer # of the length to the number of items; 2
---@param safe? integer # up to which length it may have any; 10
---@return boolean
---@return integer
---@return integer
function cjson.encode_sparse_array(convert, ratio, safe) end

---how deep tables may be nested
---@param depth? integer # 1000
---@return integer
function cjson.encode_max_depth(depth) end

---how deep arrays and objects may be nested
---@param depth? integer # 1000
---@return integer
function cjson.decode_max_depth(depth) end

---how many digits a number gets
---@param precision? integer # 1 to 16; 14
---@return integer
function cjson.encode_number_precision(precision) end

---has no effect
---@param keep? boolean
---@return boolean
function cjson.encode_keep_buffer(keep) end

---whether NaN and the infinities may be written
---@param setting? boolean|string # "null": as null
---@return boolean|string
function cjson.encode_invalid_numbers(setting) end

---whether NaN, infinities and hexadecimal numbers are read
---@param setting? boolean
---@return boolean
function cjson.decode_invalid_numbers(setting) end

---whether an empty table is {}, else []
---@param setting? boolean # true
---@return boolean
function cjson.encode_empty_table_as_object(setting) end

---whether / is written as \/
---@param setting? boolean # true
---@return boolean
function cjson.encode_escape_forward_slash(setting) end

---whether functions and the like are left out, else they are errors
---@param setting? boolean
---@return boolean
function cjson.encode_skip_unsupported_value_types(setting) end

---whether arrays get the metatable array_mt
---@param setting? boolean
---@return boolean
function cjson.decode_array_with_array_mt(setting) end

return cjson
