package page

func (v SignIn) sheet(Site) sheet {
	return sheet{name: "signin", Title: "Sign in", Nav: PathSignIn, Private: true, Bare: true, Body: v}
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

func (v SignedOut) sheet(Site) sheet {
	return sheet{name: "signedout", Title: "Signed out", Private: true, Bare: true, Body: v}
}
