// Package jsonwalk walks raw JSON bytes to the keys a caller wants and skips everything else without decoding or copying it.
//
// A Walker stands in front of one value. The caller takes that value with Text, Count, True, Members or Elements; what it
// leaves alone is skipped. Skipping follows strings and brackets only, so a walk accepts some bytes that are not quite JSON,
// but it reads everything that is JSON as encoding/json does: escaped keys, any white space, broken UTF-8, every number.
//
//	w := jsonwalk.New(line)
//	for key := range w.Members {
//		switch string(key) {
//		case "model":
//			model = string(w.Text())
//		case "usage":
//			for key := range w.Members { … }
//		}
//	}
//	return w.End()
//
// Of duplicate keys each is visited, so that plain assignment keeps the last one.
package jsonwalk
