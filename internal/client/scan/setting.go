package scan

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/client/source"
)

// maxSettings is the most that is read of a file of settings, in bytes.
const maxSettings = 4 << 20

// set returns the roots that the user named in settings of a source. One that is not absolute is relative to something
// that only the tool knows, and is left alone.
func (m machine) set(s source.Source, a access, opened func(source, name string)) (roots []string) {
	for _, setting := range s.Settings {
		for _, name := range m.files(setting) {
			if _, err := a.stat(name); err != nil {
				continue
			}
			if opened != nil {
				opened(s.ID, name)
			}
			root := strings.TrimSpace(settingIn(name, setting.Key, a))
			if filepath.IsAbs(root) || strings.HasPrefix(root, "~") {
				roots = append(roots, root)
			}
		}
	}
	return roots
}

// files returns where a setting may be written.
func (m machine) files(s source.Setting) (names []string) {
	for _, name := range s.Files {
		names = append(names, m.places(name)...)
	}
	return names
}

// settingIn returns the text that a key has in a file of settings; "" if it has none or the file cannot be read.
func settingIn(name, key string, a access) (value string) {
	readSetting(name, key, a, func(w *jsonwalk.Walker) { value = string(w.Text()) })
	return value
}

// readSetting calls take in front of the value that a key has in a file of settings.
func readSetting(name, key string, a access, take func(w *jsonwalk.Walker)) {
	if w := settingsOf(name, a); w != nil {
		for k := range w.Members {
			if string(k) == key {
				take(w)
			}
		}
	}
}

// settingsOf stands in front of what a file of settings says; nil if it cannot be read.
func settingsOf(name string, a access) *jsonwalk.Walker {
	stream, err := a.open(name)
	if err != nil {
		return nil
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, maxSettings))
	if err != nil {
		return nil
	}
	return jsonwalk.New(withoutComments(bytes.TrimPrefix(text, byteOrderMark)))
}

// withoutComments puts blanks in the place of the comments in JSON, of both kinds.
func withoutComments(text []byte) []byte {
	const none, line, block, quoted = 0, 1, 2, 3
	state := none
	for i := 0; i < len(text); i++ {
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c := text[i]; {
		case state == quoted && c == '\\':
			i++
		case state == quoted && c == '"':
			state = none
		case state == quoted:
		case state == line && c == '\n':
			state = none
		case state == block && c == '*' && next == '/':
			state = none
			text[i], text[i+1] = ' ', ' '
		case state != none:
			text[i] = ' '
		case c == '"':
			state = quoted
		case c == '/' && next == '/':
			state = line
			text[i] = ' '
		case c == '/' && next == '*':
			state = block
			text[i], text[i+1] = ' ', ' '
		}
	}
	return text
}
