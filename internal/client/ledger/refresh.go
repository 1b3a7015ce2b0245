package ledger

// Refresh returns the ledger as it is on disk now, to go on with after a scan: the same one, to which what was written since is
// added, or a new one if that is another generation or what was not saved has to be forgotten. The old one is closed then. One
// that is never saved stays as it is.
func (l *Ledger) Refresh() (*Ledger, error) {
	if l.dir == "" {
		return l, nil
	}
	n, err := newest(l.dir)
	if err != nil || l.disk == nil || n != l.generation || l.rewriting || !l.appended && l.Unsaved() {
		l.Close()
		return Open(l.dir)
	}
	if l.appended {
		l.forget()
	}
	l.told = nil
	end := l.end
	if err := l.load(); err != nil {
		l.Close()
		return Open(l.dir)
	}
	if l.end > end {
		l.ready, l.regrouped = counted{}, true
	}
	return l, nil
}

// forget lets go of changes that are on disk, from where they are read again.
func (l *Ledger) forget() {
	l.groups, l.order = l.groups[:l.settled], nil
	l.changed, l.removed, l.dropped, l.appended = changes{}, nil, nil, false
	l.spill.close()
	l.spill = newSpill()
}
