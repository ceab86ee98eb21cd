package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
)

// What leads from a value to others, with gopher-lua's own means: a table that isn't foreign
// makes them panic.
func reach(v lua.LValue, seen map[lua.LValue]bool, report func(string), path string) {
	if v == nil || seen[v] {
		return
	}
	environment := func(env *lua.LTable) {
		if env != nil {
			reach(env, seen, report, path+"'s environment")
		}
	}
	switch v := v.(type) {
	case *lua.LTable:
		seen[v] = true
		if glua.InsideTable(v).IsOwn() {
			report(path)
			return
		}
		reach(v.Metatable, seen, report, path+"'s metatable")
		v.ForEach(func(k, item lua.LValue) {
			reach(k, seen, report, path+"'s key")
			reach(item, seen, report, path+"."+k.String())
		})
	case *lua.LFunction:
		seen[v] = true
		environment(v.Env)
	case *lua.LUserData:
		seen[v] = true
		reach(v.Metatable, seen, report, path+"'s metatable")
		environment(v.Env)
	case *lua.LState:
		seen[v] = true
		environment(v.Env)
	}
}

// foreignOnly says which of values, and of what is common to a state, leads to a table that isn't foreign.
func foreignOnly(t *testing.T, L *lua.LState, what string, values ...lua.LValue) {
	t.Helper()
	seen := map[lua.LValue]bool{}
	report := func(path string) { t.Errorf("%s: %s is no foreign table", what, path) }
	for i, v := range values {
		reach(v, seen, report, fmt.Sprint("value ", i+1))
	}
	reach(L.G.Global, seen, report, "_G")
	reach(L.G.Registry, seen, report, "the registry")
	reach(L.Env, seen, report, "the environment")
	reach(L.GetMetatable(lua.LString("")), seen, report, "the metatable of strings")
}

// values is a script that makes tables of all kinds, and what leads to them.
const values = `
	local function nested(n) return {n, {n, x = {y = n}}, [{1}] = {2}, [print] = {}, [2.5] = 1, [true] = {}, [1e9] = {}} end
	local cyclic = {}
	cyclic.cyclic, cyclic[cyclic] = cyclic, cyclic
	local proxy = newproxy(true)
	getmetatable(proxy).__index = {hidden = {}}
	global, registered = {{}}, 1
	return nested(1), setmetatable({}, {__index = {}, __newindex = {}, __metatable = {}}), cyclic, proxy,
		setfenv(function() end, {env = {}}), coroutine.create(function() end), io.stdout, {n = 0}, {}
`

func TestForeignArguments(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	calls := 0
	check := func(L *lua.LState) int {
		calls++
		var args []lua.LValue
		for i := range L.GetTop() {
			args = append(args, L.Get(i+1))
		}
		foreignOnly(t, L, fmt.Sprint("call ", calls), args...)
		for _, v := range args {
			L.Push(v)
		}
		return len(args)
	}
	if err := e.SetGlobal("check", lua.LGFunction(check)); err != nil {
		t.Fatal(err)
	}
	_, err := e.Eval(context.Background(), `
		local function values() `+values+` end
		local list = {check(values())}
		-- What is stored in a foreign table, in all ways.
		local shown = check({})
		shown.new, shown[1], shown[{}] = {{}}, {x = {}}, {{}}
		rawset(shown, "raw", {{}})
		table.insert(shown, {{}})
		setmetatable(shown, {__index = {{}}})
		debug.setmetatable(shown, {__index = {{}, {}}})
		debug.setmetatable(print, {__index = {{}}})
		getmetatable("").new = {{}}
		_G.later, later2 = {{}}, {{}}
		package.loaded.later = {{}}
		local env = {{}}
		setfenv(list[5], env)
		function _G.inside() end
		setfenv(inside, {{}})
		debug.setfenv(inside, {{}})
		package.seeall(check({}))
		check(shown, list[5])
		shown[1].x.y = setmetatable({}, {__index = {}})
		for i = 1, 100 do shown[i] = {i} end
		for k, v in pairs({a = {}, b = {{}}, c = {}}) do shown[k] = v end
		check()
		-- By metamethods, pcall, coroutines and iterators.
		local m = setmetatable({}, {__index = check, __newindex = check, __call = check, __add = check, __concat = check,
			__eq = check, __lt = check, __tostring = function(t) check(t) return "" end, __unm = check})
		local _ = m.x, m[{}], m({}), m + {}, m .. {}, -m
		m[{}] = {{}}
		tostring(m)
		pcall(check, {{}})
		xpcall(function() error{{}} end, check)
		coroutine.wrap(check)({{}})
		local co = coroutine.wrap(function(...) check(...) check(coroutine.yield({{}})) end)
		co({{}})
		co({{}})
		for _ in check, {{}}, nil do break end
		table.sort({{}, {}, {}}, function(a, b) check(a, b) return false end)
		string.gsub("abc", "%w", function(c) check({c}) end)
		table.foreach({{}, x = {}}, function(k, v) check(k, v) end)
		debug.setmetatable(print, nil)
		assert(#list == 9 and list[1][2].x.y == 1 and list[3].cyclic == list[3] and list[1][1e9])
	`)
	if err != nil {
		t.Fatal(err)
	}
	if calls < 25 {
		t.Errorf("it was called %d times", calls)
	}
}

