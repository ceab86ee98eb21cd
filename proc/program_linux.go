//go:build !portable

package proc

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// forgetProgram takes the pages of files, such as this program, out of what this
// process has mapped, where they are as they are in the file. They come back when
// they are needed, from the memory that the kernel has them in.
func forgetProgram() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	pages, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return
	}
	defer pages.Close()
	for line := range bytes.Lines(maps) {
		// from-to permissions offset device inode path
		f := bytes.Fields(line)
		if len(f) < 6 || f[1][1] == 'w' || f[5][0] != '/' {
			continue
		}
		first, last, _ := bytes.Cut(f[0], []byte("-"))
		from, err := strconv.ParseUint(string(first), 16, 64)
		to, err2 := strconv.ParseUint(string(last), 16, 64)
		if err == nil && err2 == nil && asInFile(pages, from, to) {
			unix.RawSyscall(unix.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}

// asInFile reports whether none of the pages is this process's own: the linker of
// the system writes to some before it makes them read-only.
func asInFile(pages io.ReaderAt, from, to uint64) bool {
	const entry = 8 // bytes, see proc_pid_pagemap(5)
	const present, swapped, ofFile = 1 << 63, 1 << 62, 1 << 61
	size := uint64(os.Getpagesize())
	entries := make([]byte, (to-from)/size*entry)
	if _, err := pages.ReadAt(entries, int64(from/size*entry)); err != nil {
		return false
	}
	for ; len(entries) > 0; entries = entries[entry:] {
		page := binary.NativeEndian.Uint64(entries)
		if page&swapped != 0 || page&present != 0 && page&ofFile == 0 {
			return false
		}
	}
	return true
}
