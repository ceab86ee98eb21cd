-- What LuaSocket does too: the same file runs on lua5.1 with it, here with the parts in Lua that are installed
-- and with our own.
local ltn12 = require "ltn12"
local mime = require "mime"
local core = require "mime.core"

local function texts(...)
  local list = {}
  for i = 1, select("#", ...) do list[i] = type((select(i, ...))) == "string" and ("%q"):format((select(i, ...))) or tostring((select(i, ...))) end
  return table.concat(list, " ")
end
-- what a filter makes of a text that comes in pieces of every length
local function through(filter, text, size)
  local src = ltn12.source.chain(function()
    if text == "" then return nil end
    local chunk = text:sub(1, size)
    text = text:sub(size + 1)
    return chunk
  end, filter)
  local list = {}
  local snk = ltn12.sink.table(list)
  ok(ltn12.pump.all(src, snk))
  return table.concat(list)
end

test("core", function()
  eq(texts(core.b64("abcde")), '"YWJjZGU=" nil')
  eq(texts(core.b64("abcde", "")), '"YWJj" "de"')
  eq(texts(core.b64("ab", "cd")), '"YWJj" "d"')
  eq(texts(core.b64(nil)), "nil nil")
  eq(texts(core.b64("")), "nil nil")
  eq(texts(core.unb64("YW J\njZGU=")), '"abcde" nil')
  eq(texts(core.unb64("YWJjZG", "U")), '"abc" "ZGU"')
  eq(texts(core.unb64("YQ==YQ==")), '"aa" nil')
  eq(texts(core.unb64("===")), "nil nil")
  eq(texts(core.qp("a=b \r\nc\t", "")), '"a=3Db=20\\r\\\nc" "\t"')
  eq(texts(core.qp("x \195 ")), '"x =C3=20=\\r\\\n" nil')
  eq(texts(core.qp("a\r\nb", nil, "=0D=0A")), '"a=0D=0Ab" nil')
  eq(texts(core.qp("a\rb")), '"a=0Db" nil')
  eq(texts(core.qp("")), "nil nil")
  eq(texts(core.unqp("a=3Db=\r\nc=g1=", "4")), '"a=bc=g1" "=4"')
  eq(texts(core.unqp("a\1\rb\r\n\200")), '"a\\r\\\n" nil')
  eq(texts(core.wrp(3, "abcdefg", 3)), '"abc\\r\\\ndef\\r\\\ng" 2')
  eq(texts(core.wrp(1, "a\r\nb", 4)), '"a\\r\\\nb" 3')
  eq(texts(core.wrp(2, nil, 3)), '"\\r\\\n" 3')
  eq(texts(core.wrp(3, nil, 3)), "nil 3")
  eq(texts(core.qpwrp(6, "ab=3Dcd", 6)), '"ab=3D=\\r\\\ncd" 4')
  eq(texts(core.qpwrp(6, nil, 7)), '"=\\r\\\n" 7')
  eq(texts(core.eol(0, "a\nb\r\nc\r\rd\n\re\n")), '"a\\r\\\nb\\r\\\nc\\r\\\n\\r\\\nd\\r\\\ne\\r\\\n" 10')
  eq(texts(core.eol(13, "\nb", "X")), '"b" 0')
  eq(texts(core.eol(1, nil)), "nil 0")
  eq(texts(core.dot(2, ".a\r\n.b\n.c")), '"..a\\r\\\n..b\\\n.c" 0')
  eq(texts(core.dot(0, nil)), "nil 2")
end)

test("filters", function()
  local text = ("Grüße, = und mehr. \r\n\t\r\n."):rep(40) .. "end"
  for size = 1, 90, 11 do
    local encoded = through(ltn12.filter.chain(mime.encode("base64"), mime.wrap("base64")), text, size)
    match(encoded, "^" .. ("[%w+/=]"):rep(76) .. "\r\n")
    eq(through(mime.decode("base64"), encoded, size), text)
    local quoted = through(ltn12.filter.chain(mime.encode("quoted-printable"), mime.wrap("quoted-printable")), text, size)
    eq(through(mime.decode("quoted-printable"), quoted, size), text .. (quoted:match("=\r\n$") and "" or ""))
    eq(through(mime.stuff(), "." .. text, size):sub(1, 2), "..")
    eq(through(mime.normalize("\n"), text, size), (text:gsub("\r\n", "\n")))
  end
  match(select(2, pcall(mime.encode, "none")), "unknown key %(none%)")
end)

test("ltn12", function()
  local upper = function(chunk) return chunk and chunk:upper() end
  local list = {}
  ok(ltn12.pump.all(ltn12.source.cat(ltn12.source.string("abc"), ltn12.source.table{"d", "e"}), ltn12.sink.chain(upper, (ltn12.sink.table(list)))))
  eq(table.concat(list, ","), "ABC,,D,,E,")
  eq(texts(ltn12.source.error("bad")()), 'nil "bad"')
  eq(texts(ltn12.sink.error("bad")("x")), 'nil "bad"')
  eq(texts(ltn12.pump.all(ltn12.source.error("bad"), ltn12.sink.null())), 'nil "bad"')
  eq(texts(ltn12.pump.all(ltn12.source.string("x"), ltn12.sink.error("full"))), 'nil "full"')
  eq(texts(ltn12.pump.all(ltn12.source.empty(), ltn12.sink.null())), "1")
  eq(texts(ltn12.source.file(nil, "no file")()), 'nil "no file"')
  local s = ltn12.source.rewind(ltn12.source.table{1, 2})
  eq(s(), 1)
  s(1)
  eq(s(), 1)
  eq(s(), 2)
  eq(s(), nil)
  local name = os.tmpname()
  ok(ltn12.pump.all(ltn12.source.string(("x"):rep(5000)), ltn12.sink.file(io.open(name, "w"))))
  local n = 0
  ok(ltn12.pump.all(ltn12.source.file(io.open(name)), function(chunk) n = n + #(chunk or "") return 1 end))
  eq(n, 5000)
  os.remove(name)
  -- a filter that gives what it has in pieces
  local held
  local split = function(chunk)
    if chunk == nil and (held or "") == "" then return nil end
    held = (held or "") .. (chunk or "")
    local out = held:sub(1, 1)
    held = held:sub(2)
    return out
  end
  eq(through(split, "abc", 3), "abc")
  held = nil
  eq(through(ltn12.filter.chain(upper, split, upper), "abcdef", 2), "ABCDEF")
  held = nil
  list = {}
  ok(ltn12.pump.all(ltn12.source.string("abc"), ltn12.sink.chain(split, (ltn12.sink.table(list)))))
  eq(table.concat(list, ","), "a,b,c,")
end)
