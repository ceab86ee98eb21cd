package progress

// Manual says what the module holds, in the form of luabind.Manual.
const Manual = `# progress
progress(iterator [, options])
    for line in progress(io.lines(name), {total = n, label = "reading"}) do: the same values, and a bar on the
    terminal until the loop ends, by break or an error too; after it the line with what was done stays.
    Options: total; label; lines = true: a line every ten seconds where standard error is no terminal.
    progress(list [, options]) goes through a list as ipairs does, progress(pairs(t)) and
    progress(ipairs(t)) through what these do
bar = progress{total = 100, label = "work", lines = false}
    a bar that the script adds to; all may be left out
bar:add([n])
    n more are done, 1 if it is left out
bar:close()
    takes the bar away and leaves the line
`
