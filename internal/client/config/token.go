package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Device is this machine's place in an account on one site, and the token that proves it.
type Device struct {
	Token    string `json:"token"`
	Handle   string `json:"handle"`
	Name     string `json:"device"`
	ID       int64  `json:"device_id"`
	SignedIn string `json:"signed_in"` // YYYY-MM-DD
	// SketchKey is what sketches are made with, in base64; empty if the site takes none.
	SketchKey string `json:"sketch_key,omitempty"`
}

// ErrExposed means that others can read the token file, so it is not used.
type ErrExposed struct {
	Path string
	Mode fs.FileMode
}

func (e *ErrExposed) Error() string {
	return fmt.Sprintf("%s can be read by others (%#o): not used", filepath.Base(e.Path), e.Mode)
}

// TokenFile is where the device tokens are kept: one a site.
func (p Paths) TokenFile() string { return filepath.Join(p.Config, "tokens.json") }

// Device returns this machine's device on the site; false if it is not signed in there.
// A token is only ever given out for the site that minted it.
func (p Paths) Device(site Site) (Device, bool, error) {
	all, err := p.devices()
	d, ok := all[site.String()]
	return d, ok, err
}

// SaveDevice keeps the device for the site, readable by its owner alone.
func (p Paths) SaveDevice(site Site, d Device) error {
	unlock, err := lockBriefly(p.TokenFile() + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	all, err := p.devices()
	if err != nil {
		return err
	}
	all[site.String()] = d
	return p.saveDevices(all)
}

// ForgetDevice removes the site's device.
func (p Paths) ForgetDevice(site Site) error {
	unlock, err := lockBriefly(p.TokenFile() + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	all, err := p.devices()
	if err != nil {
		return err
	}
	delete(all, site.String())
	return p.saveDevices(all)
}

func (p Paths) devices() (map[string]Device, error) {
	path := p.TokenFile()
	all := make(map[string]Device)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return all, fmt.Errorf("read tokens: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return all, &ErrExposed{path, mode}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return all, fmt.Errorf("read tokens: %w", err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return map[string]Device{}, fmt.Errorf("%s is damaged; move it away and sign in again", path)
	}
	return all, nil
}

func (p Paths) saveDevices(all map[string]Device) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(p.TokenFile(), append(b, '\n'))
}
