package source

import "strconv"

// state is where a parser stands, told as texts one after another. What does not fit leaves it broken.
type state struct {
	texts  []string
	broken bool
}

func (s *state) put(texts ...string) { s.texts = append(s.texts, texts...) }

func (s *state) putCount(n int) { s.put(strconv.Itoa(n)) }

func (s *state) putBool(v bool) { s.put(map[bool]string{true: "1", false: ""}[v]) }

// text takes the next one.
func (s *state) text() string {
	if len(s.texts) == 0 {
		s.broken = true
		return ""
	}
	text := s.texts[0]
	s.texts = s.texts[1:]
	return text
}

// count takes a number that is at most as large as most.
func (s *state) count(most int) int {
	n, err := strconv.Atoi(s.text())
	if err != nil || n < 0 || n > most {
		s.broken = true
		return 0
	}
	return n
}

func (s *state) bool() bool { return s.text() != "" }
