package multiprocessing

import (
	"fmt"
	"io"
	"os"
)

// SayFault is to be deferred in the main of a program that handles all errors of its scripts: a panic that reaches main
// is then a fault of the program, not of a script. SayFault says so, in one line on standard error before what the
// Go runtime prints, and the panic goes on. In children it is deferred already.
func SayFault() {
	if r := recover(); r != nil {
		sayFault(os.Stderr)
		panic(r)
	}
}

func sayFault(w io.Writer) {
	fmt.Fprintf(w, "process %d: this is a fault of the program that runs the script, not of the script; please report it with what follows\n", os.Getpid())
}
