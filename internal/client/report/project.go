package report

import "strings"

// projectNames gives each recorded folder the shortest name that no other one has: its last part, with as many parents as
// that takes. Some tools record the last part alone: it is taken for the folder of that name if there is just one.
type projectNames map[string]string

func nameProjects(folders map[string]bool) projectNames {
	names := make(projectNames, len(folders))
	depth := make(map[string]int, len(folders))
	for f := range folders {
		depth[f] = 1
	}
	for changed := true; changed; {
		changed = false
		by := make(map[string][]string)
		for f, d := range depth {
			names[f] = tail(f, d)
			if strings.ContainsAny(f, `/\`) {
				by[names[f]] = append(by[names[f]], f)
			}
		}
		for _, same := range by {
			if len(same) == 1 {
				continue
			}
			for _, f := range same {
				if tail(f, depth[f]+1) != names[f] {
					depth[f]++
					changed = true
				}
			}
		}
	}
	return names
}

// forms are all names that a filter may call a folder by.
func (n projectNames) forms(folder string) []string {
	return []string{n.of(folder), tail(folder, 1), folder}
}

// of is the name of a folder.
func (n projectNames) of(folder string) string {
	if name, ok := n[folder]; ok {
		return name
	}
	return tail(folder, 1)
}

// tail is the last parts of a folder's path, whichever system it was written on.
func tail(folder string, parts int) string {
	if folder == "" {
		return none
	}
	all := strings.FieldsFunc(folder, func(r rune) bool { return r == '/' || r == '\\' })
	if len(all) == 0 {
		return folder
	}
	return strings.Join(all[max(0, len(all)-parts):], "/")
}
