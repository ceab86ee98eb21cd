// Package gather makes one string of pieces, while a context may end.
package gather

import (
	"context"
	"strings"
)

// A Text becomes one string. A builder that doubles itself takes a second or more to copy
// half a gigabyte into memory that was not touched yet, and looks at no context meanwhile.
// So what is long is kept in parts until all of it is there. The zero value is empty.
type Text struct {
	part  strings.Builder
	parts []string
	size  int
}

// partSize is the size of a part. What is shorter is built in place.
const partSize = 1 << 20

// Len returns how many bytes there are.
func (t *Text) Len() int { return t.size }

// WriteString appends s. What is as long as a part is not copied.
func (t *Text) WriteString(s string) {
	if len(s) >= partSize {
		t.cut()
		t.parts = append(t.parts, s)
		t.size += len(s)
		return
	}
	t.grow(len(s))
	t.part.WriteString(s)
	t.size += len(s)
}

// Write appends b.
func (t *Text) Write(b []byte) {
	for len(b) > 0 {
		n := min(len(b), partSize)
		t.grow(n)
		t.part.Write(b[:n])
		t.size += n
		b = b[n:]
	}
}

// grow makes room for n bytes, in a new part where this one is whole.
func (t *Text) grow(n int) {
	size := t.part.Len()
	if size > 0 && size+n > partSize {
		t.cut()
		size = partSize - n // the next part will be whole, too
	}
	if t.part.Cap()-t.part.Len() < n {
		t.part.Grow(size + n) // doubles it; append grows large ones by less
	}
}

func (t *Text) cut() {
	if t.part.Len() > 0 {
		t.parts = append(t.parts, t.part.String())
		t.part = strings.Builder{}
	}
}

// String returns all of it, or the error of ctx if that ends meanwhile.
func (t *Text) String(ctx context.Context) (string, error) {
	if len(t.parts) == 0 {
		return t.part.String(), nil
	}
	t.cut()
	if len(t.parts) == 1 {
		return t.parts[0], nil
	}
	var b strings.Builder
	b.Grow(t.size)
	for _, p := range t.parts {
		for len(p) > 0 {
			if err := ctx.Err(); err != nil {
				return "", err
			}
			n := min(len(p), partSize)
			b.WriteString(p[:n])
			p = p[n:]
		}
	}
	return b.String(), nil
}
