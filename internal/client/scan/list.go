package scan

import (
	"io/fs"
	"os"
	"path/filepath"

	"tokenflex.ing/internal/client/ledger"
)

// wanted reports whether anything is to be known of what has that name in a folder.
type wanted = func(name string, folder bool) bool

// entry is what a folder holds under one name.
type entry struct {
	name   string // absolute
	base   string // the last part of it
	kind   fs.FileMode
	stamp  ledger.Stamp // of a regular file
	err    error        // why it is not known
	folder *folder      // what is in it, once it was walked
}

// listAnywhere lists what is wanted of a folder in the order of the names, as far as it can be read.
func listAnywhere(dir string, wanted wanted) ([]entry, error) {
	all, err := os.ReadDir(dir)
	var entries []entry
	for _, d := range all {
		if !wanted(d.Name(), d.IsDir()) {
			continue
		}
		e := entry{name: filepath.Join(dir, d.Name()), base: d.Name(), kind: d.Type()}
		if e.kind.IsRegular() {
			var info fs.FileInfo
			if info, e.err = d.Info(); e.err == nil {
				e.kind, e.stamp = info.Mode().Type(), stampOf(info)
			}
		}
		entries = append(entries, e)
	}
	return entries, err
}
