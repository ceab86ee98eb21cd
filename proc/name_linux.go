//go:build !portable

package proc

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// takeName gives this process the name of its program for ps, top and pkill,
// which would otherwise find the last element of /proc/self/exe there: "exe".
func takeName() {
	if len(os.Args) > 0 {
		setComm(filepath.Base(os.Args[0]))
	}
}

// setComm sets the name that the kernel has of this process, which is cut to 15 bytes.
func setComm(name string) {
	// Where it can't be written, the name is not worth an error.
	if f, err := os.OpenFile("/proc/self/comm", os.O_WRONLY, 0); err == nil {
		f.WriteString(name)
		f.Close()
	}
}

// A child is started with a second argument of nothing but spaces: where both stand in its
// memory ps and top look for its arguments, so what is written there is what they show.
var titleRoom = strings.Repeat(" ", 120)

// title is a fact about this process: the place of its arguments in its memory, and the
// program's name, which stood there.
var title struct {
	place   []byte // nil: nobody has made room
	program string
	short   atomic.Pointer[string] // that the kernel is about to be told; nil: none yet
}

// takeTitle finds the place, if there is one, and takes the argument that is none away from
// the program.
func takeTitle() {
	if len(os.Args) != 2 || os.Args[1] != titleRoom {
		return
	}
	program, room := os.Args[0], os.Args[1]
	os.Args = []string{strings.Clone(program)}
	title.program = filepath.Base(os.Args[0])
	if len(program) == 0 || unsafe.Pointer(unsafe.StringData(room)) != unsafe.Add(unsafe.Pointer(unsafe.StringData(program)), len(program)+1) {
		return
	}
	title.place = unsafe.Slice(unsafe.StringData(program), len(program)+1+len(room))
}

// titlePause is how long a process has its job until the kernel too knows its name: who
// looks at processes doesn't look sooner, and it takes as long as some percent of a start.
const titlePause = time.Second

// SetTitle lets ps, top and the like show a child as "program: name"; where there is room for
// 15 letters only, "name" alone where both have none. In a process that Start hasn't started it does nothing.
func SetTitle(name string) {
	if title.place == nil {
		return
	}
	showTitle(name)
	setShortLater(shortTitle(name))
}

// setShortLater is setComm after titlePause, of what it was last called with.
func setShortLater(short string) {
	if title.short.Swap(&short) == nil {
		time.AfterFunc(titlePause, func() { setComm(*title.short.Load()) })
	}
}

// showBegun takes back what showReady says: this process has its job.
func showBegun() {
	if title.place != nil {
		clear(title.place[copy(title.place, title.program):])
		setShortLater(title.program)
	}
}

// showReady says of this process that it is kept ready.
func showReady() {
	if title.place != nil {
		showTitle("kept ready")
		setComm(shortTitle("ready"))
	}
}

// showTitle is SetTitle for those who look at the arguments.
func showTitle(name string) {
	name = strings.Map(func(r rune) rune {
		if r < ' ' {
			return '?'
		}
		return r
	}, name)
	n := copy(title.place, title.program+": "+name)
	clear(title.place[n:])
}

// shortTitle is what fits into 15 bytes.
func shortTitle(name string) string {
	const most = 15
	if whole := title.program + ": " + name; len(whole) <= most {
		return whole
	}
	return name[:min(len(name), most)]
}
