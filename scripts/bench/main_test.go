//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Everything is run once, a little of it, on what is installed here. Without LUASPAWN_STRESS=1 it is
// one work, and those of pools.
func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command: go test without -short runs it, as .ci/run does")
	}
	works := works
	if os.Getenv("LUASPAWN_STRESS") == "" {
		works = works[:1]
	}
	works = slices.Concat(works, poolWorks)
	picture := filepath.Join(t.TempDir(), "latencies.svg")
	var out, progress bytes.Buffer
	if err := run(&out, &progress, works, 1, 100, picture); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, w := range works {
		if !strings.Contains(out.String(), "| "+w.title) {
			t.Errorf("no line %q in\n%s", w.title, &out)
		}
	}
	svg, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(svg, []byte(">luaspawn</text>")) {
		t.Error("the picture has no row of luaspawn")
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// One program on all engines prints the same, and has its row.
func TestMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("it links two programs: go test without -short runs it, as .ci/run does")
	}
	var out, progress bytes.Buffer
	if err := runMachine(&out, &progress, []string{"queens"}, 1); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, row := range []string{"an empty program", "queens", "geometric mean"} {
		if !strings.Contains(out.String(), "\n| "+row) {
			t.Errorf("no row %q in\n%s", row, &out)
		}
	}
}

// An engine that prints something else is no engine to compare with.
func TestMachineCompares(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"empty", "one"} {
		if err := os.WriteFile(filepath.Join(dir, name+".lua"), []byte("\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	engines := []engine{
		{name: "says nothing", args: []string{"true"}, ext: ".lua"},
		{name: "says its program", args: []string{"basename"}, ext: ".lua"},
	}
	_, err := compete(io.Discard, dir, dir, []string{"one"}, engines[:2], 1)
	if want := `empty prints "empty.lua\n" on says its program, elsewhere ""`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	engines[1].args = []string{"true"}
	best, err := compete(io.Discard, dir, dir, []string{"one"}, engines[:2], 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"empty", "one"} {
		if len(best[p]) != 2 {
			t.Errorf("times of %s: got %v, want two", p, best[p])
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		list []float64
		want float64
	}{
		{[]float64{7}, 7},
		{[]float64{3, 1}, 2},
		{[]float64{9, 1, 5}, 5},
	} {
		if got := median(tt.list); got != tt.want {
			t.Errorf("median of %v: got %v, want %v", tt.list, got, tt.want)
		}
	}
}
