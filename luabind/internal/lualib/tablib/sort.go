package tablib

import (
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// sort is table.sort(t [, less]).
func sort(L *lua.LState) int {
	l := listOf(L)
	n := glua.Len(l.t)
	if L.Get(2) != lua.LNil {
		f := arg.Function(L, 2)
		L.SetTop(2)
		s := &sorter{l, func(a, b glua.Value) bool { return vm.Holds(L, f, a, b) }}
		s.sort(1, n)
		return 0
	}
	if n <= len(l.own()) && (sortNumbers(l, n) || sortStrings(l, n)) {
		return 0
	}
	s := &sorter{l, func(a, b glua.Value) bool { return vm.Less(L, a.LValue(nil), b.LValue(nil)) }}
	s.sort(1, n)
	return 0
}

// sorter sorts by a function of the script's, or any values by "<". A script sees
// what is compared with what, and where items end up that are equal, so it
// takes the steps that PUC Lua takes: a quicksort around the median of the
// first, the middle and the last.
type sorter struct {
	*list
	less func(a, b glua.Value) bool
}

func (s *sorter) swap(i, j int) {
	a, b := s.Item(i), s.Item(j)
	s.SetItem(i, &b)
	s.SetItem(j, &a)
}

// before says whether item i comes before item j.
func (s *sorter) before(i, j int) bool {
	s.step()
	return s.less(s.Item(i), s.Item(j))
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

// No script can watch the order in which numbers, and strings, are compared.

// sortNumbers sorts the first n items if all of them are numbers.
func sortNumbers(l *list, n int) bool {
	items := l.Items()[:n]
	numbers := make([]float64, n)
	for i := n - 1; i >= 0; i-- { // the last one first: most often it tells
		f := items[i].Float()
		if f != f || f == 0 && math.Signbit(f) { // no number, NaN, or -0
			return false
		}
		numbers[i] = f
	}
	if !glua.Apart(l.L.Context(), func() { slices.Sort(numbers) }) {
		l.L.Error(lua.LString(l.L.Context().Err().Error()), 0)
	}
	for i, f := range numbers {
		items[i].SetNumber(f)
	}
	return true
}

// sortStrings is sortNumbers for strings.
func sortStrings(l *list, n int) bool {
	items := l.Items()[:n]
	for i := n - 1; i >= 0; i-- {
		if !items[i].IsString() {
			return false
		}
	}
	sorted := slices.Clone(items) // a script may run in step, and change them
	slices.SortFunc(sorted, func(a, b glua.Value) int {
		l.step()
		return strings.Compare(a.String(), b.String())
	})
	for i := range sorted {
		l.SetItem(i+1, &sorted[i])
	}
	return true
}
