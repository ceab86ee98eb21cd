// Package bundle makes one executable of a program that runs scripts, a script, and the modules
// in Lua that the script requires:
//
//	app      program payload [what a signature adds]
//	payload  version count file...     version is a byte
//	file     module name source        strings, each with its length before it
//	mark     magic offset length sum   64 bytes among the program's data
//
// Counts and lengths are uvarints. The first file is the script; it has no module name. The mark is a variable of
// this package, so that a program which carries nothing knows that without looking into a file, and
// what comes after the payload doesn't matter. In the app it says where in the file the payload
// is, and its SHA-256; whoever takes the payload away, as strip does, makes no other program but one
// that says what has happened to it.
//
// A program opens its own with [Carried] and [Open]; a [Plan] finds what a script requires, [Attach] writes
// an app.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// A File is the script of a bundle, or a module.
type File struct {
	Module string // as in require; "": the script
	Name   string // of the file, as errors name it
	Source string
}

// A Bundle is a script and the modules that go with it.
type Bundle struct {
	Script  File
	Modules []File // in the order of their names
}

// maxPayload is the largest payload that is written or read.
const maxPayload = 1 << 30

// version is that of the payload's format.
const version = 1

// pack returns the payload.
func (b *Bundle) pack() []byte {
	p := []byte{version}
	p = binary.AppendUvarint(p, uint64(1+len(b.Modules)))
	for _, f := range append([]File{b.Script}, b.Modules...) {
		for _, s := range []string{f.Module, f.Name, f.Source} {
			p = append(binary.AppendUvarint(p, uint64(len(s))), s...)
		}
	}
	return p
}

var errPayload = errors.New("it is damaged")

// unpack is the reverse of pack.
func unpack(p []byte) (*Bundle, error) {
	if len(p) == 0 || p[0] != version {
		return nil, errPayload
	}
	p = p[1:]
	number := func() (int, bool) {
		n, size := binary.Uvarint(p)
		if size <= 0 || n > uint64(len(p)-size) { // what is counted takes a byte at least
			return 0, false
		}
		p = p[size:]
		return int(n), true
	}
	count, ok := number()
	if !ok || count == 0 {
		return nil, errPayload
	}
	var files []File
	for range count {
		var f File
		for _, s := range []*string{&f.Module, &f.Name, &f.Source} {
			n, ok := number()
			if !ok {
				return nil, errPayload
			}
			*s, p = string(p[:n]), p[n:]
		}
		files = append(files, f)
	}
	if len(p) > 0 || files[0].Module != "" || !slices.IsSortedFunc(files, byModule) {
		return nil, errPayload
	}
	return &Bundle{Script: files[0], Modules: files[1:]}, nil
}

func byModule(a, b File) int { return strings.Compare(a.Module, b.Module) }

// Module returns a module of b.
func (b *Bundle) Module(name string) (File, bool) {
	i, ok := slices.BinarySearchFunc(b.Modules, File{Module: name}, byModule)
	if !ok || name == "" {
		return File{}, false
	}
	return b.Modules[i], true
}

// Attached says whether this program carries a bundle.
func Attached() bool { return mark.attached() }

// Open returns the bundle that this program carries. It is read at the first call; other processes
// of the program read it themselves.
func Open() (*Bundle, error) { return own() }

var own = sync.OnceValues(func() (*Bundle, error) {
	b, err := read(mark)
	if err != nil {
		return nil, fmt.Errorf("cannot read the script that this program carries: %w", err)
	}
	return b, nil
})

// Carried returns what luabind.Config.Carried is in this program: nil, unless it carries a bundle.
func Carried() func(module string) (file, source string, err error) {
	if !Attached() {
		return nil
	}
	return func(module string) (file, source string, err error) {
		b, err := own()
		if err != nil {
			return "", "", err
		}
		f, _ := b.Module(module)
		return f.Name, f.Source, nil
	}
}

func read(m marking) (*Bundle, error) {
	offset, length, sum := m.payload()
	name, err := executable()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if length > maxPayload || offset < 0 || offset > info.Size() || length > info.Size()-offset {
		return nil, errors.New("it is not there any more (strip takes it away: strip the program that builds)")
	}
	p := make([]byte, length)
	if _, err := f.ReadAt(p, offset); err != nil && err != io.EOF {
		return nil, err
	}
	if got := sha256.Sum256(p); !bytes.Equal(got[:], sum) {
		return nil, errPayload
	}
	return unpack(p)
}
