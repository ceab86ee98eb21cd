---@meta signal

---what comes from the system or from other processes. There is a number for each under its name:
---signal.SIGTERM, signal.SIGUSR1
---@class signal
---@field default string # the action that the system has for a signal; for SIGINT, SIGTERM and SIGHUP: the script ends, its files written, its children ended
---@field ignore string # the action of a signal that does nothing
local signal = {}

---lets action be called when the signal has come, with its number and name: between two instructions, or while
---the script waits, which goes on after it. An error in it is the script's. Children begin with the default
---@param which string|integer # "TERM", "SIGTERM" or a number
---@param action function|string # a function, signal.default or signal.ignore
---@return function|string # the action before
function signal.signal(which, action) end

---what a signal does now
---@param which string|integer
---@return function|string # a function, signal.default or signal.ignore
function signal.getsignal(which) end

---sends a signal to this process. Its handler has run when raise returns
---@param which string|integer
function signal.raise(which) end

---lets SIGALRM come later, instead of one that was to come; 0: none
---@param seconds number
---@return number # the seconds that were left of the one before; 0: there was none
function signal.alarm(seconds) end

---waits until a handler has run
function signal.pause() end

---the action of SIGINT in a main script: it raises "interrupted!". The second Ctrl-C ends the script
function signal.default_int_handler() end

return signal
