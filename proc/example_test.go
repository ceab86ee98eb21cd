package proc_test

import (
	"context"
	"fmt"
	"os"

	"luaspawn/proc"
)

// A program starts itself anew: Init returns in the first process only.
func Example() {
	proc.Program{Main: func(self *proc.Self) int {
		fmt.Printf("the child got %q\n", self.Payload)
		return 3
	}}.Init()

	p, err := proc.Start(context.Background(), &proc.Command{
		Payload: []byte("a job"),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	})
	if err != nil {
		panic(err)
	}
	if err := p.Join(context.Background()); err != nil {
		panic(err)
	}
	code, ended := p.ExitCode()
	fmt.Println(code, ended) // 3 true
}
