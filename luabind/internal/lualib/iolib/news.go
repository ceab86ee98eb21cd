package iolib

import (
	"context"
	"io"
	"os"

	"github.com/spf13/afero"
)

// News is what a script attends to while it waits for a file or a command: when something
// has come, Run is called on its goroutine, and the wait goes on after it. Run may use
// the libraries, and raise an error.
type News struct {
	Come <-chan struct{}
	Run  func()
}

// attended is the context of what a script waits for, with what it attends to meanwhile.
type attended struct {
	context.Context
	*News
}

// newsOf returns what is attended to; of what isn't, nothing ever comes.
func newsOf(ctx context.Context) *News {
	if a, ok := ctx.(*attended); ok {
		return a.News
	}
	return &News{}
}

// heed calls run while s waits: whatever else is done with s meanwhile is refused.
func (s *stream) heed(run func()) {
	s.busy = true
	defer func() { s.busy = false }()
	run()
}

// mayWait says whether an operation may take as long as somebody else likes. What is
// printed counts as nothing to wait for, as print doesn't.
func (s *stream) mayWait(read bool) bool {
	if s.handle == nil && !read {
		return false
	}
	if s.prompt == nil {
		var end any = s.writer
		if s.reader != nil {
			end = s.reader
		}
		s.prompt = new(isPrompt(end))
	}
	return !*s.prompt
}

func isPrompt(end any) bool {
	if f, ok := end.(interface{ File() *os.File }); ok {
		end = f.File()
	}
	switch f := end.(type) {
	case afero.File: // one of the system's is one too
		info, err := f.Stat()
		return err == nil && (info.Mode().IsRegular() || info.IsDir())
	case atEnd, directory:
		return true
	case io.Seeker: // a reader of the host, over a string say
		return true
	}
	return false
}
