package usage

// Band is the long-prompt price band of a request: the largest of Bands that its prompt is longer than, in tokens.
// Long-prompt prices apply per request while days are sums, so the band travels in the Key.
type Band int64

// Bands lists every band by its threshold, in prompt tokens. All known prices by prompt length start just above one of them.
var Bands = [...]Band{0, 32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000}

// Common lists the bands that requests are told apart by whatever their model. The others are for the few models whose price
// starts there: a price that one of the common bands gets later can be worked out from days that are kept by now.
var Common = [...]Band{0, 128_000, 200_000, 272_000, 512_000}

// BandOf returns the band of one request with that many prompt tokens.
func BandOf(prompt int64) Band {
	b := Bands[0]
	for _, c := range Bands {
		if prompt > int64(c) {
			b = c
		}
	}
	return b
}

// Common returns the largest of the common bands that is not above b.
func (b Band) Common() Band {
	best := Common[0]
	for _, c := range Common {
		if c <= b {
			best = c
		}
	}
	return best
}

// Valid reports whether b is one of Bands.
func (b Band) Valid() bool {
	for _, known := range Bands {
		if b == known {
			return true
		}
	}
	return false
}
