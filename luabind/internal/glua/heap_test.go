package glua

import (
	"runtime/metrics"
	"testing"
	"unsafe"
)

// What is read is what package runtime/metrics reads, and as large.
func TestReadMetrics(t *testing.T) {
	if got, want := unsafe.Sizeof(Reading{}), unsafe.Sizeof(metrics.Sample{}); got != want {
		t.Fatalf("a Reading takes %d bytes, a Sample %d", got, want)
	}
	const name = "/sched/gomaxprocs:threads" // it changes only when it is set
	theirs := []metrics.Sample{{Name: name}, {Name: "/no/such:name"}}
	metrics.Read(theirs)
	ours := []Reading{{Name: name}, {Name: "/no/such:name"}}
	ReadMetrics(ours)
	if n, ok := ours[0].Uint64(); !ok || n != theirs[0].Value.Uint64() {
		t.Errorf("%s: got %d, %t, want %d", name, n, ok, theirs[0].Value.Uint64())
	}
	if n, ok := ours[1].Uint64(); ok {
		t.Errorf("%s: got %d", ours[1].Name, n)
	}
}
