package glua

import (
	"runtime"
	"sync"
	"testing"
)

// Tables that grow at the same time, and take each other's old lists, keep what they have, and
// find nothing of others.
func TestReuse(t *testing.T) {
	const lists, most = 60, 3 << maxReused
	var engines sync.WaitGroup
	for engine := range 4 {
		engines.Go(func() {
			for list := range lists {
				mark := NumberValue(float64(engine*lists + list))
				one, other := InsideTable(NewTable(0, 0)), InsideTable(NewTable(0, 0))
				for n, size := 1, most>>(list%10); n <= size; n++ {
					one.SetItem(n, &mark)
					other.SetItem(n, &mark)
				}
				for _, table := range []*Table{one, other} {
					for i, v := range table.Items() {
						if inside := i < most>>(list%10); inside && v != mark || !inside && !v.IsNil() {
							t.Errorf("item %d of list %d: got %v", i+1, list, v.LValue(nil))
							return
						}
					}
				}
			}
		})
	}
	engines.Wait()
}

// Half of what growing lists take is taken again.
func TestReuseSpares(t *testing.T) {
	grow := func() {
		table := InsideTable(NewTable(0, 0))
		for n := 1; n <= 1<<maxReused; n++ {
			table.SetItem(n, &True)
		}
	}
	const lists = 50
	var before, after runtime.MemStats
	grow()
	runtime.ReadMemStats(&before)
	for range lists {
		grow()
	}
	runtime.ReadMemStats(&after)
	least := uint64(ValueSize) << maxReused
	if took := (after.TotalAlloc - before.TotalAlloc) / lists; took > least*3/2 {
		t.Errorf("a list of %d bytes takes %d", least, took)
	}
}
