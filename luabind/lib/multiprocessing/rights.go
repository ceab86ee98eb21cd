package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"reflect"
	"slices"
	"unsafe"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/proc"
)

// A child may do what the engine that has started it may do, and no more, whatever other
// Configs the program has. The child is sent what can be sent of that engine's Config. File systems and modules can't be sent:
// the child takes them from the Configs that its own Init was given. The payload of a child begins
// with
//
//	rights   n flags depth sum environ [modules]
//	n        which Config that is, uvarint
//	flags    a number, see below
//	depth    CallDepth, uvarint
//	sum      of how that Config looks, 4 bytes: the child's must look the same
//	environ  a count, and as many strings, each with its length before it
//	modules  a count, and for each its place in that Config
//
// Numbers are uvarints.
const (
	rightFiles = 1 << iota // Fs is that of the Config, else there is none
	rightShell
	rightTCP
	rightUDP
	rightUnix
	rightSignals
	rightCarried // Carried is that of the Config, else there is none
	textMode     // no right: whether TextMode is set
	ownModules   // modules follows, else they are those of the Config
)

// configs is a fact about this process: the Configs that Init was given. A child has the same ones, in the same
// order, from the same code.
var configs []luabind.Config

// packRights returns the rights of an engine of cfg.
func packRights(cfg luabind.Config) ([]byte, error) {
	if len(configs) == 0 {
		return nil, proc.ErrNoInit
	}
	missing := "Fs"
	for n, known := range configs {
		if cfg.Fs != nil && !same(reflect.ValueOf(cfg.Fs), reflect.ValueOf(known.Fs)) {
			continue
		}
		var places []int
		for i, m := range cfg.Modules {
			place := slices.IndexFunc(known.Modules, func(k luabind.Module) bool { return sameModule(k, m) })
			if place < 0 {
				missing = fmt.Sprintf("Modules[%d] (%s)", i, m.Name)
				break
			}
			places = append(places, place)
		}
		if len(places) == len(cfg.Modules) {
			return appendRights(n, cfg, places), nil
		}
	}
	return nil, fmt.Errorf("the engine's Config.%s is not that of any Config given to multiprocessing.Init: multiprocessing.Init(cfg, others...) takes all whose scripts start processes", missing)
}

// ownRights returns the rights of an engine made of configs[n].
func ownRights(n int) []byte {
	places := make([]int, len(configs[n].Modules))
	for i := range places {
		places[i] = i
	}
	return appendRights(n, configs[n], places)
}

func appendRights(n int, cfg luabind.Config, places []int) []byte {
	known := configs[n]
	all := len(places) == len(known.Modules)
	for i, place := range places {
		all = all && place == i
	}
	flags := uint64(0)
	set := func(flag uint64, on bool) {
		if on {
			flags |= flag
		}
	}
	set(rightFiles, cfg.Fs != nil)
	set(rightShell, cfg.Shell)
	set(rightTCP, cfg.Network.TCP)
	set(rightUDP, cfg.Network.UDP)
	set(rightUnix, cfg.Network.Unix)
	set(rightSignals, cfg.Signals)
	set(rightCarried, cfg.Carried != nil)
	set(textMode, cfg.TextMode)
	set(ownModules, !all)
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n)), flags)
	b = binary.AppendUvarint(b, uint64(max(cfg.CallDepth, 0)))
	b = binary.LittleEndian.AppendUint32(b, looks(known))
	b = binary.AppendUvarint(b, uint64(len(cfg.Environ)))
	for _, v := range cfg.Environ {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	if !all {
		b = binary.AppendUvarint(b, uint64(len(places)))
		for _, place := range places {
			b = binary.AppendUvarint(b, uint64(place))
		}
	}
	return b
}

// errRights is the error of a child that does not know its parent's Configs.
var errRights = errors.New("multiprocessing: Init was given other Configs than in the parent of this process; they must not depend on the arguments of the command, nor on the directory where it is")

