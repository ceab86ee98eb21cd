package mpconn_test

import (
	"context"
	"fmt"

	"luaspawn/proc/mpconn"
)

// Two ends of a connection, as Python's Listener and Client would have them.
func Example() {
	ctx, key := context.Background(), []byte("secret")
	l, err := mpconn.Listen("tcp", "127.0.0.1:0", 1, key)
	if err != nil {
		panic(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept(ctx)
		if err != nil {
			panic(err)
		}
		defer c.Close()
		question, _ := c.Recv(ctx, -1)
		c.Send(ctx, append(question, " 42"...))
	}()
	c, err := mpconn.Dial(ctx, "tcp", l.Addr().String(), key)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	c.Send(ctx, []byte("the answer is"))
	answer, err := c.Recv(ctx, -1)
	fmt.Printf("%s, %v\n", answer, err)
	// Output:
	// the answer is 42, <nil>
}
