//go:build !purego

package jsonwalk

import "golang.org/x/sys/cpu"

// wide says that the processor can look at 32 bytes at once.
var wide = cpu.X86.HasAVX2

// quoteWide is quote by 64 bytes.
//
//go:noescape
func quoteWide(b []byte) int
