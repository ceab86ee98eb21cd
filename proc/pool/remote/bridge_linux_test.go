package remote

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// A bridge that can't be started, which is tried again and again, keeps no memory.
func TestNoBridge(t *testing.T) {
	for range 3 {
		if _, err := Command("/nowhere/luaspawnd", "bridge")(); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%v, want %v", err, fs.ErrNotExist)
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(maps), "luaspawn packets"); n > 0 {
		t.Errorf("%d mappings are left", n)
	}
}
