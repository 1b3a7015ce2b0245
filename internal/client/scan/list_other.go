//go:build !linux

package scan

var list = listAnywhere
