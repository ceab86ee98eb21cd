package wincon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A console is read as somebody types. The process that does it is a new one, with a console of its own.
func TestConsole(t *testing.T) {
	if os.Getenv("WINCON_TEST") != "" {
		if err := useConsole(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestConsole$")
	cmd.Env = append(os.Environ(), "WINCON_TEST=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func useConsole() error {
	in, err := device("CONIN$")
	if err != nil {
		return err
	}
	out, err := device("CONOUT$")
	if err != nil {
		return err
	}
	c, err := Open(in)
	if err != nil {
		return err
	}
	defer c.Close()
	mode := func(f *os.File) (mode uint32) {
		windows.GetConsoleMode(windows.Handle(f.Fd()), &mode)
		return mode
	}
	before, beforeOut := mode(in), mode(out)

	restoreOut, ok := Escapes(out)
	if !ok || mode(out)&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING == 0 {
		return fmt.Errorf("the console does nothing at escape codes: mode %x", mode(out))
	}
	restore, err := ByKey(in)
	if err != nil {
		return err
	}
	if !c.ByKey() || mode(in)&windows.ENABLE_PROCESSED_INPUT != 0 {
		return fmt.Errorf("no keys come: mode %x", mode(in))
	}
	var typed []Record
	for _, char := range utf16.Encode([]rune("hé日😀\x03")) {
		typed = append(typed, Record{Kind: KeyEvent, Down: 1, Repeat: 1, Char: char}, Record{Kind: KeyEvent, Repeat: 1, Char: char})
	}
	typed = append(typed, Record{Kind: KeyEvent, Down: 1, Repeat: 2, Key: 0x25})
	if err := c.put(typed); err != nil {
		return err
	}
	if err := c.expect("hé日😀\x03\x1b[D\x1b[D"); err != nil {
		return err
	}
	if keys, err := c.Keys(false); len(keys) > 0 || err != nil {
		return fmt.Errorf("nobody has typed %q, %v", keys, err)
	}
	go func() { c.Press(3) }() // while somebody waits, or before
	if err := c.expect("\x03"); err != nil {
		return err
	}
	go c.Wake(true)
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("woken: got %v", err)
	}
	if err := c.Wake(false); err != nil {
		return err
	}

	restore()
	restoreOut()
	if mode(in) != before || mode(out) != beforeOut {
		return fmt.Errorf("modes are %x and %x, and were %x and %x", mode(in), mode(out), before, beforeOut)
	}
	typed = typed[:0]
	for _, char := range utf16.Encode([]rune("ä=1\r")) {
		typed = append(typed, Record{Kind: KeyEvent, Down: 1, Repeat: 1, Key: uint16(map[bool]int{true: 0x0d}[char == '\r']), Char: char})
	}
	if err := c.put(typed); err != nil {
		return err
	}
	return c.expect("ä=1\n")
}

// device opens one of the two ends of the console.
func device(name string) (*os.File, error) {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(wide, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return nil, os.NewSyscallError("CreateFile "+name, err)
	}
	return os.NewFile(uintptr(h), name), nil
}

// put types.
func (c *Console) put(typed []Record) error {
	var n uint32
	if ok, _, err := writeConsoleInput.Call(uintptr(c.in), uintptr(unsafe.Pointer(&typed[0])), uintptr(len(typed)), uintptr(unsafe.Pointer(&n))); ok == 0 || int(n) != len(typed) {
		return fmt.Errorf("%d of %d keys typed: %v", n, len(typed), err)
	}
	return nil
}

// expect reads want.
func (c *Console) expect(want string) error {
	var got strings.Builder
	b := make([]byte, 3) // less than a character, at times
	for got.Len() < len(want) {
		n, err := c.Read(b)
		got.Write(b[:n])
		if err != nil {
			return fmt.Errorf("got %q, want %q: %v", got.String(), want, err)
		}
	}
	if got.String() != want {
		return fmt.Errorf("got %q, want %q", got.String(), want)
	}
	return nil
}
