package multiprocessing

import (
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

func TestSame(t *testing.T) {
	files, other := fstest.MapFS{"a": {}}, fstest.MapFS{"a": {}}
	memory := afero.NewMemMapFs()
	for _, c := range []struct {
		name string
		a, b afero.Fs
		want bool
	}{
		{"none", nil, nil, true},
		{"one and none", memory, nil, false},
		{"none and one", nil, memory, false},
		{"the same", memory, memory, true},
		{"two in memory", memory, afero.NewMemMapFs(), false},
		{"the system's, made twice", afero.NewOsFs(), afero.NewOsFs(), true},
		{"two types", memory, afero.NewOsFs(), false},
		{"a map twice", afero.FromIOFS{FS: files}, afero.FromIOFS{FS: files}, true},
		{"two maps", afero.FromIOFS{FS: files}, afero.FromIOFS{FS: other}, false},
		{"a wrapper twice", afero.NewReadOnlyFs(memory), afero.NewReadOnlyFs(memory), false},
	} {
		if got := same(reflect.ValueOf(c.a), reflect.ValueOf(c.b)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}

	closure := func(v lua.LValue) luabind.Module {
		return luabind.Module{Name: "m", Open: func(*luabind.Host) (lua.LValue, error) { return v, nil }}
	}
	m := closure(lua.LTrue)
	if !sameModule(m, m) || !sameModule(Module, Module) {
		t.Error("a module is not the same as itself")
	}
	if sameModule(m, closure(lua.LTrue)) || sameModule(m, luabind.Module{Name: "n", Open: m.Open}) {
		t.Error("two modules are the same")
	}
}

// testConfigs are what FuzzUnpackRights and its like give to Init.
func testConfigs(t testing.TB) {
	before := configs
	t.Cleanup(func() { configs = before })
	configs = []luabind.Config{
		{Fs: afero.NewOsFs(), Shell: true, Environ: []string{"A=1"}, Modules: []luabind.Module{Module},
			Carried: func(string) (file, source string, err error) { return "", "", nil }},
		{Fs: afero.NewMemMapFs(), Modules: []luabind.Module{{Name: "m", Open: open}, Module}},
		{},
	}
}

func TestPackRights(t *testing.T) {
	testConfigs(t)
	for i, want := range []luabind.Config{
		configs[0],
		configs[1],
		configs[2],
		{},
		{Shell: true},
		{TextMode: true},
		{Network: luabind.Network{TCP: true}},
		{Network: luabind.Network{Unix: true}, CallDepth: 7},
		{Fs: configs[0].Fs, Modules: configs[0].Modules, Environ: []string{"", "A=2", "B="}},
		{Fs: configs[1].Fs, Modules: configs[1].Modules[1:]},
		{Modules: []luabind.Module{configs[1].Modules[1], configs[1].Modules[0]}},
	} {
		b, err := packRights(want)
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		for n := range b {
			if _, _, err := unpackRights(b[:n]); err == nil {
				t.Errorf("%d: no error after %d of %d bytes", i, n, len(b))
			}
		}
		got, rest, err := unpackRights(append(b, "snapshot"...))
		if err != nil || string(rest) != "snapshot" {
			t.Errorf("%d: %q, %v", i, rest, err)
			continue
		}
		sameModules := len(got.Modules) == len(want.Modules)
		for i, m := range want.Modules {
			sameModules = sameModules && sameModule(m, got.Modules[i])
		}
		sameFs := same(reflect.ValueOf(got.Fs), reflect.ValueOf(want.Fs))
		sameEnviron := len(got.Environ) == len(want.Environ) && (len(got.Environ) == 0 || reflect.DeepEqual(got.Environ, want.Environ))
		if !sameModules || !sameFs || !sameEnviron || got.Shell != want.Shell || got.TextMode != want.TextMode || got.Network != want.Network || got.CallDepth != want.CallDepth || (got.Carried == nil) != (want.Carried == nil) {
			t.Errorf("%d: got %+v, want %+v", i, got, want)
		}
	}

	// In a child to which other Configs were given, there is an error and not another's right.
	b := ownRights(0)
	configs = configs[1:]
	if _, _, err := unpackRights(append(b, "snapshot"...)); err != errRights {
		t.Errorf("got error %v, want errRights", err)
	}
}

func FuzzUnpackRights(f *testing.F) {
	testConfigs(f)
	for _, cfg := range []luabind.Config{configs[0], {}, {Shell: true, Environ: []string{"A=2"}}, {Fs: configs[1].Fs, Modules: configs[1].Modules[1:]}} {
		b, err := packRights(cfg)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(b, "snapshot"...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, rest, err := unpackRights(b)
		if err != nil {
			return
		}
		if len(rest) > len(b) || len(cfg.Environ) > len(b) || len(cfg.Modules) > len(b) {
			t.Errorf("%d bytes left of %d, %d variables, %d modules", len(rest), len(b), len(cfg.Environ), len(cfg.Modules))
		}
	})
}

// Each right goes to a child alone, and none where there is none.
func TestRightsTravel(t *testing.T) {
	testConfigs(t)
	for _, want := range []luabind.Config{
		{},
		{Shell: true},
		{Signals: true},
		{Network: luabind.Network{TCP: true}},
		{Network: luabind.Network{UDP: true}},
		{Network: luabind.Network{Unix: true}},
		{CallDepth: 7},
		{Carried: configs[0].Carried},
	} {
		b, err := packRights(want)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := unpackRights(b)
		if err != nil || len(rest) > 0 || got.Fs != nil || got.Shell != want.Shell || got.Signals != want.Signals || got.Network != want.Network || got.CallDepth != want.CallDepth || (got.Carried == nil) != (want.Carried == nil) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}
