package page

// Erased says that an account is gone.
type Erased struct{}

func (Erased) sheet(Site) sheet {
	return sheet{name: "erased", Title: "Erased", Private: true, Bare: true}
}
