package server

import (
	"net/http"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/wire"
)

// kind is who may ask a route and how it is answered when something is wrong.
type kind int

const (
	public  kind = iota // anonymous JSON, readable from any origin
	bearer              // JSON for the holder of a token; cookies are ignored
	owner               // JSON for the holder of a token or of a session
	oauth               // the device flow's JSON
	browser             // HTML; tokens are ignored
	picture             // anonymous images for pages elsewhere; cookies and tokens are ignored
	open                // neither limited nor counted: probes and static files
)

// route is one line of the table. Unknown query parameters are refused where params is not nil.
type route struct {
	pattern string
	kind    kind
	handle  func(http.ResponseWriter, *http.Request) error
	params  []string
}

func (s *Server) routes() []route {
	none := []string{}
	return []route{
		{"POST " + wire.PathUsage, bearer, s.putUsage, none},
		{"GET " + wire.PathMe, bearer, s.getMe, none},
		{"GET " + wire.PathMyDays, bearer, s.getMyDays, []string{"from", "to"}},
		{"DELETE " + wire.PathMyDays, bearer, s.forgetMyDays, []string{"from", "to", "source", "device"}},
		{"PATCH " + wire.PathMe, owner, s.patchMe, none},
		{"GET " + wire.PathExport, owner, s.getExport, []string{"format"}},
		{"DELETE " + wire.PathMe, owner, s.deleteMe, none},
		{"GET " + wire.PathMyTokens, owner, s.getMyTokens, none},
		{"POST " + wire.PathMyTokens, owner, s.postMyToken, none},
		{"DELETE " + wire.PathMyTokens + "/{id}", owner, s.deleteMyToken, none},
		{"GET " + wire.PathMyDevices, owner, s.getMyDevices, none},
		{"DELETE " + wire.PathMyDevices + "/{id}", owner, s.deleteMyDevice, []string{"keep"}},
		{"GET " + wire.PathLeaderboard, public, s.getLeaderboard, []string{"period", "metric", "source", "family", "limit", "cursor"}},
		{"GET " + wire.PathMyRank, bearer, s.getMyRank, []string{"period", "metric", "source", "family"}},
		{"GET " + wire.PathStats, public, s.getStats, []string{"period"}},
		{"GET " + wire.PathRepricings, public, s.getRepricings, none},
		{"GET " + wire.PathUsers + "{handle}", public, s.getUser, none},
		{"GET " + wire.PathUsers + "{handle}/days", public, s.getUserDays, []string{"from", "to"}},
		{"GET " + wire.PathPricing, public, s.getPricing, none},
		{"GET " + wire.PathModels, public, s.getModels, none},
		{"GET " + wire.PathSources, public, s.getSources, none},
		{"GET " + wire.PathOpenAPI, public, s.getOpenAPI, none},
		{"GET " + wire.PathDiscovery, public, s.getDiscovery, none},
		{"GET " + wire.PathOAuth, public, s.getOAuth, none},

		{"POST " + wire.PathDeviceCode, oauth, s.postDeviceCode, nil},
		{"POST " + wire.PathDeviceToken, oauth, s.postDeviceToken, nil},
		{"POST " + wire.PathRevoke, oauth, s.postRevoke, nil},

		{"GET /{$}", browser, s.boardPage, []string{"period", "metric", "source", "family", "cursor"}},
		{"GET " + page.PathProfile + "{handle}", browser, s.profilePage, []string{"year"}},
		{"GET " + page.PathBadge + "{file}", picture, s.getBadge, []string{"metric", "period"}},
		{"GET " + page.PathCard + "{file}", picture, s.getCard, []string{"period", "theme"}},
		{"GET " + page.PathRepricings, browser, s.repricingsPage, []string{}},
		{"GET " + page.PathConnect, browser, s.connectPage, nil},
		{"GET " + page.PathDevice, browser, s.devicePage, nil},
		{"POST " + page.PathLookup, browser, s.deviceLookup, nil},
		{"POST " + page.PathDecide, browser, s.deviceDecide, nil},
		{"POST " + page.PathDisown, browser, s.deviceDisown, nil},
		{"GET " + page.PathSignIn, browser, s.signInPage, nil},
		{"GET " + page.PathSignInLink + "{secret}", browser, s.signInLinkPage, nil},
		{"POST " + page.PathSignInLink + "{secret}", browser, s.signIn, nil},
		{"GET " + page.PathSignInWith + "{provider}", browser, s.leave, nil},
		{"GET " + page.PathSignInWith + "{provider}" + page.PathBack, browser, s.comeBack, nil},
		{"GET " + page.PathSignInNew, browser, s.newAccountPage, nil},
		{"POST " + page.PathSignInNew, browser, s.signUp, nil},
		{"POST " + page.PathSignInUser, browser, s.signInUser, nil},
		{"POST " + page.PathSignInKey, browser, s.signInPasskey, nil},
		{"POST " + page.PathSignOut, browser, s.signOut, nil},
		{"GET " + page.PathSettings, browser, s.settingsPage, nil},
		{"GET " + page.PathExport, browser, s.exportPage, []string{"format"}},
		{"POST " + page.PathErase, browser, s.eraseAccount, nil},
		{"POST " + page.PathVisibility, browser, s.setVisibility, nil},
		{"POST " + page.PathDevices + "{id}" + page.PathRename, browser, s.renameDevice, nil},
		{"POST " + page.PathDevices + "{id}" + page.PathRevokeOne, browser, s.revokeDevice, nil},
		{"POST " + page.PathTokens + "{id}" + page.PathRevokeOne, browser, s.revokeToken, nil},
		{"POST " + page.PathMint, browser, s.mintToken, nil},
		{"POST " + page.PathHandle, browser, s.rename, nil},
		{"POST " + page.PathName, browser, s.setName, nil},
		{"POST " + page.PathPasskeys, browser, s.addPasskey, nil},
		{"POST " + page.PathWays + "{id}" + page.PathRevokeOne, browser, s.removeWay, nil},
		{"POST " + page.PathSessions + "{id}" + page.PathRevokeOne, browser, s.endOneSession, nil},
		{"POST " + page.PathTheme, browser, s.setTheme, nil},
		{"GET " + page.PathProblems + "{code}", browser, s.problemPage, nil},

		{"GET " + page.PathStatic, open, s.static, nil},
		{"GET /favicon.ico", open, s.static, nil},
		{"GET /.well-known/security.txt", open, s.securityTxt, nil},
		{"GET /healthz", open, s.healthz, nil},
		{"GET /readyz", open, s.readyz, nil},
	}
}

func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.serve(r))
	}
	return mux
}
