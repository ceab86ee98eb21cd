// Package history keeps what was typed at a prompt, in a file that several
// prompts share.
//
// The file has one entry a line, the oldest first. A newline in an entry is
// written as \n, a backslash as \\. Entries are only appended, under a lock on
// the file, together with a look at what others have appended since. Doubles and
// what is beyond MaxEntries go when the file is opened: it is written anew beside
// the old one and takes its place, under the lock; whoever waited for that lock
// sees that the name leads to another file now, and opens that. On Windows, where no
// file can take the place of one that is open, the lock is on a file of its own.
package history

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxEntries is how many entries are kept. MaxBytes is the size of a file beyond
// which only its end is read.
const (
	MaxEntries = 100_000
	MaxBytes   = 64 << 20
)

// History is a list of entries, the newest last, no two of them equal. Its
// methods are called by one goroutine.
type History struct {
	path    string // empty: kept in memory only
	entries []string
	last    map[string]int // entry, as in the file, to its index in entries
	file    os.FileInfo    // the file that was read; nil: none yet
	read    int64          // how far
	midLine bool           // what was read last had no newline at its end
}

// Open reads the file at path, which need not exist; its directory neither. With
// an error it returns a History that works without the file. An empty path is
// that of no file.
func Open(path string) (*History, error) {
	h := &History{last: map[string]int{}}
	if path == "" {
		return h, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return h, fmt.Errorf("history: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // a new file takes the place of that, not of the link
		path = real
	}
	h.path = path
	err := h.locked(func(f, lock *os.File) error {
		doubles, err := h.catchUp(f)
		if err != nil {
			return err
		}
		if doubles || h.Len() > MaxEntries || h.read > MaxBytes {
			if f != lock {
				f.Close()
			}
			return h.rewrite()
		}
		return nil
	})
	if err != nil {
		h.path = ""
		return h, fmt.Errorf("history: %w", err)
	}
	return h, nil
}

// Len returns how many entries there are.
func (h *History) Len() int { return len(h.entries) }

// At returns entry i, 0 being the oldest; empty: it has come again later.
func (h *History) At(i int) string { return decode(h.entries[i]) }

// Newest returns the last entry up to i that begins with prefix; -1: none does.
func (h *History) Newest(prefix string, i int) int {
	line := encode(prefix)
	for i >= 0 && !strings.HasPrefix(h.entries[i], line) {
		i--
	}
	return i
}

// Add appends an entry, unless it is the last one already. An error is that of
// the file; the entry is there all the same.
func (h *History) Add(entry string) error {
	if strings.TrimSpace(entry) == "" {
		return nil
	}
	line := encode(entry)
	if h.path == "" {
		h.insert(line)
		return nil
	}
	err := h.locked(func(f, _ *os.File) error {
		if _, err := h.catchUp(f); err != nil {
			return err
		}
		if n := len(h.entries); n > 0 && h.entries[n-1] == line {
			return nil
		}
		text := line + "\n"
		if h.midLine {
			text = "\n" + text
		}
		n, err := f.WriteString(text) // in one piece, at the end
		h.read += int64(n)
		h.midLine = false
		h.insert(line)
		return err
	})
	if err != nil {
		h.path = "" // said once
		h.insert(line)
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// insert appends a line and empties the place of an equal one. It says whether
// there was one.
func (h *History) insert(line string) (double bool) {
	if i, ok := h.last[line]; ok {
		if i == len(h.entries)-1 {
			return true
		}
		h.entries[i] = ""
		double = true
	}
	h.last[line] = len(h.entries)
	h.entries = append(h.entries, line)
	return double
}

// locked calls do with the file of the history, open for reading and appending, and with
// what is locked, which may be the same, while no other prompt has it.
func (h *History) locked(do func(f, lock *os.File) error) error {
	for {
		f, lock, err := openLocked(h.path)
		if err != nil {
			return err
		}
		current, err := h.isCurrent(f)
		if current {
			err = do(f, lock)
		}
		f.Close()
		lock.Close()
		if current || err != nil {
			return err
		}
	}
}

// tries is how often a lock is tried that another prompt has, which has it for some milliseconds: one that was stopped
// then would have it for ever. They are counted, not timed, for this prompt may be stopped as well.
var tries = 1000

// try calls lock until it has succeeded, or failed because of anything but another prompt.
func try(lock func() (busy bool, err error)) error {
	for n := 1; ; n++ {
		switch busy, err := lock(); {
		case !busy:
			return err
		case n >= tries:
			return errors.New("another prompt has it, which seems to be stopped")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// open opens the file of a history.
func open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// isCurrent says whether f is still the file that the path leads to.
func (h *History) isCurrent(f *os.File) (bool, error) {
	ours, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(h.path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if h.file == nil || !os.SameFile(ours, h.file) || ours.Size() < h.read {
		h.file, h.read, h.midLine = ours, 0, false // another prompt has written it anew
	}
	return os.SameFile(ours, there), nil
}

// catchUp reads what is in f and wasn't read yet, and says whether doubles were
// among it.
func (h *History) catchUp(f *os.File) (doubles bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() <= h.read {
		return false, err
	}
	skip := max(info.Size()-MaxBytes, h.read)
	if _, err := f.Seek(skip, io.SeekStart); err != nil {
		return false, err
	}
	b := make([]byte, info.Size()-skip)
	if _, err := io.ReadFull(f, b); err != nil {
		return false, err
	}
	text := string(b) // the entries are parts of it
	if skip > h.read {
		_, text, _ = strings.Cut(text, "\n") // the rest of an entry
	}
	h.read = info.Size()
	h.midLine = b[len(b)-1] != '\n'
	if n := strings.Count(text, "\n"); len(h.last) == 0 {
		h.last = make(map[string]int, n)
		h.entries = make([]string, 0, n+64)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			doubles = h.insert(line) || doubles
		}
	}
	return doubles, nil
}

// rewrite puts a file without doubles in the place of the one that is locked.
func (h *History) rewrite() error {
	all := h.entries
	h.entries, h.last = nil, make(map[string]int, len(all))
	for _, line := range all[max(len(all)-MaxEntries, 0):] {
		if line != "" {
			h.insert(line)
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(h.path), filepath.Base(h.path)+".*") // 0600
	if err != nil {
		return err
	}
	text := strings.Join(h.entries, "\n") + "\n"
	if _, err = temp.WriteString(text); err == nil {
		h.file, err = temp.Stat()
	}
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), h.path)
	}
	if err != nil {
		os.Remove(temp.Name())
		return err
	}
	h.read, h.midLine = int64(len(text)), false
	return nil
}

func encode(entry string) string {
	return strings.ReplaceAll(strings.ReplaceAll(entry, `\`, `\\`), "\n", `\n`)
}

func decode(line string) string {
	if !strings.Contains(line, `\`) {
		return line
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(line)
}
