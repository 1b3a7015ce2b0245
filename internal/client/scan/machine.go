package scan

import (
	"path/filepath"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/source"
)

// machine is where a person's folders are.
type machine struct {
	home   string
	getenv func(string) string
	goos   string
	guests []string // further systems that the home is of
}

// guests returns the systems other than goos that have been at home in a folder: one that was brought from there, or that
// lies on another system's disk.
func guests(home, goos string, a access) (found []string) {
	for _, system := range []struct{ goos, folder string }{
		{"darwin", "Library/Application Support"}, {"windows", "AppData/Roaming"}, {"windows", "AppData/Local"}, {"linux", ".config"}, {"linux", ".local/share"},
	} {
		if _, err := a.stat(filepath.Join(home, filepath.FromSlash(system.folder))); err == nil && system.goos != goos && !slices.Contains(found, system.goos) {
			found = append(found, system.goos)
		}
	}
	return found
}

// places returns the places that a root of a source means, one for each system that has such a place.
func (m machine) places(root string) (all []string) {
	for _, goos := range append([]string{m.goos}, m.guests...) {
		of := m
		of.goos = goos
		if place := of.expand(root); place != "" && !slices.Contains(all, place) {
			all = append(all, place)
		}
	}
	return all
}

// expand returns the place a root of a source means, or "" if there is none on this system.
func (m machine) expand(root string) string {
	first, rest, _ := strings.Cut(root, "/")
	if m.goos != "darwin" && first == "~" && (rest == "Library" || strings.HasPrefix(rest, "Library/")) {
		return ""
	}
	base := first
	switch {
	case first == "~":
		base = m.home
	case strings.HasPrefix(first, "$"):
		base = m.folder(first[1:])
	}
	if base == "" && first != "" {
		return ""
	}
	return filepath.Clean(base + string(filepath.Separator) + filepath.FromSlash(rest))
}

// folder returns the folder that a variable names, or its default.
func (m machine) folder(name string) string {
	switch name {
	case "APPCONFIG":
		switch m.goos {
		case "windows":
			return m.folder("APPDATA")
		case "darwin":
			return m.below("Library/Application Support")
		}
		return m.folder("XDG_CONFIG_HOME")
	case "APPDATA", "LOCALAPPDATA":
		if m.goos != "windows" {
			return ""
		}
	}
	if set := m.getenv(name); filepath.IsAbs(set) {
		return set
	}
	return m.below(map[string]string{"XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share", "XDG_STATE_HOME": ".local/state",
		"APPDATA": "AppData/Roaming", "LOCALAPPDATA": "AppData/Local"}[name])
}

func (m machine) below(folder string) string {
	if m.home == "" || folder == "" {
		return ""
	}
	return filepath.Join(m.home, filepath.FromSlash(folder))
}

// overrides returns the roots that the environment names instead of a place's own, and the variables that name them.
func (m machine) overrides(p source.Place, a access) (roots, names []string) {
	for _, e := range p.Env {
		value := strings.TrimSpace(m.getenv(e.Name))
		if value == "" {
			continue
		}
		names = append(names, e.Name)
		for _, root := range m.split(value, e.PathList, a) {
			if e.Home && !filepath.IsAbs(root) && !strings.HasPrefix(root, "~") {
				root = filepath.Join(m.home, root)
			}
			roots = append(roots, filepath.Join(m.named(root), filepath.FromSlash(e.Below)))
		}
	}
	return roots, names
}

// split cuts a value into folders. A folder whose name has a comma in it stays whole.
func (m machine) split(value string, pathList bool, a access) []string {
	if _, err := a.stat(m.named(value)); err == nil {
		return []string{value}
	}
	list := ','
	if pathList && m.goos == "windows" {
		list = ';'
	} else if pathList {
		list = ':'
	}
	var roots []string
	for _, root := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == list }) {
		if root = strings.TrimSpace(root); root != "" {
			roots = append(roots, root)
		}
	}
	return roots
}

// named returns the place that a person wrote down.
func (m machine) named(root string) string {
	if root == "~" || strings.HasPrefix(root, "~/") || strings.HasPrefix(root, `~\`) {
		return filepath.Join(m.home, root[1:])
	}
	if whole, err := filepath.Abs(root); err == nil {
		return whole
	}
	return root
}

// short returns the name with ~ for the home.
func (m machine) short(name string) string {
	if rest, ok := strings.CutPrefix(name, m.home+string(filepath.Separator)); ok && m.home != "" {
		return "~" + string(filepath.Separator) + rest
	}
	return name
}
