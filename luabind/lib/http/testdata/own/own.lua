-- Where LuaSocket does otherwise.
local http = require "socket.http"
local url = require "socket.url"

local server = os.getenv("HTTP_TEST_SERVER")

test("a fragment isn't sent", function()
  match(http.request(server .. "/echo?x=1#part"), "^GET /echo%?x=1\n")
end)

test("a query right behind the host", function()
  eq(url.parse("http://host?q#f"), {scheme = "http", authority = "host", host = "host", query = "q", fragment = "f"})
  eq(url.absolute("http://a/b/c/d;p?q", "#s"), "http://a/b/c/d;p?q#s")
end)

test("https through a proxy", function()
  local https = require "ssl.https"
  for _, request in ipairs{http.request, https.request} do
    local ok, err = request{url = "https://127.0.0.1:1/", proxy = server}
    eq(err, "proxy not supported")
  end
end)

-- Another port of a host may be anybody's.
test("what is secret stays with the host and its port", function()
  local list
  local function moved(to)
    list = {}
    http.request{url = server .. "/moved?to=" .. url.escape(to), sink = require("ltn12").sink.table(list), headers = {Cookie = "c", Authorization = "a", ["X-Own"] = "x"}}
    return table.concat(list)
  end
  for _, to in ipairs{"/echo", server .. "/echo"} do
    match(moved(to), "\nAuthorization: a\n")
    match(moved(to), "\nCookie: c\n")
  end
  local other = moved(os.getenv("HTTP_TEST_OTHER") .. "/echo")
  match(other, "\nX%-Own: x\n")
  ok(not other:find("Authorization") and not other:find("Cookie"), other)
end)

test("ports", function()
  local ok, err = http.request("http://127.0.0.1:65536/")
  eq(err, "invalid port '65536'")
end)

-- Of a number that isn't whole LuaSocket's reads without end.
test("lengths that are none", function()
  for _, length in ipairs{"1.5", "-1", "0x1", "nan", "1, 1"} do
    eq(http.request(server .. "/raw?rest=" .. url.escape("Content-Length: " .. length .. "\r\n\r\nok")), "ok")
  end
end)

test("schemes", function()
  local ok, err = http.request("gopher://host/")
  eq(err, "unknown scheme 'gopher'")
end)

-- A function that was made by the modules can be sent elsewhere: it is one of Lua.
test("no functions of Go", function()
  for _, f in ipairs{http.request, url.parse, require("ltn12").sink.table(), require("mime").encode("base64")} do
    ok(debug.getinfo(f, "S").what == "Lua")
  end
end)
