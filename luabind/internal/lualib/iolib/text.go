package iolib

import (
	"io"
	"os"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"
)

// Text mode, as Microsoft's C library has it. In the file, or whatever is at the other end of a stream,
// lines end in "\r\n", in the script in "\n":
//
//	read    "\r\n" is "\n"; a "\r" elsewhere is itself; a Ctrl-Z is the end, until seek
//	write   "\n" is "\r\n", also behind a "\r"
//	seek    counts the bytes of the file
//	open    a Ctrl-Z at the end of the file is cut off where that is both read and written

const ctrlZ = '\x1a'

// text is what a stream remembers of its mode.
type text struct {
	on      bool
	raw     []byte // what was read last
	decoded []byte // what it is in the script, of which unread is the rest
	held    bool   // a "\r" at the end of raw, or of what was read before that, waits for what follows it
	ended   bool   // behind decoded stands a Ctrl-Z
}

// AppendText appends to b what s is in a file in text mode.
func AppendText[T string | []byte](b []byte, s T) []byte {
	for i := range len(s) {
		if s[i] == '\n' {
			b = append(b, '\r')
		}
		b = append(b, s[i])
	}
	return b
}

// decodeText appends to b what raw is in the script, and says how much of raw that is. ended: behind it stands
// a Ctrl-Z, else nothing, or a "\r" which may be half of a "\r\n" unless raw is the last.
func decodeText(b, raw []byte, last bool) (decoded []byte, used int, ended bool) {
	for used < len(raw) {
		switch c := raw[used]; {
		case c == ctrlZ:
			return b, used, true
		case c == '\r' && used+1 == len(raw) && !last:
			return b, used, false
		case c == '\r' && used+1 < len(raw) && raw[used+1] == '\n':
			used++
			fallthrough
		default:
			b = append(b, raw[used])
			used++
		}
	}
	return b, used, false
}

// forget is called before raw is read anew.
func (t *text) forget() { t.raw, t.decoded = nil, t.decoded[:0] }

// decode makes data, which was read, unread. last: nothing follows it.
func (s *stream) decode(data []byte, last bool) {
	t := &s.text
	if t.held {
		data = append([]byte{'\r'}, data...)
	}
	t.raw = data
	used := 0
	t.decoded, used, t.ended = decodeText(t.decoded[:0], data, last)
	t.held = !t.ended && used < len(data)
	s.unread = t.decoded
}

// ahead is what was read of the file, and not taken by the script.
func (s *stream) ahead() []byte {
	t := &s.text
	switch {
	case !t.on:
		return s.unread
	case t.raw == nil && t.held:
		return []byte{'\r'}
	}
	at := 0
	for range len(t.decoded) - len(s.unread) {
		if t.raw[at] == '\r' && at+1 < len(t.raw) && t.raw[at+1] == '\n' {
			at++
		}
		at++
	}
	return t.raw[at:]
}

// setText turns text mode on or off, for what the script has not read, and what it has not written.
func (s *stream) setText(on bool) (was bool) {
	if was = s.text.on; was == on {
		return was
	}
	ahead := s.ahead()
	s.text = text{on: on}
	if s.unread = ahead; on {
		s.decode(ahead, false)
	}
	return was
}

// cutCtrlZ cuts off a Ctrl-Z at the end of a file, if it can: what is appended would stand behind it. The file is
// opened for that alone, as one that is opened to append can't be cut.
func cutCtrlZ(fsys afero.Fs, name string) {
	info, err := fsys.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return
	}
	f, err := fsys.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	last := []byte{0}
	if _, err := f.ReadAt(last, info.Size()-1); (err == nil || err == io.EOF) && last[0] == ctrlZ {
		f.Truncate(info.Size() - 1)
	}
}

// DecodeText returns what a script gets of a whole file in text mode, a Ctrl-Z with all that follows included.
func DecodeText(raw []byte) []byte {
	var text []byte
	for {
		decoded, used, ended := decodeText(text, raw, true)
		if !ended {
			return decoded
		}
		text, raw = append(decoded, ctrlZ), raw[used+1:]
	}
}

// SetText turns text mode on or off for an open file, and says whether it was on.
func SetText(v lua.LValue, on bool) (was bool) {
	return v.(*lua.LUserData).Value.(*file).setText(on)
}

// Print writes a line to Stdout, as io.stdout would at this time.
func (h *Host) Print(line []byte) error {
	if h.output().text.on {
		line = AppendText(make([]byte, 0, len(line)+len(line)/16+1), line)
	}
	_, err := h.output().writer.Write(line)
	return err
}

// PlainOutput ends text mode for Stdout, and for Stderr where errors is set.
func (h *Host) PlainOutput(errors bool) {
	h.output().setText(false)
	if errors {
		h.errors().setText(false)
	}
}
