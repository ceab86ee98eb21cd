//go:build unix

package mpconn

import "testing"

// A connection that Accept didn't ask for stays for others that listen there.
func TestTakesOne(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 10, []byte("secret"))
	check(t, err)
	f, err := l.File()
	check(t, err)
	other, err := OpenListener(f, []byte("secret"))
	check(t, err)
	defer other.Close()
	served := make(chan error)
	for range 10 {
		go func() {
			c, err := Dial(background, "tcp", other.Addr().String(), []byte("secret"))
			if err == nil {
				_, err = c.Recv(background, -1)
				c.Close()
			}
			served <- err
		}()
	}
	serve := func(l *Listener) {
		c, err := l.Accept(background)
		check(t, err)
		check(t, c.Send(background, nil))
		c.Close()
	}
	serve(l)
	l.Close()
	for range 9 {
		serve(other)
	}
	for range 10 {
		check(t, <-served)
	}
}
