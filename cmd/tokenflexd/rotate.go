package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// How many backups rotate keeps: the last of each of so many days, weeks and months that have one.
const (
	keepDays   = 7
	keepWeeks  = 4
	keepMonths = 12
)

const backupStamp = "20060102T150405Z"

var backupPattern = regexp.MustCompile(`^tokenflexd-(\d{8}T\d{6}Z)\.(db|dump)(\.age)?$`)

// backupName names a backup by its time in UTC, so that names sort by age.
func backupName(at time.Time, dump bool) string {
	end := ".db"
	if dump {
		end = ".dump"
	}
	return "tokenflexd-" + at.UTC().Format(backupStamp) + end
}

// rotate removes what is not worth keeping of a folder's backups. Other files are left alone.
func rotate(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for _, name := range stale(names) {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return err
}

// stale returns the backups among the names that are the last of no day, week or month that is kept.
func stale(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !backupPattern.MatchString(n) })
	slices.Sort(names)
	slices.Reverse(names) // newest first
	kept := make(map[string]bool)
	for _, rule := range []struct {
		most  int
		group func(time.Time) string
	}{
		{keepDays, func(t time.Time) string { return t.Format(time.DateOnly) }},
		{keepWeeks, func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, " ", w) }},
		{keepMonths, func(t time.Time) string { return t.Format("2006-01") }},
	} {
		groups := make(map[string]bool)
		for _, n := range names {
			at, err := time.Parse(backupStamp, backupPattern.FindStringSubmatch(n)[1])
			if err != nil {
				kept[n] = true // not one of ours after all
				continue
			}
			if g := rule.group(at); !groups[g] && len(groups) < rule.most {
				groups[g] = true
				kept[n] = true
			}
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return kept[n] })
}
