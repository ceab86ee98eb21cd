package multiprocessing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"luaspawn/proc"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// A host is this program when luaspawnd has started it to run the functions of a script from another machine: its children
// are the workers of that script's pool. The host itself has no engine. The first message to it, remote.Config.Open,
// is
//
//	open = length rights length snapshot
//
// rights are the script's, as in rights.go, but without its environment: the children have the environment of the host, and
// its directory.

// packOpen returns that message.
func (lib *library) packOpen(w *workers) ([]byte, error) {
	cfg := lib.engine.Config()
	cfg.Environ = nil
	rights, err := packRights(cfg)
	if err != nil {
		return nil, err
	}
	b := append(binary.AppendUvarint(nil, uint64(len(rights))), rights...)
	b = binary.AppendUvarint(b, uint64(len(w.snapshot.Data)))
	return append(b, w.snapshot.Data...), nil
}

// runHost runs a host, and returns its exit code.
func runHost() int {
	in, out := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = nil, os.Stderr
	os.Unsetenv(clusterVariable)
	err := remote.Program{Open: openHost, Bodies: remote.HostBodies()}.Serve(in, out)
	proc.Drain()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// openHost returns the transport to the children.
func openHost(open []byte, output func(stream int, text []byte)) (pool.Transport, error) {
	rights, rest, err := cutBytes(open)
	if err != nil {
		return nil, err
	}
	snapshot, _, err := cutBytes(rest)
	if err != nil {
		return nil, err
	}
	cfg, _, err := unpackRights(rights)
	if err != nil {
		return nil, errors.New("its program differs from the script's in the modules that it has (install the same luaspawn on both, or see luaspawnd worker --program)")
	}
	cfg.Environ = ownEnviron(proc.Environ(os.Environ()))
	if rights, err = packRights(cfg); err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	head := binary.AppendUvarint(packHead(rights, dir, 0), 0) // it has no place on the board
	return pool.NewProcesses(func(ctx context.Context, w pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
		return proc.Start(ctx, &proc.Command{
			Head:     appendWorker(append([]byte(nil), head...), w.Name, true),
			Payload:  snapshot,
			Files:    withRecording(files),
			Daemon:   true,
			Standing: definitions(),
			Lasting:  w.First,
			Stdout:   farWriter{1, output},
			Stderr:   farWriter{2, output},
		})
	})
}

// A farWriter sends what a worker prints to the script.
type farWriter struct {
	stream int
	output func(stream int, text []byte)
}

func (w farWriter) Write(b []byte) (int, error) {
	w.output(w.stream, b)
	return len(b), nil
}
