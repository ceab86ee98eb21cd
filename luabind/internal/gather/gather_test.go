package gather

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	long := strings.Repeat("0123456789", partSize/5)
	for _, pieces := range [][]string{
		nil,
		{""},
		{"a", "b"},
		{long},
		{"a", long, "b"},
		{long[:partSize-1], "b", "c"},
		{long[:partSize], "b"},
		{long[:partSize/2+1], long[:partSize/2+1], long[:partSize/2+1]},
		strings.SplitAfter(long, "9"),
	} {
		var byString, byBytes Text
		for _, p := range pieces {
			byString.WriteString(p)
			byBytes.Write([]byte(p))
		}
		want := strings.Join(pieces, "")
		for _, text := range []*Text{&byString, &byBytes} {
			if text.Len() != len(want) {
				t.Errorf("%d pieces: got length %d, want %d", len(pieces), text.Len(), len(want))
			}
			if got, err := text.String(t.Context()); got != want || err != nil {
				t.Errorf("%d pieces, %d bytes: got %d bytes, %v", len(pieces), len(want), len(got), err)
			}
		}
	}
}

// What is long is put together only as long as the context lasts.
func TestStringEndsWithTheContext(t *testing.T) {
	var text Text
	text.WriteString(strings.Repeat("x", partSize))
	text.WriteString("y")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := text.String(ctx); got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}
