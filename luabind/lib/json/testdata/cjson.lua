-- What lua-cjson does too: the same file runs on lua5.1 with it.
local cjson = require "cjson"
local safe = require "cjson.safe"

local function failure(f, ...)
  local fine, err = pcall(f, ...)
  return (fine and "fine: " or "") .. tostring(err):gsub("^.-:%d+: ", "")
end
local function texts(...)
  local list = {}
  for i = 1, select("#", ...) do list[i] = tostring((select(i, ...))) end
  return table.concat(list, " ")
end

test("encode", function()
  for _, case in ipairs{
    {"text", '"text"'}, {"", '""'}, {'a"b\\c/d', '"a\\"b\\\\c\\/d"'}, {"\b\f\n\r\t\0\1\31\127", '"\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\\u007f"'},
    {"\195\164\255", '"\195\164\255"'}, {1, "1"}, {-0.5, "-0.5"}, {1e15, "1e+15"}, {1/3, "0.33333333333333"}, {123456789012345, "1.2345678901234e+14"},
    {12345678901234, "12345678901234"}, {1e-7, "1e-07"}, {true, "true"}, {false, "false"}, {cjson.null, "null"},
    {{}, "{}"}, {{1, 2, "3"}, '[1,2,"3"]'}, {{{{}}}, "[[{}]]"}, {{a = 1}, '{"a":1}'}, {{[1] = 1, x = 2}, '{"1":1,"x":2}'},
    {{[1.5] = 1}, '{"1.5":1}'}, {{[2] = "b"}, '[null,"b"]'}, {{[10] = 1}, "[null,null,null,null,null,null,null,null,null,1]"}, {{[0] = 1}, '{"0":1}'},
    {{[-1] = 1}, '{"-1":1}'}, {{cjson.null, cjson.null}, "[null,null]"},
  } do
    eq(cjson.encode(case[1]), case[2])
  end
  eq(cjson.encode(nil), "null")
  eq(failure(cjson.encode, print), "Cannot serialise function: type not supported")
  eq(failure(cjson.encode, {io.stdout}), "Cannot serialise userdata: type not supported")
  eq(failure(cjson.encode, {[true] = 1}), "Cannot serialise boolean: table key must be a number or string")
  eq(failure(cjson.encode, {[{}] = 1}), "Cannot serialise table: table key must be a number or string")
  eq(failure(cjson.encode, 1/0), "Cannot serialise number: must not be NaN or Inf")
  eq(failure(cjson.encode, {0/0}), "Cannot serialise number: must not be NaN or Inf")
  eq(failure(cjson.encode, {[11] = 1}), "Cannot serialise table: excessively sparse array")
  match(failure(cjson.encode), "bad argument #1 to '.-' %(expected 1 argument%)")
  match(failure(cjson.encode, 1, 2), "bad argument #1 to '.-' %(expected 1 argument%)")
  local t = {}
  t.t = t
  eq(failure(cjson.encode, t), "Cannot serialise, excessive nesting (1001)")
end)

test("decode", function()
  for _, case in ipairs{
    {"1", 1}, {" -0.5e3 ", -500}, {'"a\\u00e4\\ud83d\\ude00\\n\\/"', "a\195\164\240\159\152\128\n/"}, {"true", true}, {"false", false}, {"null", cjson.null},
    {"[]", {}}, {"{}", {}}, {"[1,[2],{}]", {1, {2}, {}}}, {'{"a":{"b":[1]},"":2}', {a = {b = {1}}, [""] = 2}}, {'{"a":1,"a":2}', {a = 2}},
    {"0x1F", 31}, {"01", 1}, {"1.", 1}, {"1e", nil}, {"1e400", 1/0}, {"-inf", -1/0}, {"Infinity", 1/0}, {"0x", nil}, {"-.5", -0.5}, {"0x1p3", 8}, {"+1.5", 1.5}, {"+0x10", 16}, {"+inf", 1/0},
    {'"\255"', "\255"}, {'"\t"', "\t"},
  } do
    if case[2] ~= nil then eq(cjson.decode(case[1]), case[2]) end
  end
  ok(cjson.decode("nan") ~= cjson.decode("nan"))
  for text, want in pairs{
    [""] = "Expected value but found T_END at character 1",
    ["  "] = "Expected value but found T_END at character 3",
    ["["] = "Expected value but found T_END at character 2",
    ["[1"] = "Expected comma or array end but found T_END at character 3",
    ["[1,]"] = "Expected value but found T_ARR_END at character 4",
    ["[1 2]"] = "Expected comma or array end but found T_NUMBER at character 4",
    ["{1:2}"] = "Expected object key string but found T_NUMBER at character 2",
    ["{\"a\" 2}"] = "Expected colon but found T_NUMBER at character 6",
    ["{\"a\":}"] = "Expected value but found T_OBJ_END at character 6",
    ["{\"a\":1,}"] = "Expected object key string but found T_OBJ_END at character 8",
    ["{\"a\":1 true}"] = "Expected comma or object end but found T_BOOLEAN at character 8",
    ["{\"a\":1"] = "Expected comma or object end but found T_END at character 7",
    ["1 null"] = "Expected the end but found T_NULL at character 3",
    ["'a'"] = "Expected value but found invalid token at character 1",
    ["tru"] = "Expected value but found invalid token at character 1",
    ["+"] = "Expected value but found invalid number at character 1",
    ["-"] = "Expected value but found invalid number at character 1",
    ["1e"] = "Expected the end but found invalid token at character 2",
    ["0x"] = "Expected the end but found invalid token at character 2",
    ["\"a"] = "Expected value but found unexpected end of string at character 3",
    ["\"\\x\""] = "Expected value but found invalid escape code at character 2",
    ["\"\\u12g4\""] = "Expected value but found invalid unicode escape code at character 2",
    ["\"\\ud83d\""] = "Expected value but found invalid unicode escape code at character 2",
    ["\"\\ude00\\ud83d\""] = "Expected value but found invalid unicode escape code at character 2",
    ["\"\\ud83d\\u0041\""] = "Expected value but found invalid unicode escape code at character 2",
    ["[\0]"] = "JSON parser does not support UTF-16 or UTF-32",
    ["[1\0]"] = "Expected comma or array end but found T_END at character 3",
    ["\0["] = "JSON parser does not support UTF-16 or UTF-32",
    [("["):rep(1001)] = "Found too many nested data structures (1001) at character 1001",
    [":"] = "Expected value but found T_COLON at character 1",
    [","] = "Expected value but found T_COMMA at character 1",
    ["}"] = "Expected value but found T_OBJ_END at character 1",
  } do
    eq(failure(cjson.decode, text), want)
    eq(texts(safe.decode(text)), "nil " .. want)
  end
  match(failure(cjson.decode), "bad argument #1 to '.-' %(expected 1 argument%)")
  match(failure(cjson.decode, {}), "bad argument #1 to '.-' %(string expected, got table%)")
  eq(cjson.decode(12), 12)
end)

