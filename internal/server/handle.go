package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// reservedHandles are names that people would take for the server's own voice, or that addresses may need one day. Only
// the host can give them away.
var reservedHandles = strings.Fields(`about abuse account accounts admin administrator api app assets auth badge billing blog board boards bot card cdn
	connect contact dashboard default deleted device docs everybody everyone export feed ftp guest help host hostmaster info invite legal login logout
	mail me metrics mod moderator nobody null oauth official operator postmaster pricing privacy problems profile public registration root security
	server settings signin signout signup staff stats status static support system team terms test token tokenflex tokenflexd tokenflexing tokens u
	undefined user users web webmaster well-known www you your-place`)

func reserved(handle string) bool { return slices.Contains(reservedHandles, handle) }

// ValidName reports whether a profile may show the name: composed, without space around it, no longer than store.MaxName,
// and of characters that can be seen and do not turn the direction of others. None is fine too.
func ValidName(name string) bool {
	return utf8.ValidString(name) && norm.NFC.IsNormalString(name) && strings.TrimSpace(name) == name && utf8.RuneCountInString(name) <= store.MaxName &&
		strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unseen, r) }) < 0
}

// unseen are characters that count as printable and show nothing, or stick to others without end.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{{0x034f, 0x034f, 1}, {0x115f, 0x1160, 1}, {0x17b4, 0x17b5, 1}, {0x180b, 0x180f, 1}, {0x2800, 0x2800, 1}, {0x3164, 0x3164, 1},
		{0xfe00, 0xfe0f, 1}, {0xffa0, 0xffa0, 1}},
	R32: []unicode.Range32{{0xe0100, 0xe01ef, 1}},
}

// rename gives the reader another handle.
func (s *Server) rename(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	err = s.setHandle(w, r, who, strings.TrimSpace(r.PostForm.Get("handle")))
	for _, no := range []struct {
		err  error
		word string
	}{{errHandle, "handle"}, {store.ErrTaken, "handle-taken"}, {store.ErrTooSoon, "handle-soon"}} {
		if errors.Is(err, no.err) {
			return &redirect{page.PathSettings + "?wrong=" + no.word + "#name"}
		}
	}
	if err != nil {
		return err
	}
	return &redirect{page.PathSettings + "?done=handle#name"}
}

var errHandle = errors.New("not a handle")

// setHandle renames an account. A handle that nobody may take counts as taken. Tries are bounded, since they tell which
// names exist.
func (s *Server) setHandle(w http.ResponseWriter, r *http.Request, who store.Actor, handle string) error {
	if err := s.take(w, r, s.Limits.WrongCode, "handle "+who.Handle); err != nil {
		return err
	}
	switch {
	case !store.ValidHandle(handle):
		return errHandle
	case handle != who.Handle && reserved(handle):
		return store.ErrTaken
	}
	return s.Store.Rename(r.Context(), who, handle, s.Now())
}

// setName sets what the reader's page shows below the handle.
func (s *Server) setName(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	name := norm.NFC.String(strings.TrimSpace(r.PostForm.Get("name")))
	if !ValidName(name) {
		return &redirect{page.PathSettings + "?wrong=shown-name#name"}
	}
	if err := s.Store.SetName(r.Context(), who, name); err != nil {
		return err
	}
	return &redirect{page.PathSettings + "?done=name#name"}
}
