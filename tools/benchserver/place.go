package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// place is the folder of one engine's files.
type place struct {
	dir  string
	kept bool
	note note
}

// note says what a kept database was filled with.
type note struct {
	Day                 string // what is measured are the last days, so it is good for one
	Users, Days, Scores int64
	People              people
	Runs                int64 // how often it was measured
}

// newPlace makes a folder that is gone afterwards, or with BENCH_KEEP one that stays. What stayed and was not filled to the end, or
// otherwise, is removed.
func newPlace(engine string, s sizes) (*place, error) {
	p := &place{note: note{Day: today(0), Users: s.users, Days: s.days, Scores: s.scores}}
	keep, err := filepath.Abs(os.Getenv("BENCH_KEEP"))
	if err != nil {
		return nil, err
	}
	if p.kept = os.Getenv("BENCH_KEEP") != ""; !p.kept {
		p.dir, err = os.MkdirTemp("", "benchserver-")
		return p, err
	}
	p.dir = filepath.Join(keep, "benchserver-"+engine)
	if _, err := p.people(); err != nil {
		if err := os.RemoveAll(p.dir); err != nil {
			return nil, err
		}
	}
	return p, os.MkdirAll(p.dir, 0o755)
}

func (p *place) leave() {
	if !p.kept {
		os.RemoveAll(p.dir)
	}
}

func (p *place) file() string { return filepath.Join(p.dir, "filled.json") }

// people are those that the folder's database was filled with, if it was filled as it would be now.
func (p *place) people() (people, error) {
	n, err := p.read()
	return n.People, err
}

func (p *place) read() (note, error) {
	var n note
	b, err := os.ReadFile(p.file())
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(b, &n); err != nil {
		return n, err
	}
	if n.Day != p.note.Day || n.Users != p.note.Users || n.Days != p.note.Days || n.Scores != p.note.Scores {
		return n, errors.New("it was filled otherwise")
	}
	return n, nil
}

func (p *place) filled(with people) error {
	n := p.note
	n.People = with
	return p.write(n)
}

// again counts a run, and returns how many there were before.
func (p *place) again() (int64, error) {
	n, err := p.read()
	if err != nil {
		return 0, err
	}
	n.Runs++
	return n.Runs - 1, p.write(n)
}

func (p *place) write(n note) error {
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return os.WriteFile(p.file(), b, 0o600)
}
