//go:build !linux || portable

package proc

import (
	"context"
	"os"
)

// EndAll sends s to the children of this process and waits until they have ended, or
// ctx has. It is for a program that is about to exit, and starts nothing any more.
func EndAll(ctx context.Context, s os.Signal) {
	list := Children()
	for _, p := range list {
		p.signal(s)
	}
	for _, p := range list {
		if p.Join(ctx) != nil {
			return
		}
	}
}
