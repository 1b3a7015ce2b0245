//go:build !linux

package scan

import (
	"io"
	"os"
)

func open(name string) (io.ReadCloser, error) { return os.Open(name) }
