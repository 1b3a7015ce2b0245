package page

import (
	"time"

	"tokenflex.ing/internal/wire"
)

// Connect says how to pair a machine and shows all that is sent.
type Connect struct{}

// NotFound is the page for what does not exist, and for what its owner keeps private.
type NotFound struct{}

// Error is the page for a request that was not answered.
type Error struct {
	Status  int           // of the answer: 400, 403, 405, 413, 415, 429, 500 or 503; any other reads like its class
	Request string        // id of the request, to tell the operator; empty: not shown
	Retry   time.Duration // when to try again; 0: not said
}

// Problem explains one problem code of the API at PathProblems.
type Problem struct{ Code wire.Code }
