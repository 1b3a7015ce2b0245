package usage

// BareModel is a model's name without the date at its end, "-20250929": what people call it.
func BareModel(name string) string {
	at := len(name) - len("-20060102")
	if at <= 0 || name[at] != '-' {
		return name
	}
	for _, c := range name[at+1:] {
		if c < '0' || c > '9' {
			return name
		}
	}
	if date := name[at+1:]; date < "20000101" || date[4:6] > "12" || date[6:] > "31" {
		return name
	}
	return name[:at]
}
