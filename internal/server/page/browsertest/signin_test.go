package browsertest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/auth/oidctest"
	"tokenflex.ing/internal/server/page/browsertest"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
)

func TestPasskeys(t *testing.T) { passkeys(t, func(*server.Options) {}) }

func TestPasskeysOnPostgreSQL(t *testing.T) {
	cluster, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	db := cluster.Serve(t, cluster.Database(t), time.Now)
	passkeys(t, func(o *server.Options) { o.Store = db })
}

// passkeys has one made and used by a real browser's authenticator, and each answer of it is good once.
func passkeys(t *testing.T, on func(*server.Options)) {
	h := newHost(t, on, func(o *server.Options) {
		o.Passkeys, o.Site = true, strings.Replace(o.Site, "127.0.0.1", "localhost", 1)
	})
	tab := browsertest.Start(t).Open(t, h.url, true)
	tab.Look(320, "dark")
	knows := tab.Authenticator()
	w := &walk{h, tab, true}
	tab.Go(h.invite(walker))
	tab.Press("main form button")
	w.expect("#ways", "By a one-time link")
	add := func() {
		tab.Type("[data-passkey=create] input[name=name]", "phone")
		tab.Press("[data-passkey=create] button")
		w.expect("[role=status]", "The passkey is added")
		w.expect("#ways", "phone")
	}
	add()
	tab.Type("[data-passkey=create] input[name=name]", "the same again")
	tab.Tick("[data-passkey=create] button")
	tab.Script(`new Promise(done => { const said = document.querySelector("[data-passkey=create] [role=status]");
		const look = () => said.textContent ? done(said.textContent) : requestAnimationFrame(look); look(); })`)
	w.expect("[data-passkey=create] [role=status]", "already")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	signOut := func() {
		tab.Go("/settings")
		tab.Press("form[action='/signout'] button")
	}
	signOut()
	tab.Go("/signin?next=/connect")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	tab.Press("[data-passkey=get] button")
	w.expect("h1", "Connect a machine")
	tab.Go("/settings")
	w.expect("#session", "a passkey")

	// What was answered once is worth nothing the next time, nor with another question.
	signOut()
	tab.Go("/signin")
	answer := tab.Script(`new Promise(done => { const form = document.querySelector("[data-passkey=get]");
		form.submit = () => done(JSON.stringify({flow: form.elements.flow.value, answer: form.elements.answer.value}));
		form.querySelector("button").click(); })`)
	var got struct{ Flow, Answer string }
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusSeeOther, http.StatusBadRequest} {
		if status := h.postForm("/signin/passkey", url.Values{"flow": {got.Flow}, "answer": {got.Answer}}); status != want {
			t.Errorf("time %d: %d, want %d", i+1, status, want)
		}
	}
	tab.Go("/signin")
	fresh := tab.Script(`document.querySelector("[data-passkey=get]").elements.flow.value`)
	if status := h.postForm("/signin/passkey", url.Values{"flow": {fresh}, "answer": {got.Answer}}); status != http.StatusBadRequest {
		t.Errorf("an answer to another question: %d", status)
	}
	// An authenticator that does not know who holds it is not enough.
	knows(false)
	tab.Go("/signin")
	tab.Tick("[data-passkey=get] button")
	tab.Script(`new Promise(done => { const said = document.querySelector("[data-passkey=get] [role=status]");
		const look = () => said.textContent ? done(said.textContent) : requestAnimationFrame(look); look(); })`)
	w.expect("[data-passkey=get] [role=status]", "No passkey was used")
	knows(true)
	tab.Go("/signin")
	tab.Press("[data-passkey=get] button")
	// It is the only way in that the account has, so it stays.
	tab.Press("#ways form[action$='/revoke'] button")
	w.expect("[role=alert]", "last way in")
	for _, f := range tab.Faults("400 (Bad Request)") {
		t.Error(f)
	}
}

// postForm sends a form without a browser and returns the status, following nothing.
func (h *host) postForm(path string, form url.Values) int {
	h.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(h.url+path, form)
	if err != nil {
		h.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// Somebody comes by an issuer, gets an account, and adds another issuer: all of it links and forms that need no script, under
// the policy that lets a form go nowhere else.
func TestSigningInAtAnIssuerWithAndWithoutScript(t *testing.T) {
	browser := browsertest.Start(t)
	for _, script := range []bool{false, true} {
		t.Run(fmt.Sprintf("script=%v", script), func(t *testing.T) {
			var issuers []*oidctest.Provider
			h := newHost(t, func(o *server.Options) {
				o.SignUp = auth.SignUpOpen
				for i, id := range []string{"company", "second"} {
					idp := oidctest.Start(t, o.Site+"/signin/with/"+id+"/back")
					idp.Be(oidctest.Person{Subject: fmt.Sprint("s-", i), Username: "Jo.Writes"})
					p, err := auth.NewOIDC(auth.ProviderConfig{ID: id, Name: "The " + id, Issuer: idp.URL, ClientID: oidctest.ClientID, Secret: oidctest.Secret}, time.Now)
					if err != nil {
						t.Fatal(err)
					}
					issuers, o.Providers = append(issuers, idp), append(o.Providers, p)
				}
			})
			tab := browser.Open(t, h.url, script)
			tab.Look(320, "light")
			w := &walk{h, tab, script}
			tab.Go("/settings")
			tab.Press("a[href^='/signin/with/company']")
			w.expect("h1", "Choose a handle")
			tab.Type("#h", "admin")
			tab.Press("main form button")
			w.expect("[role=alert]", "not free")
			tab.Type("#h", walker)
			tab.Press("main form button")
			w.expect("h1", "Your place")
			w.expect("#ways", "The company")
			tab.Press("#ways a[href^='/signin/with/second']")
			w.expect("[role=status]", "Added")
			tab.Press("form[action='/signout'] button")
			tab.Go("/signin")
			tab.Press("a[href^='/signin/with/second']")
			w.expect("#session", "The second")
			tab.Press("#ways tr:first-child form button")
			w.expect("[role=status]", "Removed")
			tab.Tick("#tokens summary")
			tab.Type("#tokens input[name=name]", "ci")
			tab.Press("#tokens form[action='/settings/tokens'] button")
			w.expect(".cmd", "tf_live_")
			if script {
				for _, v := range tab.Violations() {
					t.Error(v)
				}
			}
			for _, f := range tab.Faults(issuers[0].URL, issuers[1].URL, "422 (Unprocessable Entity)") {
				t.Error(f)
			}
		})
	}
}
