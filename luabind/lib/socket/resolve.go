package socket

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// Errors of looking up, with LuaSocket's texts for those of getaddrinfo.
var (
	errNoName  = errors.New("host or service not provided, or not known")
	errTryNext = errors.New("temporary failure in name resolution")
	errFamily  = errors.New("Address family for hostname not supported") //lint:ignore ST1005 a script sees it
	errService = errors.New("service not supported for socket type")

	errHostNotFound = errors.New("host not found") // of gethostbyname
)

// mayResolve returns why scripts may look up nothing; nil: they may, to reach it.
func (lib *library) mayResolve() error {
	if lib.allowed(udp) == nil {
		return nil
	}
	return lib.allowed(tcp)
}

func wildcard(f family) []netip.Addr {
	switch f {
	case inet:
		return []netip.Addr{netip.IPv4Unspecified()}
	case inet6:
		return []netip.Addr{netip.IPv6Unspecified()}
	default:
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
}

// lookup returns the addresses of a host, at least one. Only a name asks the
// system; what is reached by an address in figures isn't allowed either where names aren't.
func (lib *library) lookup(host string, f family) ([]netip.Addr, error) {
	if err := lib.mayResolve(); err != nil {
		return nil, err
	}
	if a, ok := parseAddress(host); ok {
		if f != unspec && f != familyOf(a) {
			return nil, errFamily
		}
		return []netip.Addr{a}, nil
	}
	network := [...]string{"ip", "ip4", "ip6"}[f]
	var found []netip.Addr
	err := lib.engine.Wait(func(ctx context.Context) (err error) {
		found, err = net.DefaultResolver.LookupNetIP(ctx, network, host)
		return err
	})
	if err != nil {
		return nil, lookupError(err, errNoName)
	}
	for i, a := range found {
		found[i] = a.Unmap()
	}
	return found, nil
}

// lookupError says temporary where err is, or else notFound.
func lookupError(err, notFound error) error {
	if e := (*net.DNSError)(nil); errors.As(err, &e) && !e.IsNotFound && (e.IsTemporary || e.IsTimeout) {
		return errTryNext
	}
	return notFound
}

// parseAddress reads an address in figures.
func parseAddress(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a, true
	}
	return parseClassic(s)
}

// parseClassic reads the forms of an IPv4 address that inet_aton knows beside
// the usual: fewer than four parts, of which the last one takes up the rest, and
// hexadecimal and octal numbers.
func parseClassic(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var address uint64
	for i, part := range parts {
		if part == "" || part[0] < '0' || part[0] > '9' || strings.Contains(part, "_") {
			return netip.Addr{}, false
		}
		lower := strings.ToLower(part)
		if strings.HasPrefix(lower, "0b") || strings.HasPrefix(lower, "0o") { // Go's own
			return netip.Addr{}, false
		}
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (4 - i)
		}
		n, err := strconv.ParseUint(part, 0, bits)
		if err != nil {
			return netip.Addr{}, false
		}
		address = address<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}), true
}

// checkPort returns the port at argument n, a number or the name of a service.
func checkPort(L *lua.LState, n int) string {
	port := arg.String(L, n)
	if number, ok := numeral.Parse(port); ok && !(number >= 0 && number <= 65535) {
		arg.Error(L, n, "port out of range")
	}
	return port
}

func (lib *library) lookupPort(p protocol, port string) (uint16, error) {
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		return uint16(n), nil
	}
	n, err := net.DefaultResolver.LookupPort(lib.engine.Context(), p.network(), port)
	if err != nil || n < 0 || n > 65535 {
		return 0, errService
	}
	return uint16(n), nil
}

func (lib *library) newDNS(L *lua.LState) *lua.LTable {
	return glua.NewFunctions(L, map[string]lua.LGFunction{
		"toip":        lib.toip,
		"tohostname":  lib.tohostname,
		"getaddrinfo": lib.getaddrinfo,
		"gethostname": lib.gethostname,
	}, 0)
}

// resolved is what the system knows of a host.
type resolved struct {
	name    string
	aliases []string
	ips     []netip.Addr // IPv4
}

// resolve looks up a name, or, backwards, an IPv4 address.
func (lib *library) resolve(host string) (*resolved, error) {
	if err := lib.mayResolve(); err != nil {
		return nil, err
	}
	ctx := lib.engine.Context()
	if a, ok := parseAddress(host); ok {
		if !a.Is4() {
			return nil, errHostNotFound
		}
		names, err := net.DefaultResolver.LookupAddr(ctx, a.String())
		if err != nil || len(names) == 0 {
			return nil, lookupError(err, errHostNotFound)
		}
		for i, name := range names {
			names[i] = strings.TrimSuffix(name, ".")
		}
		return &resolved{names[0], names[1:], []netip.Addr{a}}, nil
	}
	ips, err := lib.lookup(host, inet)
	if err == errNoName {
		err = errHostNotFound
	}
	if err != nil {
		return nil, err
	}
	r := &resolved{name: host, ips: ips}
	if name, err := net.DefaultResolver.LookupCNAME(ctx, host); err == nil {
		if name = strings.TrimSuffix(name, "."); name != host {
			r.name, r.aliases = name, []string{host}
		}
	}
	return r, nil
}

// table is the second result of toip and tohostname.
func (r *resolved) table() *lua.LTable {
	aliases, ips := glua.NewTable(0, 0), glua.NewTable(0, 0)
	for _, alias := range r.aliases {
		glua.Append(aliases, lua.LString(alias))
	}
	for _, ip := range r.ips {
		glua.Append(ips, lua.LString(ip.String()))
	}
	t := glua.NewTable(0, 0)
	glua.SetNamed(t, "name", lua.LString(r.name))
	glua.SetNamed(t, "alias", aliases)
	glua.SetNamed(t, "ip", ips)
	return t
}

func (lib *library) toip(L *lua.LState) int {
	r, err := lib.resolve(arg.String(L, 1))
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LString(r.ips[0].String()))
	L.Push(r.table())
	return 2
}

func (lib *library) tohostname(L *lua.LState) int {
	r, err := lib.resolve(arg.String(L, 1))
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LString(r.name))
	L.Push(r.table())
	return 2
}

func (lib *library) getaddrinfo(L *lua.LState) int {
	addresses, err := lib.lookup(arg.String(L, 1), unspec)
	if err != nil {
		return lib.fail(L, err)
	}
	list := glua.NewTable(0, 0)
	for _, a := range addresses {
		t := glua.NewTable(0, 0)
		glua.SetNamed(t, "family", lua.LString(familyOf(a).String()))
		glua.SetNamed(t, "addr", lua.LString(a.String()))
		glua.Append(list, t)
	}
	L.Push(list)
	return 1
}

func (lib *library) gethostname(L *lua.LState) int {
	if err := lib.mayResolve(); err != nil {
		return lib.fail(L, err)
	}
	name, err := os.Hostname()
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LString(name))
	return 1
}
