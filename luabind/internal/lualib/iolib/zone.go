package iolib

import (
	"os"
	"strings"
	"sync"
	"time"
)

// local returns the time zone of the process. Go takes UTC where TZ is no name of a zone but one that is
// written out, as C allows: JST-9, or CET-1CEST,M3.5.0,M10.5.0/3.
func local() *time.Location {
	if time.Local.String() != time.UTC.String() { // a zone was found, or the program has set one
		return time.Local
	}
	if zone := written(); zone != nil {
		return zone
	}
	return time.Local
}

// written is a fact about this process: the zone that TZ writes out; nil: it does not.
var written = sync.OnceValue(func() *time.Location { return zoneOf(strings.TrimPrefix(os.Getenv("TZ"), ":")) })

// zoneOf returns the zone that rule writes out; nil: it is none. Package time reads a rule only at the end of
// the data of a zone, which says what holds after its last change. Here there is none before.
func zoneOf(rule string) *time.Location {
	if !strings.ContainsAny(rule, "0123456789") || strings.Contains(rule, "\n") {
		return nil
	}
	const (
		header = "TZif2" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		none   = "\x00\x00\x00\x00"
		one    = "\x00\x00\x00\x01"
		name   = "?\x00"
		length = "\x00\x00\x00\x02" // of the name
	)
	data := header + none + none + none + none + none + none + // what programs read that know 32 bits only
		header + none + none + none + none + one + length + // no changes, one kind of time
		none + "\x00\x00" + name + // at Greenwich, no summer time, the name at 0
		"\n" + rule + "\n"
	zone, err := time.LoadLocationFromTZData("Local", []byte(data))
	if err != nil {
		return nil
	}
	if name, _ := time.Unix(0, 0).In(zone).Zone(); name == "?" { // it was not understood
		return nil
	}
	return zone
}
