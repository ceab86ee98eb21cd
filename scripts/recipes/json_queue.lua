-- JSON there and back: a worker takes requests as text, as they come from a socket or a file, and
-- answers as text. json.null, empty arrays and mistakes in a text come through.
local mp = require "multiprocessing"
local json = require "json"

local function worker(requests, answers)
  for text in requests.get, requests do
    local ok, request = pcall(json.decode, text)
    if ok then
      local sum = 0
      for _, n in ipairs(request.numbers) do sum = sum + n end
      request.sum, request.note = sum, json.null
      answers:put(json.encode(request, {sorted = true}))
    else
      answers:put(json.encode{error = request:match("[^:]*$")})
    end
  end
end

local requests, answers = mp.Queue(), mp.Queue()
local p = mp.Process{target = worker, args = {requests, answers}}
p:start()
requests:put('{"id": 1, "numbers": [1, 2, 3.5]}')
requests:put('{"id": 2, "numbers": []}')
requests:put('{"id": 3, "numbers": [1, 2}')
requests:put(nil)
for _ = 1, 3 do print(answers:get()) end
p:join()
print(json.pretty{list = {1, 2}, name = "pretty"})
