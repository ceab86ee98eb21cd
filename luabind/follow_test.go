package luabind_test

import (
	"context"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// counting is a module whose count(n) gives 1 to n to a generic for and logs its end; what
// scripts log goes there too.
func counting(log *[]string) luabind.Module {
	return luabind.Module{Name: "counting", Open: func(h *luabind.Host) (lua.LValue, error) {
		L := h.State()
		forgets := map[*func()]bool{} // of what is followed
		L.SetGlobal("log", L.NewFunction(func(L *lua.LState) int {
			*log = append(*log, L.ToString(1))
			return 0
		}))
		L.SetGlobal("count", L.NewFunction(func(L *lua.LState) int {
			n, i := L.CheckInt(1), 0
			name := "loop"
			if L.GetTop() > 1 {
				name = L.ToString(2)
			}
			var forget func()
			L.Push(L.NewFunction(func(L *lua.LState) int {
				if forget == nil {
					ok := false
					forget, ok = h.FollowLoop(L, func() {
						*log = append(*log, name+" over")
						delete(forgets, &forget)
						forget = nil
					})
					if !ok {
						*log = append(*log, name+" not followed")
						forget = func() {}
					}
					forgets[&forget] = ok
				}
				if i++; i > n {
					return 0
				}
				L.Push(lua.LNumber(i))
				return 1
			}))
			return 1
		}))
		h.OnReturn(func() {
			for forget, ok := range forgets {
				if ok {
					(*forget)()
				}
				*log = append(*log, "returned")
			}
			clear(forgets)
		})
		return lua.LTrue, nil
	}}
}

func TestFollowLoop(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"to its end", `for i in count(2) do log(i) end log("after")`, "1 2 loop over after"},
		{"break", `for i in count(9) do log(i) if i == 2 then break end end log("after")`, "1 2 loop over after"},
		{"break at once", `for i in count(9) do break end log("after")`, "loop over after"},
		{"return", `local function f() for i in count(9) do return i end end log(f()) log("after")`, "loop over 1 after"},
		{"goto", `for i in count(9) do goto out end ::out:: log("after")`, "loop over after"},
		{"continue", `for i in count(2) do log(i) goto on ::on:: end log("after")`, "1 2 loop over after"},
		{"error", `pcall(function() for i in count(9) do error("x") end end) log("after")`, "loop over after"},
		{"error in what it calls", `pcall(function() for i in count(9) do local s = nil .. i end end) log("after")`, "loop over after"},
		{"error in the handler's sight", `xpcall(function() for i in count(9) do error("x") end end, function() log("handler") end) log("after")`, "handler loop over after"},
		{"uncaught", `for i in count(9) do error("x") end`, "returned"},
		{"os.exit", `for i in count(9) do os.exit(1) end`, "returned"},
		{"end of the script", `for i in count(9) do return end`, "returned"},
		{"nested", `for i in count(2, "a") do for j in count(2, "b") do log(i .. j) break end end log("after")`, "11 b over 21 b over a over after"},
		{"both at once", `for i in count(2, "a") do for j in count(2, "b") do goto out end end ::out:: log("after")`, "b over a over after"},
		{"the same code again", `local function f(n) for i in count(n, n) do if n > 1 then return f(n - 1) end log("in") end end f(3) log("after")`, "3 over 2 over in 1 over after"},
		{"recursion", `local function f(n) for i in count(1, n) do if n > 1 then f(n - 1) end log("in" .. n) end end f(3) log("after")`, "in1 1 over in2 2 over in3 3 over after"},
		{"a loop behind it", `for i in count(9) do break end local n = 0 while n < 2 do n = n + 1 end log("after")`, "loop over after"},
		{"an endless body", `for i in count(1) do for k = 1, 100 do log(k) break end local n = 0 repeat n = n + 1 until n > 100 end log("after")`, "1 loop over after"},
		{"the iterator twice", `local it = count(9) for i in it do break end log("between") for i in it do log(i) break end log("after")`, "loop over between 2 loop over after"},
		{"another loop in its place", `for k = 1, 2 do for i in count(9, k) do break end end log("after")`, "1 over 2 over after"},
		{"called by hand", `local it = count(9) log(it()) log(it())`, "loop not followed 1 2 returned"},
		{"called by another iterator", `local it = count(2) for i in function() return it() end do log(i) end`, "loop not followed 1 2 returned"},
		{"a coroutine", `local co = coroutine.wrap(function() for i in count(9) do coroutine.yield(i) end end) log(co()) log(co()) co = nil log("after")`, "1 2 after returned"},
		{"a coroutine that ends", `local co = coroutine.wrap(function() for i in count(9) do coroutine.yield(i) break end end) log(co()) co() log("after")`, "1 loop over after"},
		{"a coroutine that fails", `local co = coroutine.create(function() for i in count(9) do error("x") end end) coroutine.resume(co) log("after")`, "loop over after"},
		{"a tail call", `local function f() log("f") end local function g() for i in count(9) do return f() end end g() log("after")`, "loop over f after"},
		{"with a hook", `debug.sethook(function() end, "l") for i in count(2) do log(i) end log("between") for i in count(9) do log(i) break end log("after")`, "1 2 loop over between 1 loop over after"},
		{"many variables", `local function f(a, b, c, d) for i, j, k in count(2) do local x, y = a, b log(i) end end f(1, 2) log("after")`, "1 2 loop over after"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log []string
			e := newEngine(t, luabind.Config{Modules: []luabind.Module{counting(&log)}})
			e.Run(context.Background(), "script.lua", strings.NewReader(test.script))
			if got := strings.Join(log, " "); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// BenchmarkFollowed is what a call takes in a loop that is followed, and in one that isn't.
func BenchmarkFollowed(b *testing.B) {
	for name, script := range map[string]string{
		"followed": `for i in count(1) do for k = 1, %d do f(k) end end`,
		"free":     `for i in ipairs{1} do for k = 1, %d do f(k) end end`,
	} {
		b.Run(name, func(b *testing.B) {
			var log []string
			e, err := luabind.New(luabind.Config{Modules: []luabind.Module{counting(&log)}})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			script := "local function f(x) return x end " + strings.Replace(script, "%d", "1e6", 1)
			for b.Loop() {
				if err := e.Run(context.Background(), "script.lua", strings.NewReader(script)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/call")
		})
	}
}
