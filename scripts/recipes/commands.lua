-- Shell commands in parallel, each with its output, its status and a timeout: a thread of one's own isn't
-- needed to wait for a program, a worker of a pool is.
local mp = require "multiprocessing"
local subprocess = require "subprocess"

local commands = {
  "echo hello | tr a-z A-Z",
  "echo to stderr >&2; exit 3",
  "sleep 1000 & echo in vain; wait",
  "kill -9 $$",
}

local function run(line)
  local ok, r = pcall(subprocess.run, {line, shell = true, stderr = "stdout", timeout = 5})
  local status = ok and "status " .. r.code or r.name
  return ("%-34s %-15s %s"):format(line, status, r.stdout:gsub("\n", " ") .. "")
end

mp.Pool(4):hold(function(pool)
  for _, line in pool:imap(run, commands) do print(line) end
end)

-- Programs that go on beside the script: whichever ends first is there first.
local list = {subprocess.popen{"sleep", "1000"}, subprocess.popen{"sh", "-c", "exit 2"}}
local first = mp.wait(list)[1]
print(first == list[2], first.code)
list[1]:terminate()
print(list[1]:wait())
