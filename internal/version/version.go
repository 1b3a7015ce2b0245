// Package version holds the version that the release build writes into the binaries.
package version

import "runtime/debug"

// Version is set by the linker; empty in a plain go build.
var Version string

// String is the version as people see it: the linked one, else the module's, else "dev".
func String() string {
	if Version != "" {
		return Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
