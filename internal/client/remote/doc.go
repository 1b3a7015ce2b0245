// Package remote is the one place of the client that dials out, and it dials one origin: the site it was made for.
// It can send only what package wire has a type for.
package remote
