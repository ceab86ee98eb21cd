//go:build !linux

package shared

import "os"

func packetPair() (a, b int, err error)                            { return -1, -1, ErrUnsupported }
func sendPacket(int, []byte, []*os.File) (bool, error)             { return false, ErrUnsupported }
func peekPacket(int, []byte) (int, []*os.File, error)              { return -1, nil, ErrUnsupported }
func dropPacket(int) bool                                          { return false }
func recvPacket(int, []byte, []byte, int) (int, []*os.File, error) { return -1, nil, ErrUnsupported }
func readable(int) bool                                            { return false }
func bodyFile([]byte) (*os.File, error)                            { return nil, ErrUnsupported }
func readBody(*os.File, uint64) ([]byte, error)                    { return nil, ErrUnsupported }
func awaitPacket(int)                                              {}
func awaitRoom(int)                                                {}

const roomForFiles = 0
