package chunk

import (
	"fmt"
	"strings"
	"testing"
)

// A process that gets one small chunk after the other remembers few of them: each takes much more
// memory than its source.
func TestRecent(t *testing.T) {
	c := NewStore()
	arrive := func(source string) {
		t.Helper()
		if _, err := c.Arrived(&Chunk{Name: "=chunk", Source: source}); err != nil {
			t.Fatal(err)
		}
	}
	most := 0
	for i := range 60 {
		arrive(fmt.Sprintf("return %d", i) + strings.Repeat(" , function() end", 239))
		protos := 0
		for _, list := range c.recent {
			protos += len(list)
		}
		if protos != c.count {
			t.Fatalf("%d prototypes are counted as %d", protos, c.count)
		}
		most = max(most, protos)
	}
	if most > maxRecentProtos || most < maxRecentProtos/2 {
		t.Errorf("%d prototypes are remembered, want at most %d, and not much less", most, maxRecentProtos)
	}
	before := c.count
	arrive("return {" + strings.Repeat("function() end, ", maxRecentProtos) + "}")
	if c.count != before {
		t.Error("a chunk of too many functions is remembered")
	}
}
