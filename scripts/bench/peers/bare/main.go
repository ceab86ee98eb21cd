// Bare WORK [COUNT] does what the Lua scripts do, with a Go program that does
// nothing: itself. It is what a child of a Go program takes at least, whatever
// runs in it: to be kept ready, woken by a byte, and ended; or to be started.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

func main() {
	count := 0
	if len(os.Args) > 2 {
		count, _ = strconv.Atoi(os.Args[2])
	}
	switch work := os.Args[1]; work {
	case "child":
		wait()
	case "nothing":
	case "line", "join":
		paced(work, count)
	case "memory":
		memory(count)
	case "burst":
		burst(count)
	case "tree":
		from := time.Now()
		grow(count)
		fmt.Println(microseconds(time.Since(from)))
	case "grow":
		grow(count)
	case "first":
		check(start("nothing").Wait())
	}
}

// wait is what a child does that is kept ready. Its order is a time, to be
// compared with, or an empty line: it ends.
func wait() {
	order, _ := bufio.NewReaderSize(os.Stdin, 64).ReadString('\n')
	if from, err := strconv.ParseInt(order[:max(0, len(order)-1)], 10, 64); err == nil {
		fmt.Println(microseconds(time.Duration(time.Now().UnixNano() - from)))
	}
}

func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

func start(args ...string) *exec.Cmd {
	cmd := command(args...)
	check(cmd.Start())
	return cmd
}

// keepReady starts a child that waits for its order.
func keepReady() (*exec.Cmd, io.Writer) {
	cmd := command("child")
	order, err := cmd.StdinPipe()
	check(err)
	check(cmd.Start())
	return cmd, order
}

func paced(work string, count int) {
	child, order := keepReady()
	for range count {
		time.Sleep(50 * time.Millisecond)
		from := time.Now()
		if work == "line" {
			fmt.Fprintln(order, from.UnixNano())
		} else {
			fmt.Fprintln(order)
		}
		check(child.Wait())
		if work == "join" {
			fmt.Println(microseconds(time.Since(from)))
		}
		child, order = keepReady()
	}
	fmt.Fprintln(order)
	check(child.Wait())
}

func memory(count int) {
	var children []*exec.Cmd
	for range count {
		child, order := keepReady()
		defer fmt.Fprintln(order)
		children = append(children, child)
	}
	time.Sleep(200 * time.Millisecond)
	for _, child := range children {
		rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", child.Process.Pid))
		check(err)
		fmt.Printf("%s\n", regexp.MustCompile(`Pss:\s*(\d+)`).FindSubmatch(rollup)[1])
	}
}

func burst(count int) {
	from := time.Now()
	children := make([]*exec.Cmd, count)
	for i := range children {
		children[i] = start("nothing")
	}
	for _, child := range children {
		check(child.Wait())
	}
	fmt.Println(microseconds(time.Since(from) / time.Duration(count)))
}

func grow(left int) {
	if left == 0 {
		return
	}
	a, b := start("grow", strconv.Itoa(left-1)), start("grow", strconv.Itoa(left-1))
	check(a.Wait())
	check(b.Wait())
}

func microseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Nanoseconds())/1e3, 'f', 1, 64)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}
