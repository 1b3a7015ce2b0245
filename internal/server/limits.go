package server

import "time"

// Limit lets Burst requests through at once and then one every Every.
type Limit struct {
	Name  string
	Every time.Duration
	Burst int
	Reads bool // what it bounds only reads: better answered too often than not at all
}

// NewDevice is how long a device may send as many rows as it has: its history.
const NewDevice = 48 * time.Hour

// Limits bound how much anybody may ask.
type Limits struct {
	Anonymous   Limit // pages and public JSON, per address
	Picture     Limit // badges and cards, per address: those that pages elsewhere show come through few
	Token       Limit // other API requests of a token
	IngestToken Limit // uploads of a token
	IngestUser  Limit // uploads of an account
	Rows        Limit // rows in uploads of an account, once a device is older than NewDevice
	DeviceCode  Limit // new device codes, per address
	DevicePoll  Limit // polls and revocations, per address
	WrongCode   Limit // wrong user codes of an account
	Lookup      Limit // wrong user codes, per address
	AllCodes    Limit // wrong user codes of everybody: while there are more, new codes are longer
	Export      Limit // exports of an account
	SignIn      Limit // one-time links tried, per address
	InFlight    int64 // requests at once, all together
}

// DefaultLimits suit one instance in front of people and their clients.
func DefaultLimits() Limits {
	return Limits{
		Anonymous:   Limit{"anonymous", time.Minute / 120, 120, true},
		Picture:     Limit{"picture", time.Minute / 600, 600, true},
		Token:       Limit{"token", time.Minute / 120, 120, true},
		IngestToken: Limit{"ingest-token", time.Hour / 30, 10, false},
		IngestUser:  Limit{"ingest-user", time.Hour / 60, 30, false},
		Rows:        Limit{"rows", 24 * time.Hour / 50_000, 50_000, false},
		DeviceCode:  Limit{"device-code", time.Hour / 10, 10, false},
		DevicePoll:  Limit{"device-poll", time.Second / 2, 120, false},
		WrongCode:   Limit{"wrong-code", 2 * time.Minute, 5, false},
		Lookup:      Limit{"lookup", time.Hour / 10, 10, false},
		AllCodes:    Limit{"all-codes", 10 * time.Minute / 2000, 2000, false},
		Export:      Limit{"export", 12 * time.Hour, 2, false},
		SignIn:      Limit{"sign-in", time.Minute, 10, false},
		InFlight:    256,
	}
}

// Scale multiplies what is let through, for many people behind one address.
func (l Limits) Scale(factor int) Limits {
	for _, each := range l.all() {
		each.Every /= time.Duration(factor)
		each.Burst *= factor
	}
	l.InFlight *= int64(factor)
	return l
}

func (l *Limits) all() []*Limit {
	return []*Limit{&l.Anonymous, &l.Picture, &l.Token, &l.IngestToken, &l.IngestUser, &l.Rows, &l.DeviceCode, &l.DevicePoll, &l.WrongCode, &l.Lookup, &l.AllCodes, &l.SignIn, &l.Export}
}
