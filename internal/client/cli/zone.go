package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines that have no zone files of their own
)

// zone is the time zone of a report: the one asked for, else the config's, else the machine's.
func (a *App) zone(flag, configured string) (*time.Location, error) {
	switch {
	case flag != "":
		return loadZone("--timezone "+flag, flag)
	case configured != "":
		return loadZone(fmt.Sprintf("timezone = %q", configured), configured)
	}
	return a.machineZone(), nil
}

func loadZone(said, name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" || name == "" {
		return nil, usageError(said+" is not a time zone", "write one like Europe/Berlin, America/New_York or UTC")
	}
	return zone, nil
}

// machineZone is the machine's zone under its IANA name, which Go does not tell.
func (a *App) machineZone() *time.Location {
	names := []string{strings.TrimPrefix(a.Getenv("TZ"), ":")}
	if link, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		_, name, _ := strings.Cut(filepath.ToSlash(link), "zoneinfo/")
		names = append(names, name)
	}
	if b, err := os.ReadFile("/etc/timezone"); err == nil {
		names = append(names, strings.TrimSpace(string(b)))
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return plainUTC(zone)
		}
	}
	return plainUTC(time.Local)
}

// plainUTC calls the zones that never differ from UTC by that name.
func plainUTC(zone *time.Location) *time.Location {
	switch zone.String() {
	case "Etc/UTC", "Etc/Universal", "Etc/Zulu", "UCT", "Zulu", "Universal":
		return time.UTC
	}
	return zone
}
