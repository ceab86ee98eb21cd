package ipc_test

import (
	"context"
	"fmt"

	"luaspawn/proc/ipc"
)

// An object's files go to another process, by proc.Command.Files, and are opened there.
// Here that is this process itself.
func Example() {
	ctx := context.Background()
	here, err := ipc.NewQueue(0, false)
	if err != nil {
		panic(err)
	}
	defer here.Close()
	files, err := here.Files()
	if err != nil {
		panic(err)
	}
	there, err := ipc.OpenQueue(files)
	if err != nil {
		panic(err)
	}
	defer there.Close()
	here.Put(ctx, ipc.Forever, []byte("an item"), nil)
	item, _, ok, err := there.Get(ctx, ipc.Forever)
	fmt.Printf("%s, %v, %v\n", item, ok, err)
	// Output:
	// an item, true, <nil>
}
