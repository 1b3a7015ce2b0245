// Package ledger keeps what was read of the tools' files, so that it is not read again and outlives the tools' own deletion.
//
// It holds, for every file, its place and stamp and the part that its parser made of it, and for every group of files that are
// settled together, what they add up to. On disk that is a base, which is written once, and a log of changes behind it;
// a reader sees the changes that are whole and never waits. It opens only its own folder, and knows no tool by name.
package ledger
