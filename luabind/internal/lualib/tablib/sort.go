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
	n := vm.Len(l.t)
	if L.Get(2) != lua.LNil {
		f := arg.Function(L, 2)
		L.SetTop(2)
		s := &sorter{l, func(a, b lua.LValue) bool {
			return lua.LVAsBool(glua.Call2(L, f, a, b))
		}}
		s.sort(1, n, n > 1<<16)
		return 0
	}
	if n <= len(l.List()) && (sortAs(l, numbers, n) || sortAs(l, strings, n)) {
		return 0
	}
	s := &sorter{l, func(a, b lua.LValue) bool { return vm.Less(L, a, b) }}
	s.sort(1, n, n > 1<<16)
	return 0
}

// sorter sorts by a function of the script's, or any values by "<". A script sees
// what is compared with what, and where items end up that are equal, so it
// takes the steps that PUC Lua takes: a quicksort around the median of the
// first, the middle and the last.
type sorter struct {
	*list
	less func(a, b lua.LValue) bool
}

// together moves the numbers among the items to memory where they stand side by
// side. Sorted halfway, those of a long list stand all over, and to fetch them
// from there takes longer than to compare them.
func (s *sorter) together(low, high int) {
	numbers := glua.Inside(s.L).Reg.Numbers
	for i := low; i <= min(high, len(s.List())); i++ {
		if n, ok := s.List()[i-1].(lua.LNumber); ok {
			s.List()[i-1] = numbers.Value(n)
		}
	}
}

func (s *sorter) swap(i, j int) {
	a, b := s.Item(i), s.Item(j)
	s.SetItem(i, b)
	s.SetItem(j, a)
}

// before says whether item i comes before item j.
func (s *sorter) before(i, j int) bool {
	s.step()
	return s.less(s.Item(i), s.Item(j))
}

func (s *sorter) sort(low, high int, apart bool) {
	const piece = 1 << 14
	for low < high {
		if apart && high-low < piece {
			s.together(low, high)
			apart = false
		}
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
			s.sort(low, at-1, apart)
			low = at + 1
		} else {
			s.sort(at+1, high, apart)
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
		for i++; s.less(s.Item(i), pivot); i++ {
			s.step()
			if i > high {
				s.invalid()
			}
		}
		for j--; s.less(pivot, s.Item(j)); j-- {
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
func numbers(v lua.LValue) (f float64, ok bool) {
	n, ok := v.(lua.LNumber)
	f = float64(n)
	return f, ok && f == f && (f != 0 || !math.Signbit(f)) // not NaN, not -0
}

func strings(v lua.LValue) (string, bool) {
	s, ok := v.(lua.LString)
	return string(s), ok
}

// sortAs sorts the first n items if all of them are of one kind.
func sortAs[T float64 | string](l *list, key func(lua.LValue) (T, bool), n int) bool {
	type item struct {
		key   T
		value lua.LValue
	}
	if n > 0 {
		if _, ok := key(l.List()[n-1]); !ok {
			return false
		}
	}
	items := make([]item, n)
	for i, v := range l.List()[:n] {
		k, ok := key(v)
		if !ok {
			return false
		}
		items[i] = item{k, v}
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
		l.List()[i] = items[i].value
	}
	return true
}
