package multiprocessing

import (
	"os"

	lua "github.com/yuin/gopher-lua"
)

// A childPipe is the pipe to which a child writes if its Process was made with stdout = "pipe".
type childPipe struct {
	read *os.File   // nil: it wasn't started
	file lua.LValue // read, as the script has it; nil: the same
}

// pipeOf is the place of a stream in a processState's pipes, or -1.
func pipeOf(name string) int {
	switch name {
	case "stdout":
		return 0
	case "stderr":
		return 1
	}
	return -1
}

// openPipes makes the pipes of o, and returns the ends for the child; nil where there is none.
func (o *processState) openPipes() (theirs [2]*os.File, err error) {
	for i, p := range o.pipes {
		if p == nil {
			continue
		}
		if p.read, theirs[i], err = os.Pipe(); err != nil {
			o.closePipes(theirs)
			return theirs, err
		}
	}
	return theirs, nil
}

// closePipes takes back what openPipes has made, after a start that failed.
func (o *processState) closePipes(theirs [2]*os.File) {
	for i, p := range o.pipes {
		if p != nil && p.read != nil {
			p.read.Close()
			p.read = nil
		}
		if theirs[i] != nil {
			theirs[i].Close()
		}
	}
}

// started gives the script its ends of the pipes.
func (o *processState) started(theirs [2]*os.File) {
	for i, p := range o.pipes {
		if p != nil {
			theirs[i].Close()
			p.file = o.lib.engine.NewFile(p.read, false)
		}
	}
}

// letGo closes the script's ends. At the end of the script children are waited for, and nobody reads what they
// write.
func (o *processState) letGo() {
	for _, p := range o.pipes {
		if p != nil && p.file != nil {
			o.lib.engine.CloseFile(p.file)
		}
	}
}
