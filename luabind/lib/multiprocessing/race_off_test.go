//go:build !race

package multiprocessing_test

// race says whether the race detector is on.
const race = false
