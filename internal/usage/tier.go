package usage

// Tier is the service tier a request was billed at. A source that leaves it empty means Standard.
type Tier string

// The closed list of tiers, as on the wire and in the price book.
const (
	Standard Tier = "standard"
	Fast     Tier = "fast"
	Priority Tier = "priority"
	Flex     Tier = "flex"
	Batch    Tier = "batch"
)

// Tiers lists every tier.
var Tiers = [...]Tier{Standard, Fast, Priority, Flex, Batch}

// ParseTier returns the tier that a tool recorded under that name, and Standard for any name it does not know:
// tools write "default", "auto" and "" for it.
func ParseTier(s string) Tier {
	for _, t := range Tiers {
		if string(t) == s {
			return t
		}
	}
	return Standard
}

// Valid reports whether t is one of Tiers.
func (t Tier) Valid() bool {
	for _, known := range Tiers {
		if t == known {
			return true
		}
	}
	return false
}
