package progress

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	half := state{label: "reading", done: 90, total: 200, elapsed: 3 * time.Second, rate: 29.5}
	for _, test := range []struct {
		s     state
		width int
		want  string
	}{
		{half, 120, "reading  45% [##################----------------------] 90/200 0:03<0:03 29.5/s"},
		{half, 60, "reading  45% [#########------------] 90/200 0:03<0:03 29.5/s"},
		{half, 47, "reading  45% [###-----] 90/200 0:03<0:03 29.5/s"}, // the narrowest bar
		{half, 46, "reading  45% 90/200 0:03<0:03 29.5/s"},
		{half, 35, "reading  45% 90/200 0:03<0:03"},
		{half, 28, "reading  45% 90/200"},
		{half, 15, "reading  45%"},
		{half, 11, "read..  45%"},
		{half, 9, "re..  45%"},
		{half, 8, " 45%"},
		{half, 4, " 45%"},
		{half, 3, " .."},
		{half, 0, ""},
		{state{label: "读取文件", done: 90, total: 200, elapsed: 3 * time.Second, rate: 29.5}, 60, "读取文件  45% [#########-----------] 90/200 0:03<0:03 29.5/s"},
		{state{label: "读取文件", done: 90, total: 200}, 12, "读取..  45%"},
		{state{label: "a very long label that says too much", done: 1, total: 2, rate: 1}, 50, "a very long label that ..  50% 1/2 0:00<0:01"},
		{state{done: 1, total: 2, rate: 1}, 40, " 50% [######------] 1/2 0:00<0:01 1.00/s"},
		{state{label: "x", done: 90, total: -1, elapsed: 3 * time.Second, rate: 29.5}, 60, "x 90 0:03 29.5/s"},
		{state{label: "x", done: 90, total: -1, elapsed: 3 * time.Second, rate: 29.5}, 12, "x 90 0:03"},
		{state{label: "x", done: 199.9, total: 200, rate: 1}, 20, "x  99% 199.9/200"},
		{state{label: "x", done: 300, total: 200, rate: 1}, 30, "x 100% 300/200 0:00 1.00/s"},
		{state{label: "x", done: 0, total: 0}, 30, "x 100% 0/0 0:00 0.00/s"},
		{state{label: "x", done: -1, total: 10}, 21, "x   0% -1/10 0:00<?"},
		{state{label: "x", done: 0, total: 10}, 21, "x   0% 0/10 0:00<?"},
		{state{label: "a\nb\x1b[2J\u202ec\xff", done: 1, total: 2}, 16, "a b[2Jc?  50%"},
	} {
		if got := test.s.line(test.width, "", ""); got != test.want {
			t.Errorf("%+v in %d cells: got %q, want %q", test.s, test.width, got, test.want)
		}
	}
	if got, want := half.line(60, "<", ">"), "reading  45% [<#########>------------] 90/200 0:03<0:03 29.5/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlain(t *testing.T) {
	for want, s := range map[string]state{
		"reading 45% 90/200 0:03<0:03 29.5/s": {label: "reading", done: 90, total: 200, elapsed: 3 * time.Second, rate: 29.5},
		"90 0:03 29.5/s":                      {done: 90, total: -1, elapsed: 3 * time.Second, rate: 29.5},
	} {
		if got := s.plain(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Whatever the label, the width and the numbers are, a line fits.
func TestLineFits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "中", "é", "👍", "👨‍👩‍👧", " ", "\n", "\x1b", "\xff", "e\u0301", "ｗ", "한"}
	for range 5000 {
		s := state{total: float64(random.IntN(2000)) - 100, elapsed: time.Duration(random.Int64N(1 << 52)), rate: random.ExpFloat64() * 1000}
		s.done = random.Float64() * 1500
		for range random.IntN(40) {
			s.label += pieces[random.IntN(len(pieces))]
		}
		width := random.IntN(130)
		if got := s.line(width, "", ""); cells(got) > width {
			t.Fatalf("%+v: %q has %d cells, %d are there", s, got, cells(got), width)
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                              "0:00",
		999 * time.Millisecond:         "0:00",
		59 * time.Second:               "0:59",
		61 * time.Second:               "1:01",
		time.Hour - 1:                  "59:59",
		time.Hour + 2*time.Minute:      "1:02:00",
		100*time.Hour + 59*time.Second: "100:00:59",
	} {
		if got := clock(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func TestSpeed(t *testing.T) {
	for rate, want := range map[float64]string{
		0: "0.00/s", 0.5: "0.50/s", 9.994: "9.99/s", 9.996: "10.0/s", 99.96: "100/s", 9999: "9999/s", 9999.9: "10.0k/s",
		123456: "123k/s", 1.5e6: "1500k/s", 1.5e7: "15.0M/s", 0.05: "3.00/min", 0.001: "3.60/h", 1e-6: "0.00/h", 1e300: "1",
	} {
		got := speed(rate)
		if rate == 1e300 {
			got = got[:1]
		}
		if got != want {
			t.Errorf("%v: got %s, want %s", rate, got, want)
		}
	}
}

func TestPace(t *testing.T) {
	p := pace{began: epoch}
	at := func(seconds float64, done float64, want float64) {
		t.Helper()
		if got := p.rate(epoch.Add(time.Duration(seconds*1e9)), done); fmt.Sprintf("%.2f", got) != fmt.Sprintf("%.2f", want) {
			t.Errorf("%v done after %v s: got %.2f, want %.2f", done, seconds, got, want)
		}
	}
	at(0, 0, 0)
	at(1, 10, 10)
	for s := 2.0; s <= 60; s++ {
		at(s, 10*s, 10)
	}
	for s := 61.0; s <= 100; s++ { // ten times as fast
		p.rate(epoch.Add(time.Duration(s*1e9)), 600+100*(s-60))
	}
	at(101, 4700, 100)
	for s := 102.0; s <= 140; s++ { // nothing more: the mean of all
		p.rate(epoch.Add(time.Duration(s*1e9)), 4700)
	}
	at(141, 4700, 4700/141.0)
}

func TestNumber(t *testing.T) {
	var n number
	n.add(0.5)
	n.add(2)
	if n.get() != 2.5 {
		t.Errorf("got %v", n.get())
	}
	done := make(chan struct{})
	for range 4 {
		go func() {
			for range 1000 {
				n.add(1)
			}
			done <- struct{}{}
		}()
	}
	for range 4 {
		<-done
	}
	if n.get() != 4002.5 {
		t.Errorf("got %v, want 4002.5", n.get())
	}
}
