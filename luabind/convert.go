package luabind

import (
	"context"
	"reflect"
	"slices"
	"strings"
)

// Func is a Lua function in Go. Calling it is like Engine.Call.
type Func func(ctx context.Context, args ...any) ([]any, error)

// A ConvertError says that a value can't cross between Go and Lua.
type ConvertError struct {
	Path string // to the value: "config.Handlers[2]"
	What string // what is wrong: "chan int can't cross"
}

func (e *ConvertError) Error() string { return "luabind: " + e.Path + ": " + e.What }

// in puts the path to what holds the value before the path within that.
func (e *ConvertError) in(path string) *ConvertError {
	return &ConvertError{joinPath(path, e.Path), e.What}
}

// joinPath keeps the end of a long path.
func joinPath(path, within string) string {
	const longest = 200
	path += within
	if len(path) > longest {
		path = "..." + path[len(path)-longest:]
	}
	return path
}

// cannot is the error of a value that can't cross.
func cannot(what string) *ConvertError { return &ConvertError{What: what + " can't cross"} }

// structField is a field of a struct that crosses.
type structField struct {
	name  string // in Lua
	index []int
	typ   reflect.Type
}

// fieldsOf lists the fields of a struct type that cross.
func (e *Engine) fieldsOf(t reflect.Type) []structField {
	if list, ok := e.fields[t]; ok {
		return list
	}
	var list []structField
	var closed [][]int // embedded structs that are fields like others, or left out
	for _, f := range reflect.VisibleFields(t) {
		if within(f.Index, closed) {
			continue
		}
		tag, _, _ := strings.Cut(f.Tag.Get("lua"), ",")
		embedded := f.Anonymous && structType(f.Type)
		if embedded && tag == "" {
			continue // its fields follow
		}
		if embedded {
			closed = append(closed, f.Index)
		}
		if !f.IsExported() || tag == "-" {
			continue
		}
		name := f.Name
		if tag != "" {
			name = tag
		}
		list = append(list, structField{name, f.Index, f.Type})
	}
	if e.fields == nil {
		e.fields = map[reflect.Type][]structField{}
	}
	e.fields[t] = list
	return list
}

// structType says whether t is a struct, or a pointer to one.
func structType(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

func within(index []int, of [][]int) bool {
	for _, outer := range of {
		if len(index) > len(outer) && slices.Equal(index[:len(outer)], outer) {
			return true
		}
	}
	return false
}
