package usage

// Band is the long-prompt price band of a request: the largest of Bands that its prompt is longer than, in tokens.
// Long-prompt prices apply per request while days are sums, so the band travels in the Key.
type Band int64

// Bands lists every band by its threshold, in prompt tokens. All known tiered prices start just above one of them.
var Bands = [...]Band{0, 128_000, 200_000, 272_000, 512_000}

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

// Valid reports whether b is one of Bands.
func (b Band) Valid() bool {
	for _, known := range Bands {
		if b == known {
			return true
		}
	}
	return false
}
