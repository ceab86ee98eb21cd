package lfs

import (
	"syscall"
	"time"
)

// ask takes from sys, the Sys of an os.FileInfo, what it says.
func (s *status) ask(sys any) {
	st, ok := sys.(*syscall.Stat_t)
	if !ok {
		return
	}
	s.dev, s.ino, s.nlink, s.rdev = float64(st.Dev), float64(st.Ino), float64(st.Nlink), float64(st.Rdev)
	s.uid, s.gid = float64(st.Uid), float64(st.Gid)
	s.access, s.change = time.Unix(st.Atimespec.Unix()), time.Unix(st.Ctimespec.Unix())
	s.blocks, s.blksize = float64(st.Blocks), float64(st.Blksize)
}
