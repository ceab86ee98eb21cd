---@meta package

package = {}

---what stands for what in paths, a line each: directory separator, path separator, mark, and so on
---@type string
package.config = ""

---where require looks for libraries in C, of which there are none
---@type string
package.cpath = ""

---the modules that are loaded, by their names
---@type table<string,any>
package.loaded = {}

---the functions that look for a module, in their order
---@type function[]
package.loaders = {}

---where require looks for files: templates with ? for the name, ; between them
---@type string
package.path = ""

---functions that make modules, by their names
---@type table<string,function>
package.preload = {}

---nil and an error: there are no libraries in C
---@param path string
---@param name string
---@return nil
---@return string
---@return string
function package.loadlib(path, name) end

---lets a module see all global variables: module(name, package.seeall)
---@param t table
function package.seeall(t) end
