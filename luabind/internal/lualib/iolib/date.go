package iolib

import (
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/vm"
)

// osDate is os.date([format [, time]]).
func osDate(L *lua.LState) int {
	format := "%c"
	if L.Get(1) != lua.LNil {
		format = arg.String(L, 1)
	}
	t := time.Now()
	if L.Get(2) != lua.LNil {
		t = time.Unix(arg.Int(L, 2), 0)
	}
	zone := local()
	if utc, ok := strings.CutPrefix(format, "!"); ok {
		format, zone = utc, time.FixedZone("GMT", 0)
	}
	t = t.In(zone)
	const most = 1 << 56 // more than C's years can be, and less than Go's
	year := int64(t.Year()) - 1900
	if t.Unix() < -most || t.Unix() > most || year != int64(int32(year)) {
		L.Push(lua.LNil)
		return 1
	}
	if format != "*t" {
		format, _, _ = strings.Cut(format, "\x00")
		L.Push(lua.LString(formatDate(L, format, t)))
		return 1
	}
	fields := glua.NewTable(0, 9)
	for name, v := range map[string]int{
		"sec": t.Second(), "min": t.Minute(), "hour": t.Hour(),
		"day": t.Day(), "month": int(t.Month()), "year": t.Year(),
		"wday": int(t.Weekday()) + 1, "yday": t.YearDay(),
	} {
		glua.SetNamed(fields, name, lua.LNumber(v))
	}
	glua.SetNamed(fields, "isdst", lua.LBool(t.IsDST()))
	L.Push(fields)
	return 1
}

// formatDate is appendDate for a format of any length.
func formatDate(L *lua.LState, format string, t time.Time) []byte {
	const maxString, piece = 1 << 30, 1 << 10
	var b []byte
	for pace := (arg.Pace{L: L}); len(format) > piece; {
		end := piece
		if signs := end - len(strings.TrimRight(format[:end], "%")); signs%2 == 1 {
			end-- // the last one belongs to what follows
		}
		pace.Go(end * 64)
		b, format = appendDate(b, format[:end], t), format[end:]
		if len(b) > maxString {
			arg.Raise(L, "resulting string too large")
		}
	}
	return appendDate(b, format, t)
}

// appendDate is C's strftime in the C locale, with what glibc adds to C99. As
// Lua 5.1 hands it one letter at a time, %E and %O are unknown; what is unknown
// stays as it is.
func appendDate(b []byte, format string, t time.Time) []byte {
	for {
		text, rest, ok := strings.Cut(format, "%")
		b = append(b, text...)
		if !ok || rest == "" {
			if ok {
				b = append(b, '%')
			}
			return b
		}
		b = appendConversion(b, rest[0], t)
		format = rest[1:]
	}
}

