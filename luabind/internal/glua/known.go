package glua

import (
	"fmt"
	"path"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What was read to write this package: a module's sum stands for each byte of it.
const (
	module  = "github.com/yuin/gopher-lua"
	version = "v1.1.2"
	sum     = "h1:yF/FjE3hD65tBbt0VXLE13HWS9h34fdzJmrWRXwobGA="
)

// A program with types of another size isn't even built.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(lua.LState{})-unsafe.Sizeof(State{})]
	_ = [1]struct{}{}[unsafe.Sizeof(lua.Global{})-unsafe.Sizeof(Global{})]
	_ = [1]struct{}{}[unsafe.Sizeof(lua.LTable{})-unsafe.Sizeof(foreign{})]
	_ = [1]struct{}{}[unsafe.Sizeof(lua.LTable{})-unsafe.Sizeof(Table{})]
	_ = [1]struct{}{}[unsafe.Sizeof(lua.FunctionProto{})-unsafe.Sizeof(prototype{})]
)

// Known returns an error that says what is different if the gopher-lua in this
// program isn't the one that this package is written for.
//
// Most programs say which one they were built from. Of the others (tests, those built
// from a vendor directory, from a copy in a directory, or without modules) it is looked
// at where some functions stand in the source, and at the layout of the types, which
// takes longer: 0.3 ms in a program that has just begun.
var Known = sync.OnceValue(func() error {
	if lua.FieldsPerFlush != ItemsPerFlush { // a variable there
		return fmt.Errorf("glua: unknown version of gopher-lua: FieldsPerFlush is %d", lua.FieldsPerFlush)
	}
	info, _ := debug.ReadBuildInfo()
	sure, err := builtFrom(info)
	if err == nil && !sure {
		err = sameSource(places)
		if err == nil {
			err = sameLayout()
		}
	}
	if err != nil {
		return fmt.Errorf("glua: unknown version of gopher-lua: %w", err)
	}
	return nil
})

// builtFrom says whether it is sure that a program, of which info may be nil, is built
// from the gopher-lua that is known. An error says that it isn't.
func builtFrom(info *debug.BuildInfo) (sure bool, err error) {
	if info == nil {
		return false, nil
	}
	for _, m := range info.Deps {
		if m.Path != module {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
			if m.Version == "" || m.Version == "(devel)" { // a directory
				return false, nil
			}
		}
		switch {
		case m.Path == module && m.Version == version && m.Sum == sum:
			return true, nil
		case m.Path == module && m.Version == version && m.Sum == "": // a vendor directory
			return false, nil
		}
		return false, fmt.Errorf("%s %s %s, not %s %s %s", m.Path, m.Version, m.Sum, module, version, sum)
	}
	return false, nil
}

// A place is where a function begins in gopher-lua's source.
type place struct {
	function any
	file     string
	line     int
}

// places are those of the functions that are linked here, whose signatures nothing
// else compares, and of others that stand near the end of a file.
var places = []place{
	{resize, "state.go", 388},
	{(*lua.LState).RawEqual, "state.go", 1997},
	{lua.Compile, "compile.go", 1849},
	{(*lua.LTable).Next, "table.go", 351},
}

func sameSource(places []place) error {
	for _, p := range places {
		f := runtime.FuncForPC(reflect.ValueOf(p.function).Pointer())
		file, line := f.FileLine(f.Entry())
		if path.Base(file) != p.file || line != p.line {
			return fmt.Errorf("%s is at %s:%d, not at %s:%d", f.Name(), file, line, p.file, p.line)
		}
	}
	return nil
}

func sameLayout() error {
	theirs, ours := reflect.TypeFor[lua.LState](), reflect.TypeFor[State]()
	if err := sameFields(theirs, ours); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		ours reflect.Type
	}{
		{"G", reflect.TypeFor[Global]()},
		{"reg", reflect.TypeFor[Registry]()},
		{"currentFrame", reflect.TypeFor[CallFrame]()},
		{"alloc", reflect.TypeFor[Numbers]()},
	} {
		field, _ := theirs.FieldByName(part.name)
		if field.Type.Kind() != reflect.Pointer {
			return fmt.Errorf("%s is a %v", part.name, field.Type)
		}
		if err := sameFields(field.Type.Elem(), part.ours); err != nil {
			return err
		}
	}
	for _, part := range [][2]reflect.Type{
		{reflect.TypeFor[lua.LTable](), reflect.TypeFor[foreign]()},
	} {
		if err := sameFields(part[0], part[1]); err != nil {
			return err
		}
	}
	stack, _ := theirs.FieldByName("stack")
	return sameMethods(stack.Type, reflect.TypeFor[CallStack]())
}

// sameFields compares names (ours may be exported), places and, as far as ours
// says it, types.
func sameFields(theirs, ours reflect.Type) error {
	if theirs.NumField() != ours.NumField() || theirs.Size() != ours.Size() {
		return fmt.Errorf("%v has %d fields in %d bytes, not %d in %d",
			theirs, theirs.NumField(), theirs.Size(), ours.NumField(), ours.Size())
	}
	for i := range ours.NumField() {
		t, o := theirs.Field(i), ours.Field(i)
		if !sameName(t.Name, o.Name) || t.Offset != o.Offset || !sameKind(t.Type, o.Type) {
			return fmt.Errorf("%v.%s %v at %d is not %s %v at %d", theirs, t.Name, t.Type, t.Offset, o.Name, o.Type, o.Offset)
		}
	}
	return nil
}

// renamed are the fields that have a name of their own here.
var renamed = map[string]string{
	"gccount": "Alarm", "alloc": "Numbers",
	"fptrs": "free", "fheader": "Header", "scratchValue": "Scratch", "scratchValueP": "Word",
}

func sameName(theirs, ours string) bool {
	return strings.EqualFold(theirs, ours) || renamed[theirs] == ours
}

func sameKind(theirs, ours reflect.Type) bool {
	switch {
	case theirs == ours:
		return true
	case ours.Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Pointer
	}
	// A name of gopher-lua's own stands on one side, ours on the other.
	return theirs.Kind() == ours.Kind() && theirs.Size() == ours.Size()
}

func sameMethods(theirs, ours reflect.Type) error {
	if theirs.Kind() != reflect.Interface || theirs.NumMethod() != ours.NumMethod() {
		return fmt.Errorf("%v is not an interface of %d methods", theirs, ours.NumMethod())
	}
	for i := range ours.NumMethod() {
		t, o := theirs.Method(i), ours.Method(i)
		same := t.Name == o.Name && t.Type.NumIn() == o.Type.NumIn() && t.Type.NumOut() == o.Type.NumOut()
		for n := 0; same && n < o.Type.NumIn(); n++ {
			same = sameKind(t.Type.In(n), o.Type.In(n))
		}
		for n := 0; same && n < o.Type.NumOut(); n++ {
			same = sameKind(t.Type.Out(n), o.Type.Out(n))
		}
		if !same {
			return fmt.Errorf("%v.%s %v is not %s %v", theirs, t.Name, t.Type, o.Name, o.Type)
		}
	}
	return nil
}
