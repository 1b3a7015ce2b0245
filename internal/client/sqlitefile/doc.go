// Package sqlitefile reads SQLite databases that belong to other programs, which may be writing them at the same time.
//
// Nothing is created, changed or locked in the folder of a database. One that nobody is in the middle of writing is read
// where it lies, as if it were on a read-only disk, with what its write-ahead log holds; otherwise it is copied together
// with that log, or with its rollback journal, into a private folder, which is gone when the database is closed. Either way the rows are those of one
// committed state, or Close says that they are not.
package sqlitefile
