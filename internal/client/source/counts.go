package source

import "tokenflex.ing/internal/client/jsonwalk"

// counts takes the object ahead, and of its members the counters that are wanted, by name. Tools that changed a name write
// one of several; a zero does not replace what another name says.
func counts(w *jsonwalk.Walker, wanted map[string]*int64) {
	for key := range w.Members {
		count(w, key, wanted)
	}
}

// count takes the member ahead if it is a counter that is wanted, and reports whether it is.
func count(w *jsonwalk.Walker, key []byte, wanted map[string]*int64) bool {
	to, ok := wanted[string(key)]
	if !ok {
		return false
	}
	if n := w.Count(); n > 0 {
		*to = n
	}
	return true
}

// in lets take the value that is at the end of a path of keys below the object ahead, and skips the rest of it.
func in(w *jsonwalk.Walker, keys []string, take func(*jsonwalk.Walker)) {
	if len(keys) == 0 {
		take(w)
		return
	}
	for key := range w.Members {
		if string(key) == keys[0] {
			in(w, keys[1:], take)
		}
	}
}
