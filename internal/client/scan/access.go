package scan

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// access is all that a scan does to the disk: nothing in it writes.
type access struct {
	open    func(name string) (io.ReadCloser, error)
	readDir func(name string) ([]fs.DirEntry, error)
	stat    func(name string) (fs.FileInfo, error)           // of what a link points to
	resolve func(name string) (string, error)                // the same place without links
	list    func(dir string, wanted wanted) ([]entry, error) // what is wanted of a folder, in the order of the names
}

var osAccess = access{
	open:    open,
	readDir: os.ReadDir,
	stat:    os.Stat,
	resolve: filepath.EvalSymlinks,
	list:    list,
}
