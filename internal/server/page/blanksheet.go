package page

import (
	"strconv"

	"tokenflex.ing/internal/wire"
)

func (v Connect) sheet(Site) sheet {
	return sheet{name: "connect", Title: "Connect a machine", Nav: PathConnect}
}

func (v NotFound) sheet(Site) sheet {
	return sheet{name: "notfound", Title: "Not found", Private: true, Bare: true}
}

// errorBody is an Error in words.
type errorBody struct {
	Status, Request       string
	Heading, What, Advice string
	Wait                  string // until the next try; empty: not said
	Again                 bool   // trying again may help
}

func (v Error) sheet(Site) sheet {
	b := errorBody{Status: strconv.Itoa(v.Status), Request: v.Request}
	b.Heading, b.What, b.Again = v.words()
	if v.Retry > 0 {
		b.Wait = waitWords(v.Retry)
	}
	b.Advice = "If it goes on, tell the people who run this server what you did."
	if v.Request != "" {
		b.Advice = "If it goes on, tell the people who run this server the request number above."
	}
	return sheet{name: "error", Title: b.Heading, Private: true, Bare: true, Body: b}
}

func (v Error) words() (heading, what string, again bool) {
	switch {
	case v.Status == 403:
		return "That came from elsewhere", "The form was not sent from a page of this site, so nothing was done. Open the page here and send it again.", false
	case v.Status == 405:
		return "Wrong way in", "This address does not take that kind of request. Nothing was done.", false
	case v.Status == 413:
		return "Too much paper", "The request is larger than this page takes. Nothing was done.", false
	case v.Status == 429:
		return "One line at a time", "Too many requests came from where you are. Nothing is broken.", true
	case v.Status >= 400 && v.Status < 500:
		return "That cannot be read", "The request does not make sense to this page. Nothing was done.", false
	case v.Status == 503:
		return "The printer jammed", "The server is busy and did not finish this page. Nothing you sent was lost; clients try again by themselves.", true
	}
	return "The printer jammed", "The server made a mistake and did not finish this page. It is in its log.", true
}

// problemBody is a Problem in words.
type problemBody struct {
	Code, Heading, Meaning, Remedy string
	Status                         int
}

func (v Problem) sheet(Site) sheet {
	t := problemTexts[v.Code]
	return sheet{name: "problem", Title: t.title, Nav: PathProblems + string(v.Code),
		Body: problemBody{string(v.Code), t.title, t.meaning, t.remedy, t.status}}
}

// problemText explains a code. Its title is the one of the API's answer.
type problemText struct {
	status                 int
	title, meaning, remedy string
}

var problemTexts = map[wire.Code]problemText{
	wire.Malformed: {400, "The request cannot be read",
		"It is not one JSON document as the API describes it: broken off, nested too deep, followed by something else, with a member twice, or not UTF-8.",
		"Update tokenflexing. If you wrote the client yourself, compare what it sends with the API description."},
	wire.Unauthorized: {401, "The token is not known here",
		"There was no token, or it is unknown, expired or revoked. The answer is the same for all of them.",
		"Run: tokenflexing login"},
	wire.Scope: {403, "Not allowed",
		"The token is good, but was made for less than this request asks.",
		"A device's token adds counts and reads its own summary, nothing else. Everything else is done in the browser."},
	wire.Suspended: {403, "The account is suspended",
		"Somebody who runs this server has stopped this account. What it sent before is kept.",
		"Ask the people who run this server."},
	wire.ClientOutdated: {403, "The client is too old",
		"This version of tokenflexing, or of one of its parsers, counts in a way that this server no longer takes.",
		"Update tokenflexing, then run: tokenflexing sync"},
	wire.NotFound: {404, "Not found",
		"The address or the name does not exist, or its owner keeps it private. Both get this same answer.",
		"Check the spelling. Nothing else can be told."},
	wire.BadMethod: {405, "The method is not allowed",
		"The address exists, but not for this HTTP method.",
		"The answer's Allow header lists the methods that do."},
	wire.StaleSeq: {409, "A later upload of this device came before",
		"Uploads of a device are numbered so that an old one cannot roll its days back. This number was passed already.",
		"tokenflexing sorts this out by itself at its next sync. If it does not, two machines share one token: log in on one of them again."},
	wire.Conflict: {409, "It cannot be had now",
		"A handle belongs to somebody, did a short while ago, or was changed less than 30 days ago; or there are too many devices or tokens already.",
		"The answer says which. Take another handle, or revoke what is not used."},
	wire.TooLarge: {413, "The upload is too large",
		"It has more rows or bytes than one request may have, or unpacks to far more than it is.",
		"Send the days in several requests, as tokenflexing does."},
	wire.MediaType: {415, "The media type is not taken",
		"The body must be application/json, plain or in one layer of gzip or zstd.",
		"Set Content-Type and Content-Encoding to what the body is."},
	wire.InvalidRows: {422, "The upload has invalid values",
		"At least one row has a value outside its range, names the same key as another, or lies beyond what one person can use in a day. None of the request was stored.",
		"The answer lists the places. If tokenflexing sent it, run: tokenflexing sync --dry-run and compare, then report the tool it came from."},
	wire.RateLimited: {429, "Too many requests",
		"This token, account or network has sent more than its share for now.",
		"Wait as long as the Retry-After header says. Nothing was lost: the next sync sends everything."},
	wire.Internal: {500, "Internal error",
		"Something happened that should not. The details are in the server's log, under the number in the answer.",
		"Try again later, and tell the people who run this server that number."},
	wire.Busy: {503, "Busy",
		"It could not take the request in time.",
		"Wait as long as the Retry-After header says. Nothing was lost: the next sync sends everything."},
	wire.StorageFull: {503, "The server has no room left",
		"The disk of the server's database is full, so nothing new can be stored. What was stored before is safe.",
		"The people who run this server must make room. Nothing was lost: the next sync sends everything."},
}