// unpackRights returns the Config that the rights at the beginning of b stand for,
// and what follows them.
func unpackRights(b []byte) (cfg luabind.Config, rest []byte, err error) {
	take := func(n int) []byte {
		if n > len(b) {
			b, err = nil, errRights
			return make([]byte, n)
		}
		taken := b[:n]
		b = b[n:]
		return taken
	}
	number := func(limit int) int { // less than limit
		n, size := binary.Uvarint(b)
		if size <= 0 || n >= uint64(max(limit, 0)) {
			b, err = nil, errRights
			return 0
		}
		b = b[size:]
		return int(n)
	}
	known := configs[number(len(configs))]
	flags := number(2 * ownModules)
	depth := number(math.MaxInt)
	if sum := binary.LittleEndian.Uint32(take(4)); sum != looks(known) {
		return cfg, nil, errRights
	}
	has := func(flag int) bool { return flags&flag != 0 }
	cfg = known
	cfg.Stdin, cfg.Stdout, cfg.Stderr = nil, os.Stdout, os.Stderr
	cfg.Shell = has(rightShell)
	cfg.Network = luabind.Network{TCP: has(rightTCP), UDP: has(rightUDP), Unix: has(rightUnix)}
	cfg.Signals = has(rightSignals)
	cfg.TextMode = has(textMode)
	cfg.CallDepth = depth
	if !has(rightCarried) {
		cfg.Carried = nil
	}
	if !has(rightFiles) {
		cfg.Fs = nil
	}
	cfg.Environ = make([]string, number(len(b)+1))
	for i := range cfg.Environ {
		cfg.Environ[i] = string(take(number(len(b) + 1)))
	}
	if has(ownModules) {
		places := make([]int, number(len(b)+1))
		for i := range places {
			places[i] = number(len(known.Modules))
		}
		if err == nil {
			cfg.Modules = nil
			for _, place := range places {
				cfg.Modules = append(cfg.Modules, known.Modules[place])
			}
		}
	}
	return cfg, b, err
}

// looks is a number that differs for Configs which can be told apart in another process.
func looks(cfg luabind.Config) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%T %s", cfg.Fs, directoryOf(cfg.Fs))
	for _, m := range cfg.Modules {
		fmt.Fprintf(h, " %s", m.Name)
	}
	return h.Sum32()
}

// directoryOf returns the numbers by which the system knows the directory of a file system that is one directory; empty: there are
// none. A name wouldn't do: in the child it may stand for another directory, since the
// program was somewhere else when it opened it.
func directoryOf(files afero.Fs) string {
	if files == nil || files.Name() != "RootFs" && files.Name() != "BasePathFs" {
		return ""
	}
	info, err := files.Stat("/")
	if err != nil {
		return ""
	}
	v := reflect.Indirect(reflect.ValueOf(info.Sys()))
	if v.Kind() != reflect.Struct || !v.FieldByName("Dev").IsValid() || !v.FieldByName("Ino").IsValid() {
		return ""
	}
	return fmt.Sprint(v.FieldByName("Dev"), v.FieldByName("Ino"))
}

// sameModule says whether two modules are the same. It isn't enough that their Open functions have the same code: as closures over
// other variables they may give scripts other things.
func sameModule(a, b luabind.Module) bool {
	// Package reflect tells only the code of a function.
	closure := func(m *luabind.Module) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&m.Open)) }
	return a.Name == b.Name && a.Source == b.Source && closure(&a) == closure(&b)
}

// same says whether two values are equal by ==. It also compares types that == can't compare, such as an
// afero.FromIOFS of a map.
func same(a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() || a.Type() != b.Type() {
		return a.IsValid() == b.IsValid() && !a.IsValid()
	}
	switch a.Kind() {
	case reflect.Pointer:
		return a.Pointer() == b.Pointer() || a.Type().Elem().Size() == 0 // an OsFs, say
	case reflect.Map:
		return a.Pointer() == b.Pointer()
	case reflect.Slice:
		return a.Pointer() == b.Pointer() && a.Len() == b.Len()
	case reflect.Func:
		return a.IsNil() && b.IsNil() // two closures can't be told apart
	case reflect.Interface:
		return same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Array:
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}
