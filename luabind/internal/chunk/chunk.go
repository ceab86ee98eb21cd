package chunk

import "strings"

// A Chunk is one source text under the name that it was loaded as: "@file",
// "=name" or itself. DisplayName makes of it what stands in errors.
type Chunk struct {
	Name, Source string
	Session      bool     // a piece of a session, see compile.CompilePiece
	Locals       []string // which it sees
}

// A Source is the text of a chunk, and the name that stands in its errors.
type Source struct{ Name, Text string }

// DisplayName turns the name of a chunk into what stands in errors, as
// luaO_chunkid of Lua 5.1 does, which has 60 bytes for it, the last a zero. A name ends at
// its first zero, as strings of C do.
func DisplayName(name string) string {
	const size = 60
	name, _, _ = strings.Cut(name, "\x00")
	switch {
	case name == "":
		return `[string ""]`
	case name[0] == '=':
		return name[1:min(len(name), size)]
	case name[0] == '@':
		const room = size - len(" '...' ") - 1
		if name = name[1:]; len(name) > room {
			name = "..." + name[len(name)-room:]
		}
		return name
	}
	const room = size - len(` [string "..."] `) - 1
	line := name
	if i := strings.IndexAny(name, "\n\r"); i >= 0 {
		line = name[:i]
	}
	if line = line[:min(len(line), room)]; len(line) < len(name) {
		line += "..."
	}
	return `[string "` + line + `"]`
}
