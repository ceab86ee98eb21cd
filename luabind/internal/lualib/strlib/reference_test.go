package strlib

import (
	"fmt"
	"math"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/syntax"
	"luaspawn/luabind/internal/vm"
)

// newState returns a state with the libraries that the tests use, as the engine
// makes its own.
func newState(t testing.TB) *lua.LState {
	t.Helper()
	L := lua.NewState(lua.Options{
		CallStackSize:       20000,
		RegistrySize:        256,
		RegistryGrowStep:    4096,
		RegistryMaxSize:     4 << 20,
		SkipOpenLibs:        true,
		MinimizeStackMemory: true,
	})
	t.Cleanup(L.Close)
	vm.Adopt(L)
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenTable, lua.OpenMath, lua.OpenCoroutine} {
		L.Push(L.NewFunction(open))
		L.Call(0, 0)
	}
	Open(L)
	glua.SetNamed(L.G.Global, "tostring", L.NewFunction(ToString))
	glua.SetNamed(L.G.Global, "tonumber", L.NewFunction(ToNumber))
	return L
}

// A sample is an expression and what it gives: its values, or its error.
type sample struct{ in, want string }

// check evaluates samples here and, where it is installed, in lua5.1.
func check(t *testing.T, samples []sample) {
	t.Helper()
	sources := make([]string, len(samples))
	for i, s := range samples {
		sources[i] = s.in
	}
	L := newState(t)
	for i, s := range samples {
		if got := evaluate(L, s.in); got != s.want {
			t.Errorf("%s\ngot  %s\nwant %s", samples[i].in, got, s.want)
		}
	}
	if !haveReference() {
		return
	}
	for i, got := range reference(t, sources) {
		if got != samples[i].want {
			t.Errorf("%s\nlua5.1 gives %s\nthe table has %s", sources[i], got, samples[i].want)
		}
	}
}

// evaluate returns the values of an expression, or its error, in one line.
func evaluate(L *lua.LState, expression string) string {
	chunk, err := parse.Parse(strings.NewReader("return "+expression), "t")
	if err != nil {
		return "doesn't parse: " + err.Error()
	}
	proto, err := compile.Compile(&syntax.Tree{Stmts: chunk}, "t")
	if err != nil {
		return "doesn't compile: " + err.Error()
	}
	defer L.SetTop(L.GetTop())
	first := L.GetTop() + 1
	L.Push(L.NewFunctionFromProto(proto))
	if err := vm.Call(L, 0, lua.MultRet); err != nil {
		return "error: " + plain(err.(*lua.ApiError).Object.String())
	}
	var values []string
	for i := first; i <= L.GetTop(); i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			values = append(values, `"`+plain(string(v))+`"`)
		case lua.LNumber:
			values = append(values, float(float64(v)))
		case *lua.LNilType, lua.LBool:
			values = append(values, v.String())
		default:
			values = append(values, v.Type().String())
		}
	}
	return strings.Join(values, " ")
}

// plain writes bytes that aren't printable as \ddd.
func plain(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// float writes all digits of f, as "%.17g" does.
func float(f float64) string {
	if math.IsNaN(f) && math.Signbit(f) {
		return "-nan"
	}
	s := strings.ToLower(strconv.FormatFloat(f, 'g', 17, 64))
	return strings.TrimPrefix(s, "+")
}

// haveReference says whether lua5.1 is here. On other systems it converts and
// writes some numbers in other ways: infinities as integers, say.
func haveReference() bool {
	_, err := exec.LookPath("lua5.1")
	return err == nil && runtime.GOOS == "linux" && runtime.GOARCH == "amd64"
}

// driver is what lua5.1 runs: evaluate in Lua.
const driver = `
local format, gsub, byte = string.format, string.gsub, string.byte
local function plain(s) return (gsub(s, "[^ -~]", function(c) return format("\\%03d", byte(c)) end)) end
local function line(ok, ...)
	if not ok then return "error: " .. plain(tostring((...))) end
	local values = {}
	for i = 1, select("#", ...) do
		local v = select(i, ...)
		if type(v) == "string" then v = '"' .. plain(v) .. '"'
		elseif type(v) == "number" then v = format("%.17g", v)
		elseif v == nil or type(v) == "boolean" then v = tostring(v)
		else v = type(v) end
		values[i] = v
	end
	return table.concat(values, " ")
end
function try(expression)
	local f, message = loadstring("return " .. expression, "=t")
	if not f then print("doesn't compile: " .. message) return end
	print(line(pcall(f)))
end
`

// reference is evaluate, by lua5.1.
func reference(t *testing.T, expressions []string) []string {
	t.Helper()
	var source strings.Builder
	source.WriteString(driver)
	for _, e := range expressions {
		fmt.Fprintf(&source, "try %s\n", quote(e))
	}
	cmd := exec.Command("lua5.1", "-")
	cmd.Stdin = strings.NewReader(source.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("lua5.1: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(expressions) {
		t.Fatalf("lua5.1 gave %d lines for %d expressions", len(lines), len(expressions))
	}
	return lines
}

// quote writes s as a Lua string that any lexer reads in the same way.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
