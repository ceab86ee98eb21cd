package pool

import "testing"

// The bits of tasks, at the ends of words and over them.
func TestChunkBits(t *testing.T) {
	const n = 200
	for _, tasks := range [][2]int{{0, 1}, {0, 64}, {0, 200}, {63, 1}, {63, 2}, {64, 64}, {5, 130}, {127, 73}, {199, 1}} {
		first, count := tasks[0], tasks[1]
		ch := &chunk{got: make([]uint64, (n+63)/64)}
		ch.set(first, count)
		for i := range n {
			if want := i >= first && i < first+count; ch.has(i) != want || ch.hasSome(i, 1) != want {
				t.Errorf("%d tasks from %d: has(%d) is %v", count, first, i, ch.has(i))
			}
		}
		if first > 0 && ch.hasSome(0, first) || !ch.hasSome(0, first+1) || ch.hasSome(first+count, n-first-count) || !ch.hasSome(first+count-1, n-first-count+1) {
			t.Errorf("%d tasks from %d: hasSome is wrong beside them", count, first)
		}
	}
}
