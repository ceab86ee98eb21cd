package tablib

import (
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// sort is table.sort(t [, less]).
func sort(L *lua.LState) int {
	l := listOf(L, 1)
	n := glua.Len(l.t)
	if L.Get(2) != lua.LNil {
		f := arg.Function(L, 2)
		L.SetTop(2)
		s := &sorter{l, func(a, b *glua.Value) bool { return glua.Holds2(L, f, a, b) }}
		s.sort(1, n)
		return 0
	}
	if n <= len(l.own()) && (sortAs(l, numbers, n) || sortAs(l, strings, n)) {
		return 0
	}
	s := &sorter{l, func(a, b *glua.Value) bool { return vm.Less(L, a.LValue(nil), b.LValue(nil)) }}
	s.sort(1, n)
	return 0
}

// sorter sorts by a function of the script's, or any values by "<". A script sees
// what is compared with what, and where items end up that are equal, so it
// takes the steps that PUC Lua takes: a quicksort around the median of the
// first, the middle and the last.
type sorter struct {
	*list
	less func(a, b *glua.Value) bool
}

func (s *sorter) swap(i, j int) {
	a, b := s.Item(i), s.Item(j)
	s.SetItem(i, &b)
	s.SetItem(j, &a)
}

// before says whether item i comes before item j.
func (s *sorter) before(i, j int) bool {
	s.step()
	a, b := s.Item(i), s.Item(j)
	return s.less(&a, &b)
}

func (s *sorter) sort(low, high int) {
	for low < high {
		if s.before(high, low) {
			s.swap(low, high)
		}
		if high-low == 1 {
			return
		}
		middle := (low + high) / 2
		if s.before(middle, low) {
			s.swap(middle, low)
		} else if s.before(high, middle) {
			s.swap(middle, high)
		}
		if high-low == 2 {
			return
		}
		at := s.partition(low, high, middle)
		// The smaller part now, the larger one in the next turn.
		if at-low < high-at {
			s.sort(low, at-1)
			low = at + 1
		} else {
			s.sort(at+1, high)
			high = at - 1
		}
	}
}

// partition puts the item in the middle where it belongs and returns that place.
// The items low and high are on their sides already.
func (s *sorter) partition(low, high, middle int) int {
	pivot := s.Item(middle)
	s.swap(middle, high-1)
	i, j := low, high-1
	for {
		for i++; ; i++ {
			if v := s.Item(i); !s.less(&v, &pivot) {
				break
			}
			s.step()
			if i > high {
				s.invalid()
			}
		}
		for j--; ; j-- {
			if v := s.Item(j); !s.less(&pivot, &v) {
				break
			}
			s.step()
			if j < low {
				s.invalid()
			}
		}
		if j < i {
			s.swap(high-1, i)
			return i
		}
		s.swap(i, j)
	}
}

func (s *sorter) invalid() { arg.Raise(s.L, "invalid order function for sorting") }

// What numbers and strings are sorted as, whose order no script can watch.
func numbers(v *glua.Value) (f float64, ok bool) {
	f = v.Float()
	return f, v.IsNumber() && f == f && (f != 0 || !math.Signbit(f)) // not NaN, not -0
}

func strings(v *glua.Value) (s string, ok bool) {
	if v.IsString() {
		return v.String(), true
	}
	return "", false
}

// sortAs sorts the first n items if all of them are of one kind.
func sortAs[T float64 | string](l *list, key func(*glua.Value) (T, bool), n int) bool {
	type item struct {
		key   T
		value glua.Value
	}
	list := l.Items()[:n]
	if n > 0 {
		if _, ok := key(&list[n-1]); !ok {
			return false
		}
	}
	items := make([]item, n)
	for i := range list {
		k, ok := key(&list[i])
		if !ok {
			return false
		}
		items[i] = item{k, list[i]}
	}
	slices.SortFunc(items, func(a, b item) int {
		l.step()
		if a.key < b.key {
			return -1
		}
		if a.key > b.key {
			return 1
		}
		return 0
	})
	for i := range items {
		list[i] = items[i].value
	}
	return true
}
