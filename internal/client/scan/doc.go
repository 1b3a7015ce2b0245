// Package scan finds the sources' files, reads them in parallel, settles what they say twice and counts what it skipped.
// It knows no source by name and opens nothing but what a source's roots and patterns name.
package scan
