// Package cli is the client's command line: one file per command, listed in root.go. It alone reads the environment and
// picks exit codes; what it prints is made by package render.
package cli
