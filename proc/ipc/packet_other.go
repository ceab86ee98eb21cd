//go:build !linux

package ipc

import (
	"context"
	"os"
)

func packetPair() (a, b int, err error)                             { return -1, -1, ErrUnsupported }
func sendPacket(int, []byte, []*os.File) (bool, error)              { return false, ErrUnsupported }
func peekPacket(int, []byte) (int, []*os.File, error)               { return -1, nil, ErrUnsupported }
func dropPacket(int) bool                                           { return false }
func recvPacket(int, []byte, []byte, bool) (int, []*os.File, error) { return -1, nil, ErrUnsupported }
func readable(int, bool) (bool, error)                              { return false, ErrUnsupported }
func park(context.Context, int, bool) error                         { return ErrUnsupported }
func bodyFile([]byte) (*os.File, error)                             { return nil, ErrUnsupported }
func readBody(*os.File, uint64, uint64) ([]byte, error)             { return nil, ErrUnsupported }
func mapBody(*os.File, int) ([]byte, error)                         { return nil, ErrUnsupported }
func unmapBody([]byte)                                              {}

func roomForFiles() int { return 0 }
