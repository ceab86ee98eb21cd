package proc_test

import (
	"testing"

	"luaspawn/proc"
)

func benchmark(b *testing.B, payload []byte) {
	b.ReportAllocs()
	for b.Loop() {
		p, err := proc.Start(b.Context(), &proc.Command{Payload: payload})
		if err != nil {
			b.Fatal(err)
		}
		if code := join(b, p); code != 0 {
			b.Fatalf("exit code %d", code)
		}
	}
}

func BenchmarkStartJoin(b *testing.B) { benchmark(b, []byte("exit 0")) }

func BenchmarkStartPayload64MiB(b *testing.B) {
	payload := make([]byte, 64<<20)
	copy(payload, "nothing ")
	b.SetBytes(int64(len(payload)))
	benchmark(b, payload)
}
