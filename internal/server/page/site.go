package page

import "time"

// Policy is the Content-Security-Policy that every page is made for. No script of theirs makes markup or script of a text.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// The addresses that the pages link to and post to. Those ending in a slash take a name, a number or a code behind it.
const (
	PathBoard      = "/"
	PathProfile    = "/u/"     // + handle; ?year=2026
	PathBadge      = "/badge/" // + handle + .svg; ?metric=rank|tokens|cost|streak, ?period=
	PathCard       = "/card/"  // + handle + .svg or .png; ?period=, ?theme=dark
	PathConnect    = "/connect"
	PathDevice     = "/device"         // ?user_code= fills the field
	PathLookup     = "/device/lookup"  // POST user_code
	PathDecide     = "/device/decide"  // POST user_code, decision=approve|deny
	PathDisown     = "/device/disown"  // POST user_code; takes an approval back
	PathSignIn     = "/signin"         // ?next= local path to go on to
	PathSignInLink = "/signin/"        // + secret; POST to the same address signs in
	PathSignInWith = "/signin/with/"   // + id of a provider; ?next=, ?link=; it comes back to PathBack below that
	PathBack       = "/back"           // ?code=&state=
	PathSignInNew  = "/signin/new"     // chooses a handle; POST handle
	PathSignInUser = "/signin/user"    // POST next; signs in whom the proxy in front names
	PathSignInKey  = "/signin/passkey" // POST flow, answer, next
	PathSignOut    = "/signout"        // POST
	PathSettings   = "/settings"
	PathExport     = "/settings/export"     // ?format=json|csv
	PathErase      = "/settings/erase"      // POST confirm=handle
	PathVisibility = "/settings/visibility" // POST visibility=private|aggregate|public, hide=cost|models|sources|days (repeated)
	PathDevices    = "/settings/devices/"   // + id + PathRename (POST name) or PathRevokeOne (POST)
	PathTokens     = "/settings/tokens/"    // + id + PathRevokeOne (POST)
	PathMint       = "/settings/tokens"     // POST name, scope, days
	PathHandle     = "/settings/handle"     // POST handle
	PathName       = "/settings/name"       // POST name
	PathPasskeys   = "/settings/passkeys"   // POST flow, answer, name
	PathWays       = "/settings/ways/"      // + id + PathRevokeOne (POST)
	PathSessions   = "/settings/sessions/"  // + id + PathRevokeOne (POST); id others: all but this one
	PathRename     = "/rename"
	PathRevokeOne  = "/revoke"
	PathTheme      = "/theme" // POST theme=auto|light|dark, to=local path to go back to
	PathRepricings = "/prices/log"
	PathProblems   = "/problems/" // + code
	PathStatic     = "/static/"
)

// ThemeCookie names the cookie that holds the reader's Theme.
const ThemeCookie = "theme"

// Theme is a reader's choice of colours.
type Theme string

// The themes. Auto follows the reader's system.
const (
	Auto  Theme = ""
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ParseTheme returns the theme with that name, and Auto for any other word.
func ParseTheme(s string) Theme {
	if t := Theme(s); t == Light || t == Dark {
		return t
	}
	return Auto
}

// Site is what every page shows besides its view.
type Site struct {
	Origin    string    // of this site, without a slash at the end: https://tokenflex.example
	Handle    string    // of the account that is signed in; empty: a stranger
	Theme     Theme     // from ThemeCookie
	Path      string    // path and query of this page, where the theme form comes back to; empty: no theme form
	PriceBook string    // date of the price book, YYYY-MM-DD
	Now       time.Time // when the page is made; days and ages are counted from it
}

// Visibility is who may see an account.
type Visibility string

// The visibilities, as in the API.
const (
	Private   Visibility = "private"
	Aggregate Visibility = "aggregate"
	Public    Visibility = "public"
)
