local argparse = require "argparse"

local parser = argparse("count", "Counts words."):add_help(true)
parser:argument("files", "Files to read."):args("+")
parser:option("-j --jobs", "How many at a time.", 2):convert(tonumber)
parser:flag("-v --verbose", "Say more.")
local args = parser:parse{"-j", "4", "a.txt", "b.txt", "-v"}
print(args.jobs, #args.files, args.files[2], args.verbose)
print(parser:get_help())
print(parser:pparse{"-j"})
print(parser:pparse{"a", "--job", "2"})
parser:parse{"--help"}
