package multiprocessing

// mayBeLarge reports whether a file of this process may have so many bytes.
func mayBeLarge(int64) bool { return true }
