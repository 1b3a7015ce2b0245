package config

import (
	"fmt"
	"io/fs"
)

// identity tells a folder from another one that is made later under its name, as far as the system does: by its inode and when
// it was made.
func identity(dir string, info fs.FileInfo) string {
	inode, born := birth(dir, info)
	return fmt.Sprintf("%d %d", inode, born)
}
