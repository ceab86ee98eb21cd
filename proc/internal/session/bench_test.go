package session

import (
	"testing"
	"time"
)

// A large message, through goroutines of this process.
func BenchmarkLarge(b *testing.B) {
	l := newLine(b, time.Minute, nil)
	l.conn.Send([]byte("first"))
	await(b, l.worker.messages)
	message := make([]byte, 64<<20)
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		l.conn.Send(message)
		await(b, l.worker.messages)
	}
}

// A handshake, of both sides: what a script pays for each machine, and a machine for each script.
func BenchmarkHandshake(b *testing.B) {
	script, worker := NewKeys()
	for b.Loop() {
		pair(b, script, worker).Close()
	}
}

// pair returns the script's side of a session that is open, with the worker's side in the same goroutine.
func pair(b *testing.B, script *ScriptKey, worker *WorkerKey) *Conn {
	var there, here [][]byte
	l := &Listener{Key: worker, Info: func() []byte { return nil }, Accept: func(*Conn, ID) Config { return Config{} },
		Out: func(_ ID, p []byte) { here = append(here, p) }}
	c := Dial(script, NewID(), time.Hour, Config{Out: func(p []byte) { there = append(there, p) }})
	for len(there)+len(here) > 0 {
		list := there
		there = nil
		for _, p := range list {
			l.Packet(p)
		}
		list, here = here, nil
		for _, p := range list {
			c.Packet(p)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != ready {
		b.Fatal("the session is not open")
	}
	return c
}
