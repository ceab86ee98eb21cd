package vm_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"luaspawn/luabind"
)

// Strings that grow in their places leave those that they have grown from as they are.
func TestAppend(t *testing.T) {
	if got := ours(t, "append", `
		local seed = 1
		local function random(n) seed = (seed * 16807) % 2147483647 return seed % n + 1 end
		local strings, parts = {""}, {{}} -- parts[i] are what strings[i] was made of
		for i = 1, 3000 do
			local from = random(3) == 1 and random(#strings) or #strings
			local s, list = strings[from], {unpack(parts[from])}
			for _ = 1, random(3) do
				local part = random(4) == 1 and i * 1.5 or random(3) == 1 and ("long"):rep(random(300)) or "s" .. i
				list[#list + 1] = part
			end
			local n, a, b, c = #parts[from], unpack(list, #parts[from] + 1)
			s = c and s .. a .. b .. c or b and s .. a .. b or s .. a
			if random(5) == 1 then s = coroutine.wrap(function() return s .. "" end)() end
			strings[#strings + 1], parts[#parts + 1] = s, list
			if #list > 150 then strings, parts = {""}, {{}} end
			for k = 1, #strings do
				if (i % 50 == 0 or k > #strings - 3) and strings[k] ~= table.concat(parts[k]) then error("string " .. k .. " after " .. i) end
			end
		end
		local s = ("x"):rep(2000) .. "a"
		local one, two = s .. "one", s .. "two"
		print(s:sub(-1), one:sub(-4), two:sub(-4), (one .. one):sub(-5), #(two .. two), one == s .. "one")`); got != "a\taone\tatwo\txaone\t4008\ttrue\n" {
		t.Errorf("got %q", got)
	}
}

// A string that a loop makes longer isn't copied each time.
func TestAppendRoom(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := e.Run(context.Background(), "=test", strings.NewReader(`
		local s = ""
		for i = 1, 20000 do s = s .. "line " .. i .. "\n" end
		assert(#s == 208894 and s:sub(-11) == "line 20000\n", #s)`)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 20<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
}
