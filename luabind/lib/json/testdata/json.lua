local json = require "json"

test("encode", function()
  eq(json.encode{1, 2.5, "a/b", true, json.null, {}}, '[1,2.5,"a/b",true,null,{}]')
  for _, n in ipairs{0, -1, 1/3, 0.1, 1e15, 2^53, 1e21, 1e300, 1.5e-7, 123456789012345678, 5e-324} do
    eq(json.decode(json.encode(n)), n)
  end
  eq(json.encode(123456789012345678), "123456789012345680")
  eq(json.encode(1e21), "1e+21")
  eq(json.encode(nil), "null")
  eq(json.encode{[100] = 1}, '{"100":1}')
  eq(json.encode{b = 1, a = {}}, '{"a":{},"b":1}')
  eq(json.encode({b = 1, a = 2, [2] = 3, [10] = 4}, {sorted = true}), '{"2":3,"10":4,"a":2,"b":1}')
  eq(json.encode({{1}, {}}, {indent = true}), "[\n  [\n    1\n  ],\n  {}\n]")
  eq(json.encode({a = {}}, {indent = "\t"}), '{\n\t"a": {}\n}')
  eq(json.pretty{b = {1, 2}, a = {x = json.null}}, '{\n  "a": {\n    "x": null\n  },\n  "b": [\n    1,\n    2\n  ]\n}')
  raises("encode() got an unexpected option 'ident'", function() json.encode({}, {ident = true}) end)
  raises("indent must be a string, true or false", function() json.encode({}, {indent = 2}) end)
  raises("Cannot serialise function: type not supported", function() json.encode{print} end)
  raises("bad argument #1 to 'encode' (value expected)", function() json.encode() end)
end)

test("arrays", function()
  eq(json.encode(json.array()), "[]")
  eq(json.encode{list = json.array{}}, '{"list":[]}')
  eq(json.encode(json.array{1, 2}), "[1,2]")
  eq(json.encode(json.decode('{"a":[],"b":{}}')), '{"a":[],"b":{}}')
  local empty = json.decode("[]")
  empty.x = 1
  eq(json.encode(empty), '{"x":1}')
  eq(getmetatable(json.decode("[1]")), nil)
end)

test("decode", function()
  eq(json.decode(' {"a" : [1, -2.5e3, "\\u00e9"] , "b":true}\n'), {a = {1, -2500, "\195\169"}, b = true})
  eq(json.decode("[null]")[1], json.null)
  eq(json.decode("[1,null,3]", nil)[3], 3)
  eq(json.decode('{"a":null,"b":1}', nil), {b = 1})
  eq(json.decode("[null]", false), {false})
  eq(tostring(json.null), "null")
  for text, want in pairs{
    ["01"] = "Expected value but found invalid number at character 1",
    ["[1.]"] = "Expected value but found invalid number at character 2",
    ["-"] = "Expected value but found invalid number at character 1",
    ["0x1"] = "Expected value but found invalid number at character 1",
    ["nan"] = "Expected value but found invalid token at character 1",
    ["+1"] = "Expected value but found invalid token at character 1",
    ["1e5e"] = "Expected the end but found invalid token at character 4",
    ["\"\t\""] = "Expected value but found a control character in a string at character 2",
    ["[1\0]"] = "Expected comma or array end but found invalid token at character 3",
    ["{\"a\":1,}"] = "Expected object key string but found T_OBJ_END at character 8",
  } do
    raises(want, function() json.decode(text) end)
  end
end)

test("order", function() -- that of pairs
  local order = {}
  local t = json.decode('{"z":1,"a":2,"m":3}')
  for k, v in pairs(t) do order[#order + 1] = ('"%s":%d'):format(k, v) end
  eq(json.encode(t), "{" .. table.concat(order, ",") .. "}")
end)

test("depth", function()
  raises("Found too many nested data structures (1001) at character 1001", function() json.decode(("["):rep(1e6)) end)
  local cjson = require "cjson".new()
  cjson.decode_max_depth(2^31 - 1)
  cjson.encode_max_depth(2^31 - 1)
  match(select(2, pcall(cjson.decode, ("["):rep(1e6))), "nested data structures %(10001%)")
  local t = {}
  t.t = t
  match(select(2, pcall(cjson.encode, t)), "excessive nesting %(10001%)")
end)

-- What OpenResty's has, and lua-cjson 2.1.0 hasn't.
test("cjson's array metatables", function()
  local cjson = require "cjson"
  eq(cjson.null, json.null)
  eq(cjson.encode{cjson.empty_array, setmetatable({}, cjson.empty_array_mt), setmetatable({}, cjson.array_mt)}, "[[],[],[]]")
  local c = cjson.new()
  eq(c.decode_array_with_array_mt(true), true)
  eq(c.encode(c.decode("[[],{}]")), "[[],{}]")
  eq(c.encode_empty_table_as_object(false), false)
  eq(c.encode{{}}, "[[]]")
  eq(c.encode_escape_forward_slash(false), false)
  eq(c.encode("/"), '"/"')
  eq(c.encode_skip_unsupported_value_types(true), true)
  eq(c.encode{1, print, 2}, "[1,2]")
  eq(c.encode{print}, "[]")
  eq(c.encode{a = print}, "{}")
end)