// Go code gets results, errors and what is yielded.
func TestForeignResults(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	call := func(L *lua.LState) int {
		f := L.CheckFunction(1)
		L.Push(f)
		L.Call(0, lua.MultRet)
		var values []lua.LValue
		for i := 2; i <= L.GetTop(); i++ {
			values = append(values, L.Get(i))
		}
		foreignOnly(t, L, "results", values...)
		return 0
	}
	protected := func(L *lua.LState) int {
		L.Push(L.CheckFunction(1))
		err := L.PCall(0, 0, nil)
		var failure *lua.ApiError
		if !errors.As(err, &failure) {
			t.Errorf("got %v", err)
			return 0
		}
		foreignOnly(t, L, "error", failure.Object)
		return 0
	}
	resume := func(L *lua.LState) int {
		co := L.CheckThread(1)
		for {
			state, err, values := L.Resume(co, nil)
			if err != nil {
				t.Error(err)
			}
			foreignOnly(t, L, "yielded", values...)
			if state != lua.ResumeYield {
				return 0
			}
		}
	}
	for name, f := range map[string]lua.LGFunction{"call": call, "protected": protected, "resume": resume} {
		if err := e.SetGlobal(name, f); err != nil {
			t.Fatal(err)
		}
	}
	_, err := e.Eval(context.Background(), `
		call(function() `+values+` end)
		call(function() return string.gmatch("x", "x"), os.date("*t"), debug.getinfo(1), {unpack{{}, {}}}, require end)
		protected(function() error{{}} end)
		protected(function() error(setmetatable({}, {__tostring = function() return "x" end})) end)
		protected(function() assert(pcall(error, {})) ; local x = nil + {} end)
		local co = coroutine.create(function() coroutine.yield() coroutine.yield({{}}, {}) pcall(coroutine.yield, {{}}) return {{}} end)
		coroutine.resume(co)
		resume(co)
	`)
	if err != nil {
		t.Fatal(err)
	}
}

// Values of gopher-lua's kind that the API gives out are foreign, before anything else was.
func TestForeignAPI(t *testing.T) {
	t.Run("Do", func(t *testing.T) {
		e := newEngine(t, luabind.Config{})
		f, err := e.Load("=values", values)
		if err != nil {
			t.Fatal(err)
		}
		list, err := e.Do(context.Background(), f, lua.MultRet)
		if err != nil || len(list) != 9 {
			t.Fatal(list, err)
		}
		seen := map[lua.LValue]bool{}
		for _, v := range list {
			reach(v, seen, func(path string) { t.Errorf("%s is no foreign table", path) }, "it")
		}
	})
	t.Run("Get", func(t *testing.T) {
		e := newEngine(t, luabind.Config{})
		if _, err := e.Eval(context.Background(), "x = {{}, y = {}}"); err != nil {
			t.Fatal(err)
		}
		var v lua.LValue
		var table *lua.LTable
		if err := errors.Join(e.Get("x", &v), e.Get("x", &table)); err != nil {
			t.Fatal(err)
		}
		if v != table || table.RawGetInt(1).(*lua.LTable).Len() != 0 {
			t.Errorf("got %v, %v", v, table)
		}
	})
	t.Run("Error", func(t *testing.T) {
		e := newEngine(t, luabind.Config{})
		_, err := e.Eval(context.Background(), "error{code = 5, {}}")
		var failure *luabind.Error
		if !errors.As(err, &failure) || failure.Value.(*lua.LTable).RawGetString("code") != lua.LNumber(5) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("State", func(t *testing.T) {
		e := newEngine(t, luabind.Config{})
		foreignOnly(t, e.State(), "State")
		L := e.State()
		made := L.NewTable()
		made.RawSetString("x", lua.LNumber(1))
		L.SetGlobal("made", made)
		if got, err := e.Eval(context.Background(), "made.y = made.x + 1 made.z = {{}} return #made, made.y, next({}, nil)"); err != nil || got[1] != 2.0 {
			t.Errorf("got %v, %v", got, err)
		}
		foreignOnly(t, L, "after a run", made)
	})
	t.Run("Module", func(t *testing.T) {
		var host *luabind.Host
		e := newEngine(t, luabind.Config{Modules: []luabind.Module{{Name: "mine", Open: func(h *luabind.Host) (lua.LValue, error) {
			host = h
			v, err := h.Value(map[string]any{"x": []int{1, 2}})
			if err == nil && v.(*lua.LTable).RawGetString("x").(*lua.LTable).Len() != 2 {
				t.Errorf("got %v", v)
			}
			return v, err
		}}}})
		posted := false
		host.ExpectPosts(true)
		if err := e.SetGlobal("post", func() {
			host.Post(func(L *lua.LState) { posted = true; foreignOnly(t, L, "Post") })
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Eval(context.Background(), "g = {{}} post() for i = 1, 10 do g[i] = {} end"); err != nil || !posted {
			t.Errorf("got %v, posted: %v", err, posted)
		}
	})
}
