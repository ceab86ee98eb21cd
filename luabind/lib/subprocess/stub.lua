---@meta subprocess

---@class subprocess
---@field PIPE string # "pipe": a stream that the script has the other end of
---@field STDOUT string # "stdout": for stderr: where stdout leads
---@field DEVNULL string # "null": nothing comes, and what is written is thrown away
local subprocess = {}

---a program and its arguments, with how it is run. Streams are "pipe", "null", "inherit" (what this process
---has) or an open file of io.open
---@class subprocess.Options
---@field [integer] string # the program, looked for in PATH, and its arguments
---@field shell? boolean # true: there is one string, a line for the shell
---@field cwd? string # the directory to run it in
---@field env? table<string, string> # all of its variables; left out: those of this process
---@field stdin? any # left out: "inherit"
---@field stdout? any # left out: "pipe" for run, "inherit" for popen
---@field stderr? any # as stdout; also "stdout"
---@field text? boolean # false: bytes as they are. Else lines end in "\n" for the script where they end in "\r\n" in files, on Windows
---@field input? string # run: what it reads
---@field timeout? number # run: seconds, after which it is killed with all that it has started: TimeoutExpired
---@field check? boolean # run: another status than 0 is a CalledProcessError

---what has become of a program
---@class subprocess.Result
---@field args subprocess.Options # what run was called with
---@field code integer # its status; -N: by signal N
---@field stdout? string # all that it has written; nil: it wasn't a pipe
---@field stderr? string

---runs a program to its end: subprocess.run{"ls", "-l", cwd = "/", timeout = 5}
---@param options subprocess.Options
---@return subprocess.Result
function subprocess.run(options) end

---starts a program, which goes on beside the script. multiprocessing.wait takes it
---@param options subprocess.Options
---@return subprocess.Popen
function subprocess.popen(options) end

---a program that was started
---@class subprocess.Popen
---@field pid integer
---@field code? integer # nil until it has ended; then its status, -N: by signal N
---@field args subprocess.Options
---@field stdin? FILE* # to write to, where it is a pipe: line by line; close it where the program waits for the end
---@field stdout? FILE* # to read from, where it is a pipe
---@field stderr? FILE*
local Popen = {}

---its code, or nil while it runs
---@return integer?
function Popen:poll() end

---waits for its end. A program that writes more than a pipe holds ends only when that is read
---@param timeout? number # seconds; then it is a TimeoutExpired, and the program goes on
---@return integer # its code
function Popen:wait(timeout) end

---sends SIGTERM, unless it has ended
function Popen:terminate() end

---sends SIGKILL, unless it has ended
function Popen:kill() end

---kills it with all that it has started (on Linux)
function Popen:kill_tree() end

---sends a signal, unless it has ended
---@param which string|integer # "HUP", "SIGHUP" or a number
function Popen:send_signal(which) end

---the error of a program that took too long: args, timeout, stdout and stderr so far
---@class subprocess.TimeoutExpired
subprocess.TimeoutExpired = {}

---the error of run{check = true}: args, code, stdout, stderr
---@class subprocess.CalledProcessError
subprocess.CalledProcessError = {}

return subprocess
