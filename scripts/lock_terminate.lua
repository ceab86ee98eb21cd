-- 如果p还保存了一个锁那么也将不会被释放,进而导致死锁: a terminated process takes its lock with it in Python.
-- Here the next one gets the lock, and is told what has happened.
local mp = require "multiprocessing"
local time = require "time"

local lock, held = mp.Lock(), mp.Event()

local function task(name)
  lock:acquire()
  print(name .. " has the lock")
  held:set()
  time.sleep(1000)
end

if __name__ == "__main__" then
  local p = mp.Process{target = task, args = {"egon"}}
  p:start()
  held:wait()
  print(lock:acquire(false))

  p:terminate()
  print(lock:acquire())

  lock:release()
  print(lock:acquire())
  p:join()
  print(p.exitcode)
end
