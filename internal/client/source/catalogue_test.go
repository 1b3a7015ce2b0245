package source_test

import (
	"encoding/json"
	"os"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/catalogue"
	"tokenflex.ing/internal/client/source"
)

// What a server knows of tools is what their own files say.
func TestCatalogueOfTools(t *testing.T) {
	const name = "../../catalogue/tools.json"
	var want []catalogue.Tool
	for _, s := range source.All() {
		known := catalogue.Tool{ID: s.ID, Name: s.Name, Aliases: s.Server.Aliases, Volume: catalogue.Volume(s.Server.Volume), Maker: s.Server.Maker, Hue: s.Server.Hue}
		if known.Volume != "" && known.Volume != catalogue.Heavy && known.Volume != catalogue.Middle || known.Hue < 0 || known.Hue > 8 {
			t.Errorf("%s: %+v", s.ID, s.Server)
		}
		want = append(want, known)
	}
	if *update {
		b, err := json.MarshalIndent(want, "", " ")
		if err == nil {
			err = os.WriteFile(name, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, catalogue.Tools()); diff != "" {
		t.Errorf("%s (-want +got; make golden writes it)\n%s", name, diff)
	}
}
