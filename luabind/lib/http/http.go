// Package http has the Lua modules "socket.url" and "socket.http", with the names, arguments and results of LuaSocket's.
//
// They are written in Lua, over the module "socket": so a request keeps to Config.Network, ends with the context of the
// script, and takes the sources, sinks and socket-making functions of LuaSocket's users. net/http would do less, and be linked
// into every child. A program that has them has socket.Module and mime.Modules too, which they require. LuaSocket's own files
// come before these where they are installed.
package http

import (
	_ "embed"

	"luaspawn/luabind"
)

// Modules are the modules of this package.
var Modules = []luabind.Module{
	{Name: "socket.url", Source: urlSource, Manual: urlManual},
	{Name: "socket.http", Source: source, Manual: manual},
}

var (
	//go:embed lua/url.lua
	urlSource string
	//go:embed lua/http.lua
	source string
	//go:embed stub_url.lua
	urlManual string
	//go:embed stub.lua
	manual string
)
