-- What a crawler does, on a site that is a table: each page that was read brings more to read. This process
-- hands the pages out and knows which were seen, so nobody has to lock that; the others read them. It also
-- counts the pages that are out: when there is none left, all is done.
local mp = require "multiprocessing"

local site = {
  ["/"] = {"/a", "/b"}, ["/a"] = {"/c", "/"}, ["/b"] = {"/c", "/d", "/missing"}, ["/c"] = {"/a"}, ["/d"] = {"/d"},
}

local function fetch(pages, results)
  for page in pages.get, pages do
    results:put{page = page, links = site[page]}
  end
end

local pages, results = mp.Queue(), mp.Queue()
local fetchers = {}
for i = 1, 3 do
  fetchers[i] = mp.Process{target = fetch, args = {pages, results}, name = "fetch-" .. i}
  fetchers[i]:start()
end

local seen, out = {}, 0
local function hand_out(page)
  if seen[page] then return end
  seen[page], out = true, out + 1
  pages:put(page)
end

hand_out("/")
while out > 0 do
  local result = results:get()
  out = out - 1
  print(result.page, result.links and #result.links .. " links" or "not found")
  for _, link in ipairs(result.links or {}) do hand_out(link) end
end

for _ in ipairs(fetchers) do pages:put(nil) end
for _, p in ipairs(fetchers) do p:join() end
