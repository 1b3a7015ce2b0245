package page

import (
	"net/http"
	"net/url"
)

func (v SignIn) sheet(Site) sheet {
	return sheet{name: "signin", Title: "Sign in", Nav: PathSignIn, Private: true, Bare: true, Passkeys: v.Passkey != nil, Body: struct {
		SignIn
		Heading string
		Links   []wayLink
	}{v, v.heading(), wayLinks(v.Ways, "next", v.Next)}}
}

// wayLink leads to a provider.
type wayLink struct{ Name, URL string }

// wayLinks are links with one parameter, if it has a value.
func wayLinks(ways []Way, parameter, value string) []wayLink {
	var all []wayLink
	for _, w := range ways {
		address := PathSignInWith + url.PathEscape(w.ID)
		if value != "" && value != PathBoard {
			address += "?" + url.Values{parameter: {value}}.Encode()
		}
		all = append(all, wayLink{w.Name, address})
	}
	return all
}

func (v SignIn) heading() string {
	switch {
	case v.Again != "":
		return "Still you?"
	case len(v.Ways) > 0 || v.User != "" || v.Passkey != nil:
		return "Sign in"
	}
	return "Sign in by a link"
}

func (v SignInLink) sheet(site Site) sheet {
	return sheet{name: "signinlink", Title: "Sign in", Nav: PathSignIn, Private: true, Bare: true, Body: struct {
		SignInLink
		Left string
	}{v, waitWords(v.Expires.Sub(site.Now))}}
}

func (v SignInSpent) sheet(Site) sheet {
	return sheet{name: "signinspent", Title: "This link is spent", Nav: PathSignIn, Private: true, Bare: true, Body: v}
}

// refusals are what SignInRefused says: a heading, what happened, and what to do.
var refusals = map[RefusedReason]struct {
	status          int
	what, next, why string
}{
	RefusedDeclined:   {http.StatusForbidden, "You did not agree", "Try again", "or take another way."},
	RefusedUnlisted:   {http.StatusForbidden, "You are on no list here", "Ask for an invitation", "This server takes people of some groups or mail domains only. Whoever runs it can say which."},
	RefusedUnverified: {http.StatusForbidden, "Your mail address is not verified", "Verify it there", "and come back."},
	RefusedUnproven:   {http.StatusBadRequest, "That did not begin here", "Start again", "It took too long, came twice, or was begun in another browser."},
	RefusedSilent:     {http.StatusBadGateway, "No answer from there", "Try again in a while", "or take another way."},
	RefusedClosed:     {http.StatusForbidden, "No account for you yet", "Ask for an invitation", "Whoever runs this server makes a link with tokenflexd admin invite. Signed in by it, you can add this way under Your place."},
	RefusedSuspended:  {http.StatusForbidden, "This account is suspended", "Ask the people who run this server", ""},
}

// Status is the HTTP status that goes with the reason.
func (v SignInRefused) Status() int { return refusals[v.Reason].status }

func (v SignInRefused) sheet(Site) sheet {
	r := refusals[v.Reason]
	return sheet{name: "signinrefused", Title: r.what, Nav: PathSignIn, Private: true, Bare: true, Body: struct {
		Heading, Provider, Next, Why string
	}{r.what, v.Provider, r.next, r.why}}
}

func (v NewAccount) sheet(Site) sheet {
	return sheet{name: "newaccount", Title: "Choose a handle", Nav: PathSignIn, Private: true, Bare: true, Body: struct {
		NewAccount
		What, Why string
	}{v, handleErrors[v.Error][0], handleErrors[v.Error][1]}}
}

var handleErrors = map[HandleError][2]string{
	HandleInvalid: {"That is no handle", "1 to 39 of a to z, 0 to 9 and dashes inside."},
	HandleTaken:   {"That one is not free", "Somebody has it, or had it a short while ago."},
}

func (v SignedOut) sheet(Site) sheet {
	return sheet{name: "signedout", Title: "Signed out", Private: true, Bare: true, Body: v}
}
