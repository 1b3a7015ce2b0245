// Package server is tokenflexd's HTTP side: routes.go lists every route, each resource has a file, and what they share is
// in middleware, limits and problems. It decides who is asking and what they may see; what is accepted, how it is stored
// and how it looks is decided in its subpackages.
package server
