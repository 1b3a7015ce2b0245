package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// sketching makes the sketches of what a sync sends. The zero one makes none.
type sketching struct {
	key  []byte
	from scan.Options // that the ledger was brought up to date with
}

// sketching returns what makes sketches of what was found, if the site gave the device a key and the ledger holds all of it.
func (a *App) sketching(s settings, acc account, home string, found *scan.Result) sketching {
	key, err := base64.StdEncoding.DecodeString(acc.device.SketchKey)
	o, missing := a.scanOptions(s, home)
	if err != nil || missing != nil || len(key) == 0 || !found.Kept {
		return sketching{}
	}
	return sketching{key, o}
}

// name tells the key from others without telling it.
func (by sketching) name() string {
	if len(by.key) == 0 {
		return ""
	}
	sum := sha256.Sum256(by.key)
	return hex.EncodeToString(sum[:6])
}

// sketches are of all cells that rows name. Where the ledger cannot be read there are none, and the site compares whole days.
func (by sketching) sketches(rows []wire.Day) []wire.Sketch {
	if len(by.key) == 0 || len(rows) == 0 {
		return nil
	}
	cells := make(map[string]bool)
	for _, r := range rows {
		cells[cell(r)] = true
	}
	sketcher := payload.NewSketcher(by.key)
	err := scan.Identify(by.from, func(day, source string) bool { return cells[day+" "+source] }, func(r usage.Record) {
		sketcher.Add(r.Source, r.ID, r.Time)
	})
	if err != nil {
		return nil
	}
	return sketcher.Sketches()
}
