// Package wire is the HTTP contract between tokenflexing and tokenflexd: paths, requests, responses, problem codes and limits.
// It holds structs and constants only. What it says is claimed by a client; what was accepted is in package usage.
package wire
