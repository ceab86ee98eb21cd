package sharing

// Manual says what scripts see, in the form of luabind.Manual.
const Manual = `# multiprocessing: to take turns and to share
lock = multiprocessing.Lock()
lock = multiprocessing.RLock()
    one holder at a time; that of an RLock may take it again
lock:acquire([block [, timeout]])
    true, false if it can't be had in time, or true, "abandoned" if its holder has died
lock:release()
lock:locked()
    gives it back; whether somebody holds it
lock:hold(f, ...)
    calls f with the lock held and returns what it returns; released after an error too
semaphore = multiprocessing.Semaphore([n])
semaphore = multiprocessing.BoundedSemaphore([n])
    n holders at a time; acquire, release and hold as those of a lock; bounded: no more than n are released
semaphore:get_value()
    how many may still acquire it
event = multiprocessing.Event()
event:set()
event:clear()
event:is_set()
event:wait([timeout])
    wait returns true when it is set, false when timeout seconds are over before
condition = multiprocessing.Condition([lock])
condition:wait([timeout])
condition:wait_for(f [, timeout])
condition:notify([n])
condition:notify_all()
    waits, with the lock given back meanwhile, until others notify; acquire, release and hold as those of a lock
barrier = multiprocessing.Barrier(parties [, action [, timeout]])
barrier:wait([timeout])
barrier:reset()
barrier:abort()
    wait returns when as many as parties wait; the fields are parties, n_waiting and broken
v = multiprocessing.Value(type [, value])
a = multiprocessing.Array(type, n or list)
    a number, n numbers that processes share: v.value, a[i], #a
v:get_lock()
v:hold(f, ...)
    the lock of a Value or an Array; calls f with it held
`