test("settings", function()
  local c = cjson.new()
  eq(texts(c.encode_sparse_array()), "false 2 10")
  eq(texts(c.encode_sparse_array(true, 3, 4)), "true 3 4")
  eq(texts(c.encode_sparse_array("off")), "false 3 4")
  eq(failure(c.encode, {[5] = 1}), "Cannot serialise table: excessively sparse array")
  c.encode_sparse_array(true)
  eq(c.encode{[5] = 1}, '{"5":1}')
  eq(c.encode_max_depth(), 1000)
  eq(c.encode_max_depth(2), 2)
  eq(failure(c.encode, {{{}}}), "Cannot serialise, excessive nesting (3)")
  eq(c.decode_max_depth(2), 2)
  eq(failure(c.decode, "[[[]]]"), "Found too many nested data structures (3) at character 3")
  eq(c.encode_number_precision(3), 3)
  eq(c.encode(1/3), "0.333")
  eq(c.encode(1234), "1.23e+03")
  match(failure(c.encode_number_precision, 15), "expected integer between 1 and 14")
  match(failure(c.encode_max_depth, 0), "expected integer between 1 and 2147483647")
  match(failure(c.encode_max_depth, 1, 2), "bad argument #2 to '.-' %(found too many arguments%)")
  eq(texts(c.encode_invalid_numbers()), "false")
  eq(texts(c.encode_invalid_numbers(true)), "true")
  eq(c.encode{1/0, -1/0}, "[inf,-inf]")
  eq(texts(c.encode_invalid_numbers("null")), "null")
  eq(c.encode{1/0, 0/0}, "[null,null]")
  eq(texts(c.encode_invalid_numbers("off")), "false")
  match(failure(c.encode_invalid_numbers, "x"), "bad argument #1 to '.-' %(invalid option 'x'%)")
  eq(texts(c.decode_invalid_numbers()), "true")
  eq(texts(c.decode_invalid_numbers(false)), "false")
  for text, want in pairs{
    ["0x1"] = "Expected value but found invalid number at character 1",
    ["01"] = "Expected value but found invalid number at character 1",
    ["-01"] = "Expected value but found invalid number at character 1",
    ["-inf"] = "Expected value but found invalid number at character 1",
    ["+1"] = "Expected value but found invalid token at character 1",
    ["inf"] = "Expected value but found invalid token at character 1",
    ["nan"] = "Expected value but found invalid token at character 1",
  } do
    eq(failure(c.decode, text), want)
  end
  eq(c.decode("1."), 1)
  eq(texts(c.encode_keep_buffer()), "true")
  eq(texts(c.encode_keep_buffer(false)), "false")
  eq(cjson.encode(1/3), "0.33333333333333")
  eq(texts(safe.encode(print)), "nil Cannot serialise function: type not supported")
  eq(texts(safe.new().decode("x")), "nil Expected value but found invalid token at character 1")
  eq(cjson._NAME, "cjson")
  eq(cjson.null, safe.null)
  eq(type(cjson.null), "userdata")
end)
