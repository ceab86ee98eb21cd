//go:build linux && !race

package process_test

// race says whether the race detector is on.
const race = false
