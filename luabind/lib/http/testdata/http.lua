-- What LuaSocket does too: the same file runs on lua5.1 with it.
local http = require "socket.http"
local ltn12 = require "ltn12"
local url = require "socket.url"

local server = os.getenv("HTTP_TEST_SERVER")

local function get(request)
  local list = {}
  request.sink = ltn12.sink.table(list)
  request.url = server .. request.url
  local ok, code, headers, status = http.request(request)
  return table.concat(list), code, headers or {}, status, ok
end

test("get", function()
  local body, code, headers, status = http.request(server .. "/echo?x=1")
  match(body, "^GET /echo%?x=1\n")
  match(body, "\nUser%-Agent: LuaSocket 3")
  eq(code, 200)
  eq(headers["x-two"], "a, b")
  eq(status, "HTTP/1.1 200 OK")
  eq((http.request(server .. "/none")), "none\n")
  eq((select(2, http.request(server .. "/none"))), 404)
end)

test("bodies", function()
  eq((http.request(server .. "/chunked")), ("0123456789"):rep(5000))
  eq((http.request(server .. "/close")), "until the end")
  eq((get{url = "/echo", method = "HEAD"}), "")
  eq((select(2, get{url = "/empty"})), 204)
  local body, code = http.request(server .. "/post", "a=b")
  eq(body, "POST application/x-www-form-urlencoded 3 a=b")
  eq(code, 200)
  eq((get{url = "/post", method = "PUT", source = ltn12.source.string("chunk"), headers = {["Content-Type"] = "text/plain"}}), "PUT text/plain -1 chunk")
  eq((get{url = "/post", method = "POST", source = ltn12.source.string("chunk"), headers = {["content-length"] = 5}}), "POST  5 chunk")
end)

test("headers", function()
  local body = get{url = "/echo", headers = {["x-own"] = "1", ["User-Agent"] = "me"}}
  match(body, "\nX%-Own: 1\n")
  match(body, "\nUser%-Agent: me\n")
  match(http.request((server:gsub("//", "//user:pass%%3a@")) .. "/echo"), "\nAuthorization: Basic dXNlcjpwYXNzOg==\n")
end)

test("redirects", function()
  local body, code, headers = http.request(server .. "/to/3")
  match(body, "^GET /echo\n")
  eq(code, 200)
  eq(headers.location, "/echo")
  local body, code, headers = get{url = "/to/1", redirect = false}
  eq(code, 302)
  eq(headers.location, "/to/0")
  eq((select(2, get{url = "/to/9"})), 302)
  match(get{url = "/to/9", maxredirects = 20}, "^GET /echo\n")
  eq((select(2, get{url = "/to/1", method = "POST", source = ltn12.source.string("x")})), 302)
end)

-- raw(rest) asks for an answer whose headers and body are rest.
local function raw(rest) return http.request(server .. "/raw?rest=" .. url.escape(rest)) end

test("answers of servers that do it wrong", function()
  eq((raw("Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")), "ok")
  eq(select(2, raw("Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n")), "invalid chunk size")
  eq(select(2, raw("Transfer-Encoding: chunked\r\n\r\n5\r\nok")), "closed")
  eq(select(2, raw("Content-Length: 5\r\n\r\nok")), "closed")
  eq((raw("Content-Length: long\r\n\r\nok")), "ok")
end)

test("failures", function()
  local function failed(...) return (select("#", ...) .. " " .. tostring((...)) .. " " .. tostring((select(2, ...)))) end
  eq(failed(http.request("http://127.0.0.1:1/")), "2 nil connection refused")
  eq(failed(http.request("http:///x")), "2 nil invalid host 'nil'")
  eq(failed(http.request{url = server .. "/echo", sink = ltn12.sink.error("full")}), "2 nil full")
  eq(failed(http.request{url = server .. "/post", method = "POST", source = ltn12.source.error("no more")}), "2 nil no more")
end)

test("proxy", function()
  match((get{url = "/echo", proxy = server}), "^GET http://127%.0%.0%.1:%d+/echo\n")
end)

test("url", function()
  local u = url.parse("http://user:pass@host:80/a/b;p?q=1#f")
  eq(u, {scheme = "http", authority = "user:pass@host:80", userinfo = "user:pass", user = "user", password = "pass", host = "host", port = "80", path = "/a/b", params = "p", query = "q=1", fragment = "f"})
  eq(url.build(u), "http://user:pass@host:80/a/b;p?q=1#f")
  eq(url.parse("//[::1]:80/").host, "::1")
  eq(url.parse("x", {scheme = "s"}), {scheme = "s", path = "x"})
  eq(url.parse("mailto:a@b"), {scheme = "mailto", path = "a@b"})
  eq((url.parse("")), nil)
  for relative, want in pairs{
    ["g:h"] = "g:h", ["g"] = "http://a/b/c/g", ["./g"] = "http://a/b/c/g", ["g/"] = "http://a/b/c/g/", ["/g"] = "http://a/g", ["//g"] = "http://g",
    ["g?y"] = "http://a/b/c/g?y", [";x"] = "http://a/b/c/d;x", ["."] = "http://a/b/c/",
    [".."] = "http://a/b/", ["../g"] = "http://a/b/g", ["../../g"] = "http://a/g", [""] = "http://a/b/c/d;p?q", ["g/../h"] = "http://a/b/c/h",
  } do
    eq(url.absolute("http://a/b/c/d;p?q", relative), want)
  end
  eq(url.escape("a b/ä"), "a%20b%2f%c3%a4")
  eq(url.unescape("a%20b%2F%zz"), "a b/%zz")
  eq(url.parse_path("/a/b%20c/"), {"a", "b c", is_absolute = 1, is_directory = 1})
  eq(url.build_path({"a", "b c/", is_absolute = 1, is_directory = 1}), "/a/b%20c%2F/")
  eq(url.build_path({"a", "b c"}, true), "a/b c")
end)
