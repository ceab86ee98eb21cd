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
