//go:build !linux

package ledger

import "os"

// writeBack begins to put bytes of a file on the disk, where the system has a way to.
func writeBack(*os.File, int64, int64) {}
