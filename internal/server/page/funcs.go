package page

import (
	"html/template"
	"strings"

	"tokenflex.ing/internal/usage"
)

// funcs is what the templates can call.
func funcs(a *assets, line func(rowOf) (template.HTML, error)) template.FuncMap {
	return template.FuncMap{
		"line":      line,
		"asset":     a.path,
		"exact":     exact,
		"figure":    figure,
		"swatch":    swatch,
		"address":   address,
		"navlink":   func(label, url, current string) link { return link{label, url, url == current} },
		"switch":    func(label string, links []link) linkSwitch { return linkSwitch{label, links} },
		"theme":     newThemeButton,
		"kindNames": func() []kind { return kinds(usage.Tokens{}) },
	}
}

// link leads to another page, or to this one in another way.
type link struct {
	Label   string
	URL     string
	Current bool
}

// linkSwitch is a choice of which each answer has its address.
type linkSwitch struct {
	Label string
	Links []link
}

type themeButton struct {
	Label, Value string
	Pressed      bool
}

func newThemeButton(label, value string, current Theme) themeButton {
	return themeButton{label, value, ParseTheme(value) == current}
}

// address prints an address of this site with places to break a line at.
func address(s string) template.HTML {
	s = template.HTMLEscapeString(s)
	return template.HTML(strings.NewReplacer("//", "//<wbr>", "/", "/<wbr>").Replace(s))
}
