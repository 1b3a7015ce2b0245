package server

import "net/http"

// picturePolicy lets a picture do nothing, wherever it is opened.
const picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// writePicture answers with a picture, which pages elsewhere may keep for five minutes.
func writePicture(w http.ResponseWriter, r *http.Request, d document) {
	w.Header().Set("Cache-Control", "public, max-age=300")
	d.write(w, r)
}
