package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseBy(t *testing.T) {
	tests := []struct {
		in    []string
		want  []Field
		wrong string
	}{
		{nil, nil, ""},
		{[]string{"source,model"}, []Field{Source, Model}, ""},
		{[]string{"model", " Source ,model,"}, []Field{Model, Source}, ""},
		{[]string{"colour"}, nil, "--by colour is not something to group by"},
		{[]string{"period"}, nil, "--by period is not something to group by"},
	}
	for _, tt := range tests {
		got, err := ParseBy(tt.in)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if diff := cmp.Diff(tt.wrong, said) + cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q:\n%s", tt.in, diff)
		}
	}
}

func TestParseSort(t *testing.T) {
	tests := []struct {
		kind  Kind
		in    string
		want  Sort
		wrong string
	}{
		{Daily, "", Sort{}, ""},
		{Daily, "cost", Sort{"cost", false}, ""},
		{Daily, "-Cache_Read", Sort{"cache-read", true}, ""},
		{Daily, "date", Sort{"period", false}, ""},
		{Sessions, "started", Sort{"started", false}, ""},
		{Daily, "started", Sort{}, "--sort started is not a column of this report"},
		{Models, "date", Sort{}, "--sort date is not a column of this report"},
	}
	for _, tt := range tests {
		got, err := ParseSort(tt.kind, nil, tt.in)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if diff := cmp.Diff(tt.wrong, said) + cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %q:\n%s", tt.kind, tt.in, diff)
		}
	}
}

func TestParseFilter(t *testing.T) {
	got, err := ParseFilter("--model", []string{"a, b", "!c"})
	if diff := cmp.Diff([]string{"a", "b", "!c"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if _, err := ParseFilter("--model", []string{"a,!"}); err == nil {
		t.Error("a lone ! names nothing, and was taken")
	}
}

func TestBareModel(t *testing.T) {
	for full, want := range map[string]string{
		"claude-sonnet-4-5-20250929": "claude-sonnet-4-5", "gpt-5": "gpt-5", "-20250929": "-20250929", "x-20251340": "x-20251340",
		"x-2025092": "x-2025092", "x-00000000": "x-00000000", "": "(none)", "model-99999999": "model-99999999",
	} {
		if got := BareModel(full); got != want {
			t.Errorf("%q is called %q, want %q", full, got, want)
		}
	}
}

func TestProjectNames(t *testing.T) {
	folders := map[string]bool{"/home/m/web": true, "/home/m/old/web/": true, "/srv/old/web": true, `C:\src\api`: true, "/": true, "": true, "api": true}
	want := projectNames{"/home/m/web": "m/web", "/home/m/old/web/": "m/old/web", "/srv/old/web": "srv/old/web", `C:\src\api`: "api", "/": "/", "": "(none)", "api": "api"}
	if diff := cmp.Diff(want, nameProjects(folders)); diff != "" {
		t.Error(diff)
	}
}

func FuzzProjectNames(f *testing.F) {
	f.Add("/a/web", "/b/web")
	f.Add(`C:\`, "C:")
	f.Add("", "/")
	f.Fuzz(func(t *testing.T, a, b string) {
		names := nameProjects(map[string]bool{a: true, b: true})
		if names[a] == "" || names[b] == "" {
			t.Errorf("%q and %q: a name is empty", a, b)
		}
	})
}
