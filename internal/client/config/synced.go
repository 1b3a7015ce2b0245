package config

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Synced is what one site last confirmed: enough to send only what changed, and to say how things stand without asking.
type Synced struct {
	Device  int64          `json:"device_id"` // the device that Rows were confirmed for
	LastSeq int64          `json:"last_seq"`
	At      time.Time      `json:"at"`
	Rank    int64          `json:"rank,omitempty"` // on the month's board, at that time; 0: on none
	Rows    map[string]Row `json:"rows"`           // each confirmed row, by its name
	// Sketched names the key that all rows were sent with sketches of; empty: some have none.
	Sketched string   `json:"sketched,omitempty"`
	Pending  *Pending `json:"pending"` // what a dry run showed and the next sync sends
}

// Row is what is remembered of a confirmed row.
type Row struct {
	Cell   string `json:"cell"`   // the day and source it belongs to
	Digest string `json:"digest"` // tells its versions apart
	Tokens int64  `json:"tokens"`
}

// Pending is the identity of a request that was shown but not yet sent.
type Pending struct {
	SyncIDs []string  `json:"sync_ids"` // one a request
	Seq     int64     `json:"seq"`      // of the first request
	Digest  string    `json:"digest"`   // of the rows it was shown with
	At      time.Time `json:"at"`
}

// Synced returns what the site last confirmed. A missing or damaged file is nothing confirmed: all days are sent again.
func (p Paths) Synced(site Site) Synced {
	return p.allSynced()[site.String()]
}

// SyncLock is held by whoever syncs, from reading what was confirmed to writing it: two at once would send the same rows under
// the same number.
func (p Paths) SyncLock() string { return filepath.Join(p.State, "sync.lock") }

// SaveSynced keeps what the site confirmed.
func (p Paths) SaveSynced(site Site, s Synced) error {
	unlock, err := lockBriefly(p.syncedFile() + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	all := p.allSynced()
	all[site.String()] = s
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return writePrivate(p.syncedFile(), append(b, '\n'))
}

func (p Paths) syncedFile() string { return filepath.Join(p.State, "synced.json") }

func (p Paths) allSynced() map[string]Synced {
	all := make(map[string]Synced)
	b, err := os.ReadFile(p.syncedFile())
	if errors.Is(err, fs.ErrNotExist) || json.Unmarshal(b, &all) != nil || all == nil {
		return make(map[string]Synced)
	}
	return all
}
