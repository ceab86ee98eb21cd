package wincon

import (
	"bytes"
	"io"
	"os"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Not in golang.org/x/sys/windows.
var (
	kernel32         = windows.NewLazySystemDLL("kernel32.dll")
	readConsoleInput = kernel32.NewProc("ReadConsoleInputW")

	writeConsoleInput = kernel32.NewProc("WriteConsoleInputW")
)

// A Console is one that is read. One goroutine at a time reads, any may Wake it.
type Console struct {
	Resized func() // called when the size of the window has changed, while keys are read; nil: nobody wants to know

	in      windows.Handle
	wake    windows.Handle // an event
	decoder Decoder
	line    []byte // of a line what was not taken yet
}

// Open returns the console whose input f is. f stays the caller's.
func Open(f *os.File) (*Console, error) {
	wake, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return nil, os.NewSyscallError("CreateEvent", err)
	}
	return &Console{in: windows.Handle(f.Fd()), wake: wake}, nil
}

func (c *Console) Close() { windows.CloseHandle(c.wake) }

// Wake lets whoever reads return os.ErrDeadlineExceeded, until it is called with false.
func (c *Console) Wake(on bool) error {
	if on {
		return windows.SetEvent(c.wake)
	}
	return windows.ResetEvent(c.wake)
}

// Modes of a console.
const (
	lineMode = windows.ENABLE_PROCESSED_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_ECHO_INPUT
	keyMode  = windows.ENABLE_WINDOW_INPUT
)

// ByKey lets the keys of the console whose input f is come as they are pressed, and returns what brings its mode back.
// Where it can, the console itself makes sequences of keys, and says where something is pasted.
func ByKey(f *os.File) (restore func(), err error) {
	in := windows.Handle(f.Fd())
	var before uint32
	if err := windows.GetConsoleMode(in, &before); err != nil {
		return nil, os.NewSyscallError("GetConsoleMode", err)
	}
	mode := before&^lineMode | keyMode
	if err = windows.SetConsoleMode(in, mode|windows.ENABLE_VIRTUAL_TERMINAL_INPUT); err != nil {
		err = windows.SetConsoleMode(in, mode)
	}
	return func() { windows.SetConsoleMode(in, before) }, os.NewSyscallError("SetConsoleMode", err)
}

// Escapes lets the console whose output f is do what escape sequences say, and returns what brings its mode back;
// ok: it can.
func Escapes(f *os.File) (restore func(), ok bool) {
	out := windows.Handle(f.Fd())
	var before uint32
	if windows.GetConsoleMode(out, &before) != nil {
		return nil, false
	}
	const mode = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	if windows.SetConsoleMode(out, before|mode) != nil {
		return nil, false
	}
	return func() { windows.SetConsoleMode(out, before) }, true
}

// ByKey says whether keys come as they are pressed.
func (c *Console) ByKey() bool {
	var mode uint32
	return windows.GetConsoleMode(c.in, &mode) == nil && mode&windows.ENABLE_LINE_INPUT == 0
}

// Read reads keys or a line, as the console's mode is.
func (c *Console) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		if c.ByKey() {
			keys, err := c.Keys(true)
			c.line = keys
			if err != nil {
				return 0, err
			}
		} else if err := c.readLine(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.line)
	c.line = c.line[n:]
	return n, nil
}

// Keys returns those that were pressed. Where there are none it waits, if it shall.
func (c *Console) Keys(wait bool) ([]byte, error) {
	keys := c.line
	c.line = nil
	for len(keys) == 0 || !wait {
		var pressed uint32
		if err := windows.GetNumberOfConsoleInputEvents(c.in, &pressed); err != nil {
			return keys, io.EOF // nobody has the console any more
		}
		if pressed == 0 {
			if !wait {
				return keys, nil
			}
			if err := c.await(); err != nil {
				return nil, err
			}
			continue
		}
		var records [128]Record
		var n uint32
		if r, _, _ := readConsoleInput.Call(uintptr(c.in), uintptr(unsafe.Pointer(&records)), uintptr(len(records)), uintptr(unsafe.Pointer(&n))); r == 0 {
			return keys, io.EOF
		}
		for i := range records[:n] {
			if records[i].Kind == SizeEvent && c.Resized != nil {
				go c.Resized()
			}
			keys = c.decoder.Append(keys, &records[i])
		}
	}
	return keys, nil
}

// Press is as if somebody pressed a key, that of an ASCII character.
func (c *Console) Press(char byte) error {
	r := Record{Kind: KeyEvent, Down: 1, Repeat: 1, Char: uint16(char)}
	var n uint32
	if ok, _, err := writeConsoleInput.Call(uintptr(c.in), uintptr(unsafe.Pointer(&r)), 1, uintptr(unsafe.Pointer(&n))); ok == 0 {
		return os.NewSyscallError("WriteConsoleInput", err)
	}
	return nil
}

// await waits until something has happened at the console.
func (c *Console) await() error {
	event, err := windows.WaitForMultipleObjects([]windows.Handle{c.wake, c.in}, false, windows.INFINITE)
	switch {
	case err != nil:
		return os.NewSyscallError("WaitForMultipleObjects", err)
	case event == windows.WAIT_OBJECT_0:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// readLine reads a line that is edited by the console itself, which nobody can wake from. A Ctrl-C ends
// it, and is os.ErrDeadlineExceeded; one that begins with Ctrl-Z is the end.
func (c *Console) readLine() error {
	if err := c.await(); err != nil {
		return err
	}
	var text [4096]uint16
	var n uint32
	if err := windows.ReadConsole(c.in, &text[0], uint32(len(text)-1), &n, nil); err != nil {
		return io.EOF
	}
	if n == 0 {
		const late = 1000 // milliseconds that the signal, which wakes us, may come after this
		windows.WaitForSingleObject(c.wake, late)
		return os.ErrDeadlineExceeded
	}
	if n == uint32(len(text)-1) && utf16.IsSurrogate(rune(text[n-1])) { // the other half
		var more uint32
		windows.ReadConsole(c.in, &text[n], 1, &more, nil)
		n += more
	}
	if text[0] == 0x1a {
		return io.EOF
	}
	line := []byte(string(utf16.Decode(text[:n])))
	c.line = bytes.ReplaceAll(line, []byte("\r"), nil) // one stands before each "\n"
	return nil
}
