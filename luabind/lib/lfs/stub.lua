---@meta lfs
---Files and directories, as LuaFileSystem has it. What fails gives nil, an error and its number.

---@class lfs
---@field _VERSION string # that of LuaFileSystem whose names these are
---@field _DESCRIPTION string # what LuaFileSystem says of itself
local lfs = {}

---a directory that lfs.dir goes through
---@class lfs.Directory
local Directory = {}

---a lock of lfs.lock_dir
---@class lfs.Lock
local Lock = {}

---what is known of a file, of one where a symbolic link leads
---@param path string
---@param what? string|table # "mode", "dev", "ino", "nlink", "uid", "gid", "rdev", "access", "modification", "change", "size", "permissions", "blocks" or "blksize"; or a table to fill
---@return any # what was asked for, or a table of all
---@return string?
---@return integer?
function lfs.attributes(path, what) end

---the same of a symbolic link itself, and "target", where it leads
---@param path string
---@param what? string|table
---@return any
---@return string?
---@return integer?
function lfs.symlinkattributes(path, what) end

---changes the directory of this script, and of the processes that it starts from now on
---@param path string
---@return boolean?
---@return string?
function lfs.chdir(path) end

---the directory of this script
---@return string?
---@return string?
---@return integer?
function lfs.currentdir() end

---goes through the names in a directory, "." and ".." too: for name in lfs.dir(path) do
---@param path string
---@return function
---@return lfs.Directory
function lfs.dir(path) end

---makes a directory
---@param path string
---@return boolean?
---@return string?
---@return integer?
function lfs.mkdir(path) end

---removes an empty directory
---@param path string
---@return boolean?
---@return string?
---@return integer?
function lfs.rmdir(path) end

---sets the times of a file, in seconds since 1970
---@param path string
---@param access? integer # of the last access; now
---@param modification? integer # of the last change; the same as access
---@return boolean?
---@return string?
---@return integer?
function lfs.touch(path, access, modification) end

---makes a link
---@param old string # what it leads to
---@param new string # its name
---@param symbolic? boolean # a symbolic link, else a hard one
---@return boolean?
---@return string?
---@return integer?
function lfs.link(old, new, symbolic) end

---locks a part of an open file against other processes; it doesn't wait
---@param file FILE* # open for writing where mode is "w"
---@param mode string # "r" is shared, "w" exclusive
---@param start? integer # 0
---@param length? integer # 0: to the end
---@return boolean?
---@return string?
function lfs.lock(file, mode, start, length) end

---unlocks a part of a file
---@param file FILE*
---@param start? integer # 0
---@param length? integer # 0: to the end
---@return boolean?
---@return string?
function lfs.unlock(file, start, length) end

---locks a directory by a file in it, lockfile.lfs
---@param path string
---@return lfs.Lock?
---@return string?
function lfs.lock_dir(path) end

---puts a file into text mode, or ends that: what io.stdout needs before binary data on Windows. Elsewhere it does
---nothing: all files are binary
---@param file FILE*
---@param mode string # "binary" or "text"
---@return boolean
---@return string # the mode before
function lfs.setmode(file, mode) end

---the next name; nil at the end
---@return string?
function Directory:next() end

---closes it
function Directory:close() end

---unlocks it
function Lock:free() end

return lfs
