package socket

import (
	"bytes"
	"slices"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// Sizes of a buffer: at first, and at most. It grows where more comes than it
// holds, which spares a stream most of its system calls.
const (
	bufferSize = 8 << 10
	bufferMax  = 64 << 10
)

// buffer holds what was read ahead.
type buffer struct {
	data        []byte // made by the first read
	first, last int    // data[first:last] is what it holds
}

func (b *buffer) empty() bool   { return b.first == b.last }
func (b *buffer) bytes() []byte { return b.data[b.first:b.last] }

// send is s:send(data [, i [, j]]).
func (lib *library) send(L *lua.LState) int {
	s := lib.check(L, client)
	data := arg.String(L, 2)
	size := int64(len(data))
	i, j := arg.OptInt(L, 3, 1), arg.OptInt(L, 4, -1)
	if i < 0 {
		i += size + 1
	}
	if j < 0 {
		j += size + 1
	}
	i, j = max(i, 1), min(j, size)
	s.checkFree(L, pollOut)
	s.timeout.mark()
	var sent int
	var err error
	if i <= j {
		sent, err = s.write(data[i-1 : j])
		s.sent += int64(sent)
	}
	last := lua.LNumber(int64(sent) + i - 1)
	if err != nil {
		n := lib.fail(L, err)
		L.Push(last)
		return n + 1
	}
	L.Push(last)
	L.Push(lua.LNil)
	L.Push(lua.LNil)
	return 3
}

// writePlain sends all of b, or as much as it can.
func (s *socket) writePlain(b []byte) (sent int, err error) {
	if s.descriptor == nil {
		return 0, errClosed
	}
	s.answer = true
	for sent < len(b) {
		if err := s.lib.engine.Context().Err(); err != nil { // a fast peer lets nobody wait
			return sent, err
		}
		n, err := sendBytes(s.descriptor.fd, b[sent:])
		if err == nil {
			sent += n
			continue
		}
		if err != errAgain {
			return sent, err
		}
		if _, err := s.await(pollOut); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// receive is s:receive([pattern [, prefix]]).
func (lib *library) receive(L *lua.LState) int {
	s := lib.check(L, client)
	prefix := ""
	if L.Get(3) != lua.LNil {
		prefix = arg.String(L, 3)
	}
	s.checkFree(L, pollIn)
	s.timeout.mark()
	var data []byte
	var err error
	if v := L.Get(2); isNumber(v) {
		n := arg.Number(L, 2)
		if !(n >= 0) {
			arg.Error(L, 2, "invalid receive pattern")
		}
		want := 1<<63 - 1
		if n < 1<<62 {
			want = int(n)
		}
		data, err = s.readCount(want, prefix)
	} else {
		pattern := "*l"
		if v != lua.LNil {
			pattern = arg.String(L, 2)
		}
		switch {
		case len(pattern) >= 2 && pattern[:2] == "*l":
			data, err = s.readLine(prefix)
		case len(pattern) >= 2 && pattern[:2] == "*a":
			data, err = s.readAll(prefix)
		default:
			arg.Error(L, 2, "invalid receive pattern")
		}
	}
	if err != nil {
		n := lib.fail(L, err)
		L.Push(luaString(data))
		return n + 1
	}
	L.Push(luaString(data))
	L.Push(lua.LNil)
	L.Push(lua.LNil)
	return 3
}

// isNumber says whether v is a number or a string that is one.
func isNumber(v lua.LValue) bool {
	switch v := v.(type) {
	case lua.LNumber:
		return true
	case lua.LString:
		if strings.HasPrefix(string(v), "*") { // a pattern, quickly
			return false
		}
		_, ok := numeral.Parse(string(v))
		return ok
	}
	return false
}

// luaString makes a string of b, which must not change afterwards.
func luaString(b []byte) lua.LString {
	return lua.LString(unsafe.String(unsafe.SliceData(b), len(b)))
}

// bytesOf returns the bytes of s, which nobody changes.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// readPlain waits for something to read. It returns errClosed at the end.
func (s *socket) readPlain(b []byte) (int, error) {
	if s.descriptor == nil {
		return 0, errClosed
	}
	if s.answer && s.timeout.block != 0 {
		if _, err := s.await(pollIn); err != nil {
			return 0, err
		}
	}
	s.answer = false
	for {
		if err := s.lib.engine.Context().Err(); err != nil { // a fast peer lets nobody wait
			return 0, err
		}
		n, err := receiveBytes(s.descriptor.fd, b)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
			return 0, errClosed
		case err != errAgain:
			return 0, err
		}
		if _, err := s.await(pollIn); err != nil {
			return 0, err
		}
	}
}

// fill sees to it that there is something in the buffer.
func (s *socket) fill() error {
	b := &s.buffer
	if !b.empty() {
		return nil
	}
	switch {
	case b.data == nil:
		b.data = make([]byte, bufferSize)
	case b.last == len(b.data) && b.last < bufferMax: // the last read filled it
		b.data = make([]byte, 2*len(b.data))
	}
	n, err := s.read(b.data)
	b.first, b.last = 0, n
	return err
}

// take removes n bytes from the buffer.
func (s *socket) take(n int) {
	s.buffer.first += n
	s.received += int64(n)
}

// step is how much memory a large receive takes at first; it doubles.
const step = 64 << 10

// readCount reads until there are want bytes, of which the prefix is some. It
// returns what came also with an error, as the others do.
func (s *socket) readCount(want int, prefix string) ([]byte, error) {
	if prefix != "" && want <= len(prefix) {
		return []byte(prefix), nil
	}
	out := append(make([]byte, 0, min(want, len(prefix)+step)), prefix...)
	for { // also where nothing is wanted, which waits for something to come
		if rest := want - len(out); rest >= bufferMax && s.buffer.empty() {
			if cap(out)-len(out) < bufferMax {
				out = slices.Grow(out, min(rest, max(len(out), step)))
			}
			n, err := s.read(out[len(out):min(cap(out), want)])
			out = out[:len(out)+n]
			s.received += int64(n)
			if err != nil {
				return out, err
			}
		} else {
			if err := s.fill(); err != nil {
				return out, err
			}
			n := min(rest, s.buffer.last-s.buffer.first)
			out = append(out, s.buffer.bytes()[:n]...)
			s.take(n)
		}
		if len(out) >= want {
			return out, nil
		}
	}
}

// readAll reads to the end, which is an error only if nothing stood before it.
func (s *socket) readAll(prefix string) ([]byte, error) {
	out := append([]byte(prefix), s.buffer.bytes()...)
	s.take(s.buffer.last - s.buffer.first)
	for {
		if cap(out)-len(out) < bufferSize {
			out = slices.Grow(out, max(len(out), bufferSize))
		}
		n, err := s.read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		s.received += int64(n)
		if err == errClosed && len(out) > len(prefix) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// readLine reads to the next '\n', which isn't part of the line, and drops every
// '\r'.
func (s *socket) readLine(prefix string) ([]byte, error) {
	out := []byte(prefix)
	for {
		if err := s.fill(); err != nil {
			return out, err
		}
		b := s.buffer.bytes()
		end := bytes.IndexByte(b, '\n')
		line := b
		if end >= 0 {
			line = b[:end]
		}
		for len(line) > 0 {
			part, rest, _ := bytes.Cut(line, []byte{'\r'})
			out = append(out, part...)
			line = rest
		}
		if end >= 0 {
			s.take(end + 1)
			return out, nil
		}
		s.take(len(b))
	}
}

// shutdown is s:shutdown([how]).
func (lib *library) shutdown(L *lua.LState) int {
	s := lib.check(L, client)
	how := checkOption(L, 2, "both", "receive", "send", "both")
	if s.closed {
		return lib.fail(L, errClosed)
	}
	shutdownSocket(s.fd(), how) // not an error where there is no connection
	return succeed(L)
}

// checkOption returns the place of argument n among names, as luaL_checkoption
// does; or stands for nil.
func checkOption(L *lua.LState, n int, or string, names ...string) int {
	name := or
	if L.Get(n) != lua.LNil {
		name = arg.String(L, n)
	}
	i := slices.Index(names, name)
	if i < 0 {
		arg.Error(L, n, "invalid option '"+name+"'")
	}
	return i
}
