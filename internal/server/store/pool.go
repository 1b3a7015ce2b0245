package store

import "time"

// Pool is the state of a store's connections of one kind.
type Pool struct {
	Name   string // of the kind: "main", or "reader", "writer" and "door"
	Max    int    // connections at most
	InUse  int
	Idle   int
	Waits  int64         // requests that had to wait for a connection, since the start
	Waited time.Duration // by all of them
}
