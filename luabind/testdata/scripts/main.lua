local greet = require "greet"
print(greet("embed.FS"))
