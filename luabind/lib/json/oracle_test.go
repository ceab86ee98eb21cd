package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// Whatever encoding/json takes, json.decode takes, with the same value, and what it refuses
// that is refused here. What is encoded from it means the same again. Pretty is left out where it could be long: indented by a
// thousand levels, a megabyte of numbers is more than the GiB that a string may have.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2.5,"x\n\u00e4\ud83d\ude00"],"b":{},"c":[],"d":null,"e":-0.5e-3}`, `[]`, `""`, ` 1 `, `[1,]`, `{"a"}`, `0x1`, "\"\t\"", `1e999`, `[[[[]]]]`, `"\ud800"`, `-`, `{"a":1,"a":2}`, "\x00",
		`{"1":[],"":null,"2":0}`, // the order of pairs depends on which of them came first
	} {
		f.Add(s)
	}
	e, err := luabind.New(config())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	load := func(source string) lua.LValue {
		fn, err := e.Load("=test", source)
		if err != nil {
			f.Fatal(err)
		}
		return fn
	}
	// Twice there and back: what comes must be the same text, and parse.
	decode := load(`
		local json, cjson = require "json", require "cjson.safe"
		local source, pretty = ...
		local ok, v = pcall(json.decode, source)
		cjson.decode(source) -- must not panic
		if not ok then return nil, v end
		local ok, text = pcall(json.encode, v)
		if not ok then return "", text end -- there is an infinity in it
		local sorted = {sorted = true}
		local again = json.encode(v, sorted)
		assert(json.encode(json.decode(text), sorted) == again)
		if pretty then assert(json.encode(json.decode(json.pretty(v)), sorted) == again) end
		return text`)
	f.Fuzz(func(t *testing.T, s string) {
		brackets := strings.Count(s, "[") + strings.Count(s, "{")
		values, err := e.Do(t.Context(), decode, 2, lua.LString(s), lua.LBool(brackets*len(s) < 1<<24))
		if err != nil {
			t.Fatal(err)
		}
		text, ours := values[0].(lua.LString)
		dec := stdjson.NewDecoder(strings.NewReader(s))
		dec.UseNumber()
		var want any
		wantErr := dec.Decode(&want)
		if wantErr == nil {
			if _, err := dec.Token(); err != io.EOF {
				wantErr = fmt.Errorf("more than one value")
			}
		}
		if !utf8.ValidString(s) || hasLoneSurrogate(s) || tooLarge(want) || brackets > 1000 || len(s) > 1 && (s[0] == 0 || s[1] == 0) {
			return // there they differ on purpose
		}
		if ours != (wantErr == nil) {
			t.Fatalf("%q: got %v, encoding/json says %v", s, values[1], wantErr)
		}
		if !ours {
			return
		}
		var got any
		dec = stdjson.NewDecoder(strings.NewReader(string(text)))
		dec.UseNumber()
		if err := dec.Decode(&got); err != nil {
			t.Fatalf("%q became %q: %v", s, text, err)
		}
		if a, b := canonical(got), canonical(want); !bytes.Equal(a, b) {
			t.Fatalf("%q became %s, want %s", s, a, b)
		}
	})
}

// canonical writes a value with its numbers as float64.
func canonical(v any) []byte {
	b, _ := stdjson.Marshal(floats(v))
	return b
}

func floats(v any) any {
	switch v := v.(type) {
	case stdjson.Number:
		n, _ := strconv.ParseFloat(string(v), 64)
		return n
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	}
	return v
}

// tooLarge says whether a number is an infinity to Lua, which has no JSON.
func tooLarge(v any) bool {
	switch v := v.(type) {
	case stdjson.Number:
		n, _ := strconv.ParseFloat(string(v), 64)
		return math.IsInf(n, 0)
	case map[string]any:
		for _, x := range v {
			if tooLarge(x) {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if tooLarge(x) {
				return true
			}
		}
	}
	return false
}

// hasLoneSurrogate says whether there may be half of a pair, which encoding/json replaces.
func hasLoneSurrogate(s string) bool { return strings.Contains(strings.ToLower(s), `\ud`) }
