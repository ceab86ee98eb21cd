package ipc

import (
	"errors"
	"os"
)

// Files don't travel in queues here: an item that brings some is an error.

// errFilesInItems is returned by Put and Send.
var errFilesInItems = errors.New("ipc: an item can bring no handles along on Windows; the arguments of a process can")

// A courier would be what they travel in.
type courier struct{}

const courierFiles = 0

func newCourier() (courier, error)              { return courier{}, nil }
func openCourier([]*os.File) (courier, error)   { return courier{}, nil }
func (courier) duplicates() ([]*os.File, error) { return nil, nil }
func (courier) close()                          {}

// A shipment would be the files of an item that is about to be taken.
type shipment struct{ files []*os.File }

func (q *Queue) ship(uint64, []*os.File) (boxed bool, err error) { return false, errFilesInItems }
func (q *Queue) peek(uint64, int) (shipment, error)              { return shipment{}, ErrBad }
func (q *Queue) accept(shipment)                                 {}
func (q *Queue) clear(shipment)                                  {}
