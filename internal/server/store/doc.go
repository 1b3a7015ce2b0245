// Package store says what the server keeps and how it is asked for it: one interface, its row types and its errors.
// The engines are its subpackages, all held to one conformance suite, storetest. Nothing here knows HTTP, and a store
// believes nothing it is told: every write carries an Actor, and a row of somebody else cannot be written.
package store
