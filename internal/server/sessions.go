package server

import (
	"net/http"

	"tokenflex.ing/internal/server/page"
)

// otherSessions stands for all of the reader's sessions but the one that asks.
const otherSessions = "others"

// endOneSession ends a session of the reader, or all but theirs. Nobody has to prove who they are to throw somebody out.
func (s *Server) endOneSession(w http.ResponseWriter, r *http.Request) error {
	who, err := s.change(w, r)
	if err != nil {
		return err
	}
	if id := r.PathValue("id"); id == otherSessions {
		err = s.Store.EndOtherSessions(r.Context(), who, s.Now())
	} else {
		err = s.Store.EndSession(r.Context(), who, id, s.Now())
	}
	if err != nil {
		return err
	}
	return &redirect{page.PathSettings + "?done=ended#session"}
}
