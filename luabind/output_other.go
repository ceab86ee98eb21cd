//go:build !unix

package luabind

import (
	"errors"
	"os"
)

// tearsWrites says whether a long write to f may be torn by another process's.
// Nothing could be done about it here.
func tearsWrites(*os.File) bool { return false }

func lockFile(*os.File) error { return errors.ErrUnsupported }

func unlockFile(*os.File) error { return errors.ErrUnsupported }
