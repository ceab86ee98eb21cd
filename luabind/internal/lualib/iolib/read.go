package iolib

import (
	"bytes"
	"context"
	"io"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/gather"
	"luaspawn/luabind/internal/lualib/arg"
)

// read is io.read and file:read: it pushes what each of the formats from
// argument first on reads, up to the first that finds nothing.
func read(L *lua.LState, ctx context.Context, s *stream, first int) int {
	top := L.GetTop()
	if top < first {
		return readLine(L, ctx, s)
	}
	for i := first; i <= top; i++ {
		if n, last := readFormat(L, ctx, s, i); last {
			return n + i - first
		}
	}
	return top - first + 1
}

// readFormat reads what argument i says. last: the results, n of them, are nil
// or an error.
func readFormat(L *lua.LState, ctx context.Context, s *stream, i int) (n int, last bool) {
	var (
		text  string
		found bool
		err   error
	)
	switch format := L.Get(i).(type) {
	case lua.LNumber:
		text, found, err = s.readCount(ctx, arg.ToInt(float64(format)))
	case lua.LString:
		if !strings.HasPrefix(string(format), "*") {
			arg.Error(L, i, "invalid option")
		}
		switch option := string(format[1:]); {
		case strings.HasPrefix(option, "l"):
			text, found, err = s.readLine(ctx)
		case strings.HasPrefix(option, "a"):
			text, _, err = s.readCount(ctx, math.MaxInt64)
			found = true
		case strings.HasPrefix(option, "n"):
			var number float64
			if number, found, err = s.readNumber(ctx); found && err == nil {
				L.Push(lua.LNumber(number))
				return 1, false
			}
		default:
			arg.Error(L, i, "invalid format")
		}
	default:
		arg.Error(L, i, "invalid option")
	}
	switch {
	case err != nil:
		return fail(L, err), true
	case !found:
		L.Push(lua.LNil)
		return 1, true
	}
	L.Push(lua.LString(text))
	return 1, false
}

// readLine pushes a line, nil at the end, or an error.
func readLine(L *lua.LState, ctx context.Context, s *stream) int {
	line, found, err := s.readLine(ctx)
	switch {
	case err != nil:
		return fail(L, err)
	case !found:
		L.Push(lua.LNil)
	default:
		L.Push(lua.LString(line))
	}
	return 1
}

// readLine reads up to a newline or the end, without the newline.
func (s *stream) readLine(ctx context.Context) (line string, found bool, err error) {
	if i := bytes.IndexByte(s.unread, '\n'); i >= 0 {
		line = string(s.unread[:i])
		s.unread = s.unread[i+1:]
		return line, true, nil
	}
	var g gather.Text
	for {
		if len(s.unread) == 0 {
			switch err := s.fill(ctx); {
			case err == io.EOF:
				line, err = whole(ctx, &g)
				return line, found, err
			case err != nil:
				return "", false, err
			}
		}
		found = true
		if i := bytes.IndexByte(s.unread, '\n'); i >= 0 {
			g.Write(s.unread[:i])
			s.unread = s.unread[i+1:]
			line, err = whole(ctx, &g)
			return line, true, err
		}
		g.Write(s.unread)
		s.unread = nil
	}
}

// readCount reads n bytes, or what there is up to the end. It finds nothing
// there, except nothing when n is 0 and there is something. Where n is negative,
// it is to C a very large number.
func (s *stream) readCount(ctx context.Context, n int64) (text string, found bool, err error) {
	if n < 0 {
		n = math.MaxInt64
	}
	if n <= int64(len(s.unread)) && n > 0 {
		text = string(s.unread[:n])
		s.unread = s.unread[n:]
		return text, true, nil
	}
	var g gather.Text
	for {
		if len(s.unread) == 0 {
			switch err := s.fill(ctx); {
			case err == io.EOF:
				text, err = whole(ctx, &g)
				return text, g.Len() > 0, err
			case err != nil:
				return "", false, err
			}
		}
		part := s.unread[:min(n-int64(g.Len()), int64(len(s.unread)))]
		g.Write(part)
		s.unread = s.unread[len(part):]
		if int64(g.Len()) == n {
			text, err = whole(ctx, &g)
			return text, true, err
		}
	}
}

// whole returns what was gathered.
func whole(ctx context.Context, g *gather.Text) (string, error) {
	text, err := g.String(ctx)
	if err != nil {
		err = &endedError{ctx}
	}
	return text, err
}

// readNumber reads a number, with the white space before it.
func (s *stream) readNumber(ctx context.Context) (number float64, found bool, err error) {
	if s.reader == nil {
		return 0, false, nil // to C's scanf, that is the end of the file
	}
	peek := func() (byte, bool) {
		if len(s.unread) == 0 {
			if err == nil {
				err = s.fill(ctx)
			}
			if err != nil {
				return 0, false
			}
		}
		return s.unread[0], true
	}
	skip := func() {
		if len(s.unread) > 0 {
			s.unread = s.unread[1:]
		}
	}
	for c, ok := peek(); ok && strings.IndexByte(space, c) >= 0; c, ok = peek() {
		skip()
	}
	number, used := convert(scanNumber(peek, skip))
	if err == io.EOF {
		err = nil
	}
	return number, used > 0, err
}
