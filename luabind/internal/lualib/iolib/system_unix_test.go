//go:build unix

package iolib_test

// ofSystem are the files of testdata about what isn't the same everywhere: commands, and
// files that are open when they are removed.
var ofSystem = []string{"commands", "files"}

// notEmpty is the number of the error of a directory that isn't.
const notEmpty = "39"

// tempName is how long a temporary name is.
const tempName = "15"
