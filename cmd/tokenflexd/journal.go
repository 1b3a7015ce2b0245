package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/store"
)

// journalSuffix is behind the name of a database file in the name of its journal of erasures.
const journalSuffix = ".erasures"

// journalFile is the journal of erasures that is named, or the one beside the database. Databases of PostgreSQL share the one
// beside the default file: a mark in it means nothing to another database than its own.
func (p *program) journalFile(named, db string) (string, error) {
	if named != "" {
		return named, nil
	}
	if isPostgres(db) {
		if db = p.defaultDatabase(); db == "" {
			return "", errors.New("no home folder and no $STATE_DIRECTORY: name the journal of erasures by --erasure-journal")
		}
	}
	file, err := p.databaseFile(db)
	return file + journalSuffix, err
}

// journalToWrite is the journal, which can be written.
func (p *program) journalToWrite(named, db string) (string, error) {
	file, err := p.journalFile(named, db)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	return file, f.Close()
}

// journalOfHost is the journal that a command of the host writes to; none if it is another machine's, on which the server runs.
func (p *program) journalOfHost(named, db string) (string, error) {
	if named == "" && isPostgres(db) {
		file, err := p.journalFile(named, db)
		if err != nil {
			return "", nil
		}
		if _, err := os.Stat(file); err != nil {
			return "", nil
		}
	}
	return p.journalToWrite(named, db)
}

// erasedSince reads the journal for a restored database. That it is not where it is by default may be right, but never goes
// unsaid.
func (p *program) erasedSince(named, db string) ([]store.Erasure, error) {
	file, err := p.journalFile(named, db)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		if named != "" {
			return nil, err
		}
		fmt.Fprintf(p.errOut, "no journal of erasures in %s: whoever was erased after the backup is there again, unless --erasure-journal names it\n", file)
	}
	return server.ReadJournal(file)
}
