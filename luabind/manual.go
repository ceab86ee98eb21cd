package luabind

import "embed"

// stubs describe Lua's own libraries, in the form of Module.Manual. Nothing
// reads them before somebody asks for help.
//
//go:embed stubs
var stubs embed.FS

// Manuals returns the Manual of Lua's own libraries and those of the modules.
func (h *Host) Manuals() []string {
	var manuals []string
	libraries, _ := stubs.ReadDir("stubs") // what is embedded can be read
	for _, l := range libraries {
		text, _ := stubs.ReadFile("stubs/" + l.Name())
		manuals = append(manuals, string(text))
	}
	for _, m := range h.config.Modules {
		if m.Manual != "" {
			manuals = append(manuals, m.Manual)
		}
	}
	return manuals
}
