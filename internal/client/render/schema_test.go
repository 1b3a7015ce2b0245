package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/report"
)

func TestSchemas(t *testing.T) {
	if diff := cmp.Diff([]string{"tokenflexing.explain.v1", "tokenflexing.export.v1", "tokenflexing.price.v1", "tokenflexing.prices.v1", "tokenflexing.report.v1", "tokenflexing.sources.v1"}, Schemas()); diff != "" {
		t.Error(diff)
	}
	for _, n := range append(Schemas(), "report.v1") {
		if text, ok := Schema(n); !ok || !json.Valid([]byte(text)) {
			t.Errorf("%s is no schema", n)
		}
	}
	for _, n := range []string{"", "report", "../schema/tokenflexing.report.v1", "tokenflexing."} {
		if _, ok := Schema(n); ok {
			t.Errorf("%q is a schema", n)
		}
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	var b bytes.Buffer
	write := func(schema string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		validate(t, schema, b.Bytes())
		b.Reset()
	}
	for _, kind := range kinds {
		for _, by := range [][]report.Field{nil, {report.Source}, {report.Tier, report.Session, report.Project, report.Model}} {
			r := sampleReport(kind, "2026-11-20", by...)
			r.Warnings = []report.Warning{{Code: "x", Message: "y"}}
			write(reportSchema, Write(&b, JSON, r, Style{}))
		}
		write(reportSchema, Write(&b, JSON, report.Build(sample(), prices, report.Options{Kind: kind, Zone: berlin, Now: sampleNow, Limit: 2, Until: "2026-11-01", Sources: []string{"codex"}}), Style{}))
		write(reportSchema, Write(&b, JSON, report.Build(nil, prices, report.Options{Kind: kind, Zone: berlin, Now: sampleNow}), Style{}))
	}
	write(reportSchema, WriteOverview(&b, JSON, sampleOverview(), Style{}))
	write(reportSchema, WriteOverview(&b, JSON, plannedOverview(), Style{}))
	write(reportSchema, Write(&b, JSON, plannedReport(), Style{}))
	write(sourcesSchema, WriteSources(&b, JSON, sampleSources(), Style{}))
	write(sourcesSchema, WriteSources(&b, JSON, &report.Sources{}, Style{}))
	write(exportSchema, WriteExport(&b, JSON, sampleExport()))
	write(exportSchema, WriteExport(&b, JSON, &Export{Made: sampleNow, Zone: berlin, PriceBook: "2026-11-20", Since: "2026-11-01", Sources: []string{"codex"}}))
}

// The contract's own example, member by member in its order.
func TestEnvelope(t *testing.T) {
	r := sampleReport(report.Daily, "2026-11-23", report.Source, report.Model)
	r.Rows = r.Rows[:1]
	var b bytes.Buffer
	if err := Write(&b, JSON, r, Style{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`"([a-z_0-9]+)":`).FindAllStringSubmatch(b.String(), -1) {
		got = append(got, m[1])
	}
	sums := "requests input_tokens cache_read_tokens cache_write_5m_tokens cache_write_1h_tokens output_tokens reasoning_tokens total_tokens cost_usd unpriced_tokens"
	want := strings.Fields("schema report generated_at timezone price_book filters since until source model project rows period source model " + sums + " totals " + sums + " warnings")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// validate checks a document by the part of JSON Schema that the published schemas use.
func validate(t failer, schema string, doc []byte) {
	t.Helper()
	text, ok := Schema(schema)
	if !ok {
		t.Fatalf("no schema %s", schema)
	}
	var root map[string]any
	var value any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	if err := json.Unmarshal(doc, &value); err != nil {
		t.Fatalf("%v in\n%s", err, doc)
	}
	if wrong := (validator{root}).check(root, value, "$"); wrong != "" {
		t.Fatalf("%s: %s\n%s", schema, wrong, doc)
	}
}

type validator struct{ root map[string]any }

// check returns what is wrong with a value, or "".
func (v validator) check(schema map[string]any, value any, at string) string {
	for word, rule := range schema {
		wrong := ""
		switch word {
		case "$ref":
			wrong = v.check(v.find(rule.(string)), value, at)
		case "const":
			wrong = unless(rule == value, at, "is not %v", rule)
		case "enum":
			wrong = unless(contains(rule.([]any), value), at, "is none of %v", rule)
		case "type":
			wrong = unless(isType(rule, value), at, "is no %v", rule)
		case "pattern":
			if s, ok := value.(string); ok {
				wrong = unless(regexp.MustCompile(rule.(string)).MatchString(s), at, "%q does not match %v", s, rule)
			}
		case "minimum":
			if n, ok := value.(float64); ok {
				wrong = unless(n >= rule.(float64), at, "is below %v", rule)
			}
		case "items":
			wrong = v.items(rule.(map[string]any), value, at)
		case "required", "properties", "additionalProperties":
			wrong = v.members(schema, value, at)
		case "$schema", "$id", "$defs", "title", "description":
		default:
			wrong = "the test knows no " + word
		}
		if wrong != "" {
			return wrong
		}
	}
	return ""
}

func (v validator) items(schema map[string]any, value any, at string) string {
	list, _ := value.([]any)
	for i, one := range list {
		if wrong := v.check(schema, one, fmt.Sprintf("%s[%d]", at, i)); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (v validator) members(schema map[string]any, value any, at string) string {
	object, ok := value.(map[string]any)
	if !ok {
		return ""
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			return at + " lacks " + name.(string)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, member := range object {
		known, ok := properties[name].(map[string]any)
		if !ok {
			return at + " has " + name
		}
		if wrong := v.check(known, member, at+"."+name); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (v validator) find(ref string) map[string]any {
	at := v.root
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = at[part].(map[string]any)
	}
	return at
}

func unless(ok bool, at, format string, a ...any) string {
	if ok {
		return ""
	}
	return at + " " + fmt.Sprintf(format, a...)
}

func contains(list []any, value any) bool {
	for _, one := range list {
		if one == value {
			return true
		}
	}
	return false
}

func isType(rule, value any) bool {
	if list, ok := rule.([]any); ok {
		for _, one := range list {
			if isType(one, value) {
				return true
			}
		}
		return false
	}
	switch v := value.(type) {
	case nil:
		return rule == "null"
	case string:
		return rule == "string"
	case bool:
		return rule == "boolean"
	case []any:
		return rule == "array"
	case map[string]any:
		return rule == "object"
	case float64:
		return rule == "number" || rule == "integer" && v == math.Trunc(v)
	}
	return false
}
