// Package accept turns what a client claims into what the server believes: it decodes an upload strictly, checks every row,
// and says which days are impossible and which wait for review. It is pure: no store, clock, network or log.
package accept
