package proc

import "testing"

func BenchmarkInherit(b *testing.B) {
	var r inheritedReader
	defer r.close()
	for b.Loop() {
		r.inherit()
	}
}
