package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/remote"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/pricing/signed"
	"tokenflex.ing/internal/wire"
)

// book is the price book in use: the embedded one, or a newer one that the configured site has signed.
func (a *App) book(s settings) *pricing.Table {
	embedded := a.Prices()
	stored, err := a.storedBook(s)
	if err != nil || stored == nil || stored.Date() < embedded.Date() {
		return embedded
	}
	return stored
}

// storedBook is the book that was taken from the configured site, and nil if none was. The error says why what is stored
// cannot be used.
func (a *App) storedBook(s settings) (*pricing.Table, error) {
	stored, err := s.Paths.Book()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if site, err := a.site(s); err != nil || stored.Site != site.String() {
		return nil, nil
	}
	if a.stored.table == nil || a.stored.of != stored {
		table, err := opened(stored.Key, remote.Signed{Body: []byte(stored.Body), Signature: stored.Signature})
		if err != nil {
			return nil, err
		}
		a.stored.table, a.stored.of = table, stored
	}
	return a.stored.table, nil
}

// opened reads a book that the key's holder has signed.
func opened(key string, answer remote.Signed) (*pricing.Table, error) {
	if err := signed.Verify(key, answer.Signature, answer.Body); err != nil {
		return nil, err
	}
	var doc wire.Pricing
	if err := json.Unmarshal(answer.Body, &doc); err != nil {
		return nil, errors.New("it is not JSON")
	}
	if doc.Version != 1 {
		return nil, fmt.Errorf("it is of version %d, which this program does not read", doc.Version)
	}
	return pricing.Parse([]byte(doc.Book))
}

func newPricesUpdateCommand(app *App) *cobra.Command {
	var newKey bool
	c := &cobra.Command{
		Use:   "update",
		Short: "Take your site's price book, if it is newer.",
		Long: "It comes from the configured site alone, and no account is needed.\n" +
			"A book that is corrupt, not signed, older or far off is refused, and the one before is kept.",
		Example: "tokenflexing prices update",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runPricesUpdate(c.Context(), app, newKey) },
	}
	c.Flags().BoolVar(&newKey, "new-key", false, "trust the key that the site signs with now")
	return c
}

func runPricesUpdate(ctx context.Context, app *App, newKey bool) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	site, err := app.site(s)
	if err != nil {
		return err
	}
	u := update{app: app, site: site, remote: app.remote(site, ""), present: app.book(s)}
	if stored, err := s.Paths.Book(); err == nil && stored.Site == site.String() {
		u.before = stored
	}
	next, err := u.fetch(ctx, newKey)
	if err != nil {
		return u.refused(err)
	}
	text := fmt.Sprintf("book %s, nothing newer on %s", u.present.Date(), site.Name())
	if next != nil {
		if err := s.SaveBook(u.before); err != nil {
			return err
		}
		text = fmt.Sprintf("book %s of %s", next.Date(), site.Name())
	}
	return render.Facts(app.Out, app.plainStyle(s), render.Fact{Label: "prices", Text: text})
}

// update is one attempt to take the site's book.
type update struct {
	app     *App
	site    config.Site
	remote  *remote.Client
	present *pricing.Table
	before  config.Book // what is stored of the site; after fetch, what is to be stored
}

// errNewKey is a site that signs with another key than the first time.
var errNewKey = errors.New("the key it is signed with has changed")

// fetch returns the site's book if it may replace the present one, and nil if the site has no other.
func (u *update) fetch(ctx context.Context, newKey bool) (*pricing.Table, error) {
	discovery, err := u.remote.Discovery(ctx)
	if err != nil {
		return nil, err
	}
	key := discovery.PricingKey
	switch {
	case key == "":
		return nil, signed.ErrUnsigned
	case u.before.Key != "" && u.before.Key != key && !newKey:
		return nil, errNewKey
	}
	etag := u.before.ETag
	if u.before.Key != key || u.damaged() {
		etag = ""
	}
	answer, changed, err := u.remote.Pricing(ctx, etag)
	if err != nil || !changed {
		return nil, err
	}
	next, err := opened(key, answer)
	if err != nil {
		return nil, err
	}
	now := u.app.Now()
	if err := u.present.Admit(next, now); err != nil {
		return nil, err
	}
	same := next.Text() == u.present.Text()
	u.before = config.Book{Site: u.site.String(), Key: key, Signature: answer.Signature, ETag: answer.ETag, At: now.UTC(), Body: string(answer.Body)}
	if same && etag != "" {
		return nil, nil
	}
	return next, nil
}

// damaged reports whether what is stored cannot be used, so that it has to come anew.
func (u *update) damaged() bool {
	_, err := opened(u.before.Key, remote.Signed{Body: []byte(u.before.Body), Signature: u.before.Signature})
	return err != nil
}

// refused says why the site's book was not taken, and what is used instead.
func (u *update) refused(err error) error {
	kept := "the book of " + u.present.Date() + " is kept"
	var gone *remote.ErrUnreachable
	var problem *remote.ErrProblem
	switch {
	case errors.As(err, &gone), errors.As(err, &problem), errors.Is(err, context.Canceled):
		return failureError(err.Error()+"; "+kept, "run: tokenflexing prices update")
	case errors.Is(err, errNewKey):
		return failureError(fmt.Sprintf("the price book of %s was refused: %v", u.site.Name(), err), kept,
			"run: tokenflexing prices update --new-key    if its host says so")
	}
	return failureError(fmt.Sprintf("the price book of %s was refused: %v", u.site.Name(), err), kept)
}
