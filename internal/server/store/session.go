package store

import "time"

// Fresh is how long after signing in a session may do what is dangerous.
const Fresh = 10 * time.Minute

// Session is a browser that signs in.
type Session struct {
	Secret  Hash
	ID      string // a UUID
	Way     string // how it is opened: link, passkey, or the id of a provider
	Agent   string // what browser it says it is, roughly; empty: not known
	At      time.Time
	Expires time.Time     // at the latest
	Idle    time.Duration // unused for longer, it ends
}

// OpenSession is what is known of a browser that is signed in.
type OpenSession struct {
	ID      string
	Way     string
	Agent   string
	At      time.Time // when it signed in
	SeenAt  time.Time // to the hour
	Expires time.Time
}
