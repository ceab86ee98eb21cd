package edit

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// columns lists names in columns, from top to bottom, in at most rows rows.
func columns(names []string, width, rows int) string {
	longest := 0
	for _, name := range names {
		longest = max(longest, uniseg.StringWidth(name))
	}
	across := max(1, (width+1)/(longest+2))
	left := 0
	if room := across * (rows - 1); len(names) > across*rows {
		left = len(names) - room
		names = names[:room]
	}
	down := (len(names) + across - 1) / across
	var b strings.Builder
	for row := range down {
		for i := row; i < len(names); i += down {
			b.WriteString(names[i])
			if i+down < len(names) {
				b.WriteString(strings.Repeat(" ", longest+2-uniseg.StringWidth(names[i])))
			}
		}
		b.WriteString("\n")
	}
	if left > 0 {
		fmt.Fprintf(&b, "... and %d more\n", left)
	}
	return b.String()
}
