package socket

import (
	"errors"
	"fmt"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/scarce"
)

const kind = "socket" // of the userdata, in snapshots

// Pack lets a socket travel. The one that stays is not changed by it: both are
// the same connection, and what was read ahead is there on both sides.
func (s *socket) Pack() (luabind.Parcel, error) {
	if s.tls != nil {
		return luabind.Parcel{}, errors.New("TLS has a state of its own")
	}
	t := glua.NewTable(0, 9)
	glua.SetNamed(t, "protocol", lua.LNumber(s.protocol))
	glua.SetNamed(t, "family", lua.LNumber(s.family))
	glua.SetNamed(t, "closed", lua.LBool(s.closed))
	glua.SetNamed(t, "block", lua.LNumber(s.timeout.block))
	glua.SetNamed(t, "total", lua.LNumber(s.timeout.total))
	glua.SetNamed(t, "received", lua.LNumber(s.received))
	glua.SetNamed(t, "sent", lua.LNumber(s.sent))
	glua.SetNamed(t, "born", lua.LNumber(float64(s.birthday.UnixMicro())/1e6))
	if !s.buffer.empty() {
		glua.SetNamed(t, "ahead", lua.LString(s.buffer.bytes()))
	}
	p := luabind.Parcel{Kind: kind, Value: t}
	if s.descriptor != nil {
		f, err := scarce.Retry(nil, func() (*os.File, error) { return duplicate(s.descriptor.fd) })
		if err != nil {
			return luabind.Parcel{}, err
		}
		p.Files = []*os.File{f}
	}
	return p, nil
}

// unpack is the other half of Pack.
func (lib *library) unpack(ud *lua.LUserData, p luabind.Parcel) error {
	for _, f := range p.Files {
		defer f.Close()
	}
	t, ok := p.Value.(*lua.LTable)
	if !ok || len(p.Files) > 1 {
		return fmt.Errorf("got a %s and %d files, want a table and one at most", p.Value.Type(), len(p.Files))
	}
	number := func(name string) float64 { return float64(lua.LVAsNumber(glua.Named(t, name))) }
	s := &socket{
		lib:      lib,
		userdata: ud,
		closed:   glua.Named(t, "closed") == lua.LTrue,
		protocol: protocol(number("protocol")),
		family:   family(number("family")),
		timeout:  timeout{block: number("block"), total: number("total")},
		received: int64(number("received")),
		sent:     int64(number("sent")),
		birthday: time.UnixMicro(int64(number("born") * 1e6)),
	}
	if s.family < unspec || s.family > inet6 || s.protocol < tcp || s.protocol >= protocols {
		return fmt.Errorf("no family %d of protocol %d", s.family, s.protocol)
	}
	if ahead, ok := glua.Named(t, "ahead").(lua.LString); ok {
		s.buffer = buffer{data: make([]byte, max(bufferSize, len(ahead)))}
		s.buffer.last = copy(s.buffer.data, ahead)
	}
	if len(p.Files) == 1 {
		fd, err := scarce.Retry(nil, func() (handle, error) { return claim(p.Files[0]) })
		if err != nil {
			return err
		}
		s.descriptor = lib.descriptors.add(fd)
	}
	ud.Value = s
	return nil
}
