package main

import (
	"bytes"
	"encoding/json"

	"tokenflex.ing/internal/pricing/book"
)

// encode writes a book for reading in a diff: a line for each rate, name list and form.
func encode(b book.Book) []byte {
	var out bytes.Buffer
	out.WriteString("{\n\"date\": " + text(b.Date) + ",\n")
	list(&out, "spellings", b.Spellings, func(s book.Spelling) { out.WriteString(text(s)) })
	list(&out, "moved", b.Moved, func(m book.Moved) { out.WriteString(text(m)) })
	list(&out, "unpriced", b.Unpriced, func(u book.Unpriced) { out.WriteString(text(u)) })
	list(&out, "models", b.Models, func(m book.Model) { writeModel(&out, m) })
	out.Truncate(out.Len() - len(",\n"))
	out.WriteString("\n}\n")
	return out.Bytes()
}

func writeModel(out *bytes.Buffer, m book.Model) {
	out.WriteString("{\"id\": " + text(m.ID) + ", \"provider\": " + text(m.Provider) + ", \"family\": " + text(m.Family) + ",\n")
	if len(m.Aliases) > 0 {
		out.WriteString("  \"aliases\": " + text(m.Aliases) + ",\n")
	}
	out.WriteString("  \"prices\": [")
	for i, p := range m.Prices {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString("{\"from\": " + text(p.From) + ", \"source\": " + text(p.Source) + ", \"checked\": " + text(p.Checked) + ", \"rates\": [\n")
		for j, r := range p.Rates {
			if j > 0 {
				out.WriteString(",\n")
			}
			out.WriteString("    " + text(r))
		}
		out.WriteString("]}")
	}
	out.WriteString("]}")
}

func list[T any](out *bytes.Buffer, name string, items []T, write func(T)) {
	out.WriteString(text(name) + ": [")
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		write(item)
	}
	out.WriteString("],\n")
}

// text is a value as one line of JSON, with < and > as they are.
func text(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings, numbers and structs of them
	}
	return string(bytes.TrimSpace(out.Bytes()))
}
