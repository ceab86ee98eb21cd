//go:build unix

package proc_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"luaspawn/proc"
)

// printFiles prints the contents of its files.
func printFiles(self *proc.Self, _ []byte) int {
	for _, f := range self.Files {
		if _, err := io.Copy(os.Stdout, f); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

func TestFilesInOrder(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{0, 1, 252, 253, 254, 506, 600} {
		var files []*os.File
		var want string
		for i := range n {
			name := filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(name, fmt.Appendln(nil, i), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
			want += fmt.Sprintln(i)
		}
		if got := output(t, "cat", files...); got != want {
			t.Errorf("%d files: got %q", n, got)
		}
		for _, f := range files {
			if err := f.Close(); err != nil { // they are still ours
				t.Error(err)
			}
		}
	}
}

func TestPassPipe(t *testing.T) {
	r, w := pipe(t)
	p := start(t, &proc.Command{Payload: []byte("cat"), Files: []*os.File{r}, Stdout: io.Discard})
	r.Close()
	w.SetWriteDeadline(time.Now().Add(patience)) // the passing left ours as it was
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	w.Close()
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func acceptOne(self *proc.Self, _ []byte) int {
	l, err := net.FileListener(self.Files[0])
	if err != nil {
		fmt.Println(err)
		return 1
	}
	c, err := l.Accept()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer c.Close()
	io.Copy(c, c)
	return 0
}

func TestPassListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, &proc.Command{Payload: []byte("accept"), Files: []*os.File{f}})
	f.Close()
	address := l.Addr().String()
	l.Close() // only the child has it now
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(c, "there and back")
	c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "there and back" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
