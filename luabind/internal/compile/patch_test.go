package compile

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/syntax"
)

// A constructor makes room for all that it has, and not for a call that gives the rest.
func TestConstructorRoom(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 24, 33, 49, 50, 51, 500, 5000, 100_000} {
		for _, rest := range []string{"", "...", "f()"} {
			list := strings.Repeat("1, ", n)
			fields := strings.Repeat("x = 1, ", n%1000)
			tree, err := syntax.Parse("test", "return {"+fields+list+rest+"}")
			if err != nil {
				t.Fatal(err)
			}
			proto, err := Compile(tree, "test")
			if err != nil {
				t.Fatal(err)
			}
			for _, inst := range proto.Code {
				if glua.Opcode(inst) != lua.OP_NEWTABLE {
					continue
				}
				for _, room := range []struct{ want, got int }{{n, glua.Room(glua.B(inst))}, {n % 1000, glua.Room(glua.C(inst))}} {
					if room.got < room.want || room.got > room.want+room.want/8 {
						t.Errorf("%d items, %d fields, %q: room for %d of %d", n, n%1000, rest, room.got, room.want)
					}
				}
			}
		}
	}
}
