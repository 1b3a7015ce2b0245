package scan

import (
	"path"
	"path/filepath"
	"slices"
	"time"

	"tokenflex.ing/internal/client/source"
)

// retention is after how long a tool deletes what it left in its folders.
type retention struct {
	days    int    // 0: it does not, or it is not known
	in      string // the file of settings that says so, absolute; empty if none does
	managed bool   // by whoever manages the machine, so that the user's own settings change nothing
	trimmed string // what it deletes whatever is set
}

// retains finds what settings say of a source. Of several folders the one counts whose files go first. In a home that was brought
// here nobody manages this machine's tools.
func (m machine) retains(f *find, brought bool, a access, opened func(source, name string)) retention {
	r := f.source.Retention
	kept := retention{days: r.Days}
	if r.Within != "" && slices.ContainsFunc(f.files, func(c candidate) bool { return path.Base(c.path) == r.Within }) {
		kept.trimmed = r.Trimmed
	}
	if r.Said == nil {
		return kept
	}
	said := func(name string) (of retention, ok bool) {
		if info, err := a.stat(name); err != nil || !info.Mode().IsRegular() {
			return of, false
		}
		if opened != nil {
			opened(f.source.ID, name)
		}
		if w := settingsOf(name, a); w != nil {
			of.days, ok = r.Said(w)
		}
		of.in, of.trimmed = name, kept.trimmed
		return of, ok
	}
	if !brought {
		for _, name := range m.managed(r, a) {
			if of, ok := said(name); ok {
				of.managed = true
				return of
			}
		}
	}
	for i, root := range f.own {
		of := retention{days: r.Days, trimmed: kept.trimmed}
		for _, below := range r.Settings {
			if says, ok := said(filepath.Join(root, below)); ok {
				of = says
				break
			}
		}
		if i == 0 || of.days > 0 && (kept.days == 0 || of.days < kept.days) {
			kept = of
		}
	}
	return kept
}

// overdue is how many of the tool's files are older than it keeps any: it was not started since.
func (f *find) overdue(now time.Time) (n int) {
	if f.retention.days == 0 || now.IsZero() {
		return 0
	}
	for _, c := range f.files[:f.ownFiles] {
		if now.Sub(time.Unix(0, c.stamp.Modified)) > time.Duration(f.retention.days)*24*time.Hour {
			n++
		}
	}
	return n
}

// managed are the files in which whoever manages the machine may have settings of a tool, the one that counts most first.
func (m machine) managed(r source.Retention, a access) (names []string) {
	for _, pattern := range r.Managed {
		for _, name := range m.places(pattern) {
			if literal(filepath.Base(name)) {
				names = append(names, name)
				continue
			}
			entries, _ := a.readDir(filepath.Dir(name))
			for _, e := range slices.Backward(entries) {
				if ok, _ := filepath.Match(filepath.Base(name), e.Name()); ok {
					names = append(names, filepath.Join(filepath.Dir(name), e.Name()))
				}
			}
		}
	}
	return names
}
