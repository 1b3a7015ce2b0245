package ledger

// GroupsWith returns the groups that have a cell which is wanted.
func (l *Ledger) GroupsWith(wanted func(source string, slot int64) bool) (map[uint32]bool, error) {
	found := make(map[uint32]bool)
	for i := range l.blocks {
		err := l.eachCell(i, func(group uint32, c *Cell) {
			if !found[group] && wanted(c.Source, slotOf(&c.Cell)) {
				found[group] = true
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