func appendConversion(b []byte, c byte, t time.Time) []byte {
	hour12 := (t.Hour()+11)%12 + 1
	isoYear, isoWeek := t.ISOWeek()
	switch c {
	case '%':
		return append(b, '%')
	case 'n':
		return append(b, '\n')
	case 't':
		return append(b, '\t')

	case 'a':
		return append(b, t.Weekday().String()[:3]...)
	case 'A':
		return append(b, t.Weekday().String()...)
	case 'b', 'h':
		return append(b, t.Month().String()[:3]...)
	case 'B':
		return append(b, t.Month().String()...)
	case 'p':
		return t.AppendFormat(b, "PM")
	case 'P':
		return t.AppendFormat(b, "pm")
	case 'z':
		return t.AppendFormat(b, "-0700")
	case 'Z':
		return t.AppendFormat(b, "MST")

	case 'c':
		return appendDate(b, "%a %b %e %H:%M:%S %Y", t)
	case 'D', 'x':
		return appendDate(b, "%m/%d/%y", t)
	case 'F':
		return appendDate(b, "%Y-%m-%d", t)
	case 'r':
		return appendDate(b, "%I:%M:%S %p", t)
	case 'R':
		return appendDate(b, "%H:%M", t)
	case 'T', 'X':
		return appendDate(b, "%H:%M:%S", t)

	case 'C':
		return fmt.Appendf(b, "%d", (t.Year()-modulo(t.Year(), 100))/100)
	case 'd':
		return fmt.Appendf(b, "%02d", t.Day())
	case 'e':
		return fmt.Appendf(b, "%2d", t.Day())
	case 'g':
		return fmt.Appendf(b, "%02d", modulo(isoYear, 100))
	case 'G':
		return fmt.Appendf(b, "%d", isoYear)
	case 'H':
		return fmt.Appendf(b, "%02d", t.Hour())
	case 'I':
		return fmt.Appendf(b, "%02d", hour12)
	case 'j':
		return fmt.Appendf(b, "%03d", t.YearDay())
	case 'k':
		return fmt.Appendf(b, "%2d", t.Hour())
	case 'l':
		return fmt.Appendf(b, "%2d", hour12)
	case 'm':
		return fmt.Appendf(b, "%02d", t.Month())
	case 'M':
		return fmt.Appendf(b, "%02d", t.Minute())
	case 's':
		return fmt.Appendf(b, "%d", localUnix(inUTC(t), isDST(t)))
	case 'S':
		return fmt.Appendf(b, "%02d", t.Second())
	case 'u':
		return fmt.Appendf(b, "%d", (t.Weekday()+6)%7+1)
	case 'U': // weeks begin on Sunday, the first Sunday begins week 1
		return fmt.Appendf(b, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'V':
		return fmt.Appendf(b, "%02d", isoWeek)
	case 'w':
		return fmt.Appendf(b, "%d", t.Weekday())
	case 'W': // the same with Monday
		return fmt.Appendf(b, "%02d", (t.YearDay()+6-int(t.Weekday()+6)%7)/7)
	case 'y':
		return fmt.Appendf(b, "%02d", modulo(t.Year(), 100))
	case 'Y':
		return fmt.Appendf(b, "%d", t.Year())
	}
	return append(b, '%', c)
}

// modulo is never negative.
func modulo(a, b int) int { return (a%b + b) % b }

// osTime is os.time([table]).
func osTime(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		L.Push(lua.LNumber(time.Now().Unix()))
		return 1
	}
	t := checkTable(L, 1)
	// C counts in int, and so does its overflow.
	sec, minute, hour := intField(L, t, "sec", 0), intField(L, t, "min", 0), intField(L, t, "hour", 12)
	day, month, year := intField(L, t, "day", -1), intField(L, t, "month", -1)-1, intField(L, t, "year", -1)-1900
	dst := unknown
	if v := vm.Field(L, t, "isdst"); v != lua.LNil {
		dst = isDSTOf(lua.LVAsBool(v))
	}
	civil := time.Date(int(year)+1900, time.Month(int(month)+1), int(day), int(hour), int(minute), int(sec), 0, time.UTC)
	unix := localUnix(civil, dst)
	if y := int64(civil.Year()) - 1900; y != int64(int32(y)) || unix == -1 { // -1 is C's error
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(unix))
	return 1
}

// intField returns a field of t; missing, where negative, says that it must be
// there.
func intField(L *lua.LState, t *lua.LTable, name string, missing int32) int32 {
	switch v := vm.Field(L, t, name).(type) {
	case lua.LNumber:
		return int32(arg.ToInt(float64(v)))
	case lua.LString:
		if n, ok := numeral.Parse(string(v)); ok {
			return int32(arg.ToInt(float64(n)))
		}
	}
	if missing < 0 {
		arg.Raise(L, "field '%s' missing in date table", name)
	}
	return missing
}

// dst says whether a local time is meant as summer time.
type dst int

const (
	unknown dst = iota
	standard
	summer
)

func isDSTOf(b bool) dst {
	if b {
		return summer
	}
	return standard
}

func isDST(t time.Time) dst { return isDSTOf(t.IsDST()) }

func inUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// localUnix is C's mktime: civil, which is written down in UTC, is taken as local
// time. A time that clocks skipped counts on from before the change; of one that
// they showed twice it is the second. Summer time that isn't in force is taken
// with the offset that it has at the nearest time, within 8 years, when it is.
func localUnix(civil time.Time, meant dst) int64 {
	const (
		day   = 24 * 60 * 60
		week  = 7 * day
		years = 268435456 // seconds
	)
	base := civil.Unix()
	zone := local()
	offset := func(unix int64) int64 {
		_, seconds := time.Unix(unix, 0).In(zone).Zone()
		return int64(seconds)
	}
	before, after := offset(base-day), offset(base+day)
	unix := base - after
	if before != after && offset(unix) != after {
		unix = base - before
	}
	if meant == unknown {
		return unix
	}
	for distance := int64(0); distance <= years; distance += week {
		for _, near := range [...]int64{unix - distance, unix + distance} {
			if isDST(time.Unix(near, 0).In(zone)) == meant {
				return base - offset(near)
			}
		}
	}
	if meant == summer { // there is none: an hour, as glibc assumes
		return unix - 60*60
	}
	return unix + 60*60
}
