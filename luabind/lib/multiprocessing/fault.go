package multiprocessing

import (
	"fmt"
	"io"
	"os"
)

// SayFault is deferred by the main of a program whose scripts' errors are all handled: a
// panic that comes there is a fault of the program, and not of a script. It says so, in
// one line of standard error before what the Go runtime prints, and lets the panic go on.
// In children it is deferred already.
func SayFault() {
	if r := recover(); r != nil {
		sayFault(os.Stderr)
		panic(r)
	}
}

func sayFault(w io.Writer) {
	fmt.Fprintf(w, "process %d: this is a fault of the program that runs the script, not of the script; please report it with what follows\n", os.Getpid())
}
