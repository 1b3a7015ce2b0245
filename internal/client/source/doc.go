// Package source knows the AI coding tools: where each leaves its usage, and how one file of it becomes entries.
//
// It is pure. A parser sees a File, which is bytes and a place below a root, and returns a Part; a Settle function sees the
// parts of all files of its source and drops what is said twice. No disk, clock, logger or network: package scan has those.
// Nothing but counters, names of models, times and identifiers is ever taken out of a file, and of those only Session and
// Project may hold words of the user; both stay on the machine.
package source
