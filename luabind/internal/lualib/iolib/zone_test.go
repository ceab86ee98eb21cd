package iolib

import (
	"testing"
	"time"
)

// What glibc makes of TZ where it is no name of a zone.
func TestZoneWrittenOut(t *testing.T) {
	const format = "2006-01-02 15:04:05 MST -0700"
	winter, summer := time.Unix(1_013_219_200, 0), time.Unix(1_000_000_000, 0)
	for _, test := range []struct{ rule, winter, summer string }{
		{"JST-9", "2002-02-09 10:46:40 JST +0900", "2001-09-09 10:46:40 JST +0900"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2002-02-09 02:46:40 CET +0100", "2001-09-09 03:46:40 CEST +0200"},
		{"EST5EDT,M3.2.0,M11.1.0", "2002-02-08 20:46:40 EST -0500", "2001-09-08 21:46:40 EDT -0400"},
		{"<+0330>-3:30", "2002-02-09 05:16:40 +0330 +0330", "2001-09-09 05:16:40 +0330 +0330"},
	} {
		zone := zoneOf(test.rule)
		if zone == nil {
			t.Errorf("%s: none", test.rule)
			continue
		}
		if got := winter.In(zone).Format(format); got != test.winter {
			t.Errorf("%s: got %s, want %s", test.rule, got, test.winter)
		}
		if got := summer.In(zone).Format(format); got != test.summer {
			t.Errorf("%s: got %s, want %s", test.rule, got, test.summer)
		}
	}
	for _, rule := range []string{"", "UTC", "Nowhere/Zone", "AB5", "JST-", "JST-9\n", "CST8CDT,bad"} {
		if zoneOf(rule) != nil {
			t.Errorf("%q is a zone", rule)
		}
	}
}
