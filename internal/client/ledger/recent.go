package ledger

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Recent is what was last counted of the last days: enough for a line in a prompt, which has no time to read a whole ledger.
type Recent struct {
	At    time.Time    // when it was counted, UTC
	Cells []usage.Cell // of the last RecentFor, and all of the sessions in them
}

// RecentFor is how far back recent usage goes: every time zone's today lies in it.
const RecentFor = 48 * time.Hour

func recentFile(dir string) string { return filepath.Join(dir, "recent") }

// SaveRecent takes what is recent among all cells, and returns what keeps it.
func (l *Ledger) SaveRecent(cells []usage.Cell, now time.Time) (keep func() error) {
	if l.dir == "" {
		return func() error { return nil }
	}
	type session struct{ source, id string }
	lately, sessions := now.Add(-RecentFor), make(map[session]bool)
	for i := range cells {
		if c := &cells[i]; !c.Last.Before(lately) {
			sessions[session{c.Source, c.Session}] = true
		}
	}
	var kept []ordered
	for i := range cells {
		c := &cells[i]
		if !c.Last.Before(lately) || len(sessions) > 0 && c.Session != "" && sessions[session{c.Source, c.Session}] {
			kept = append(kept, ordered{&Cell{Cell: *c}, slotOf(c), 0})
		}
	}
	e := encoder{b: make([]byte, 4)}
	e.uint(version)
	e.int(now.Unix())
	names, sums := encodeGroups([]Group{{}}, sortCells(kept), func(uint32) uint32 { return 0 })
	e.b = slices.Concat(e.b, names, sums)
	binary.LittleEndian.PutUint32(e.b, checksum(e.b[4:]))
	return func() error { return writeWhole(recentFile(l.dir), e.b) }
}

// RecentIsOld reports whether what is recent was kept a while ago, or before the ledger was last written: by somebody who was stopped.
func (l *Ledger) RecentIsOld(now time.Time) bool {
	if l.dir == "" || l.disk == nil {
		return false
	}
	kept, err := os.Stat(recentFile(l.dir))
	if err != nil {
		return true
	}
	written, err := l.disk.Stat()
	return err == nil && kept.ModTime().Before(written.ModTime()) || now.Sub(kept.ModTime()) > recentAge
}

// recentAge is how long a scan that finds nothing new leaves what is recent as it is.
const recentAge = 5 * time.Minute

// ReadRecent returns what is recent in the ledger in dir. It fails if there is none.
func ReadRecent(dir string) (Recent, error) {
	b, err := os.ReadFile(recentFile(dir))
	if err != nil {
		return Recent{}, err
	}
	if len(b) < 4 || checksum(b[4:]) != binary.LittleEndian.Uint32(b) {
		return Recent{}, fmt.Errorf("%w: what is recent", ErrDamaged)
	}
	d := decoder{s: string(b[4:])}
	if d.uint() != version {
		return Recent{}, ErrNewer
	}
	r := Recent{At: time.Unix(d.int(), 0).UTC()}
	names := make([]string, d.count())
	for i := range names {
		names[i] = d.name()
	}
	if d.count() != 1 || d.uint() != 0 {
		d.fail() // it is one group without tallies
	}
	n := d.countOf(leastCell)
	cells := cellDecoder{decoder: decoder{s: d.s, at: d.at, bad: d.bad}, names: names}
	for ; n > 0 && !cells.bad; n-- {
		cells.uint()
		cells.cell()
		r.Cells = append(r.Cells, cells.Cell.Cell)
	}
	return r, cells.err()
}
