package server

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/wire"
)

type apiDocument struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
		}
	}
}

func readOpenAPI(t *testing.T) apiDocument {
	t.Helper()
	var d apiDocument
	if err := json.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The description has every route of the API, and no other.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	var described, routed []string
	for path, methods := range readOpenAPI(t).Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range (&Server{}).routes() {
		if r.kind == public || r.kind == bearer || r.kind == owner || r.kind == oauth {
			routed = append(routed, r.pattern)
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if diff := cmp.Diff(routed, described); diff != "" {
		t.Errorf("(-routed +described):\n%s", diff)
	}
}

// The parameters that a route takes are those that are described.
func TestOpenAPIHasEveryParameter(t *testing.T) {
	d := readOpenAPI(t)
	for _, r := range (&Server{}).routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		raw, ok := d.Paths[path][strings.ToLower(method)]
		if !ok {
			continue
		}
		var operation struct{ Parameters []struct{ Name, In string } }
		if err := json.Unmarshal(raw, &operation); err != nil {
			t.Fatal(err)
		}
		var described []string
		for _, p := range operation.Parameters {
			if p.In == "query" {
				described = append(described, p.Name)
			}
		}
		taken := slices.Clone(r.params)
		slices.Sort(described)
		slices.Sort(taken)
		if !slices.Equal(described, taken) {
			t.Errorf("%s takes %v and is described with %v", r.pattern, taken, described)
		}
	}
}

// The members of every described object are those of its type.
func TestOpenAPIHasEveryMember(t *testing.T) {
	d := readOpenAPI(t)
	for name, v := range map[string]any{
		"Usage": wire.Usage{}, "Client": wire.Client{}, "Day": wire.Day{}, "Sketch": wire.Sketch{}, "Copy": wire.Copy{}, "Receipt": wire.Receipt{}, "Places": wire.Places{}, "Place": wire.Place{}, "Held": wire.Held{}, "Sum": wire.Sum{},
		"Me": wire.Me{}, "MyDays": wire.MyDays{}, "MyDay": wire.MyDay{}, "Device": wire.Device{}, "Token": wire.Token{}, "Discovery": wire.Discovery{}, "Limits": wire.Limits{},
		"Leaderboard": wire.Leaderboard{}, "Period": wire.Period{}, "BoardItem": wire.BoardItem{}, "Totals": wire.Totals{},
		"Profile": wire.Profile{}, "ProfilePart": wire.ProfilePart{}, "ProfileDays": wire.ProfileDays{}, "ProfileDay": wire.ProfileDay{},
		"Tokens": wire.Tokens{}, "Devices": wire.Devices{}, "NewToken": wire.NewToken{}, "MintedToken": wire.MintedToken{}, "Account": wire.Account{}, "AccountChange": wire.AccountChange{},
		"DeviceCode": wire.DeviceCode{}, "DeviceToken": wire.DeviceToken{}, "OAuthError": wire.OAuthError{},
		"MyRank": wire.MyRank{}, "Stats": wire.Stats{}, "Erase": wire.Erase{}, "StatsCell": wire.StatsCell{}, "Repricings": wire.Repricings{}, "Repricing": wire.Repricing{}, "RepricedLine": wire.RepricedLine{},
		"Pricing": wire.Pricing{}, "Price": wire.Price{}, "Models": wire.Models{}, "Model": wire.Model{}, "Sources": wire.Sources{}, "Source": wire.Source{}, "Problem": wire.Problem{}, "ProblemError": wire.ProblemError{},
	} {
		described := slices.Sorted(maps.Keys(d.Components.Schemas[name].Properties))
		if diff := cmp.Diff(jsonNames(reflect.TypeOf(v)), described); diff != "" {
			t.Errorf("%s (-type +described):\n%s", name, diff)
		}
	}
}

func jsonNames(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, jsonNames(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
