package source

import (
	"bytes"
	"path"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// readTaskModels reads Cline's task_metadata.json: the models of a task, by the time from which they were used.
func readTaskModels(f File) Part {
	p := Part{Session: path.Base(path.Dir(f.Path()))}
	w, ok := document(f)
	if !ok {
		return p
	}
	for key := range w.Members {
		if string(key) != "model_usage" {
			continue
		}
		for range w.Elements {
			var m ModelFrom
			for key := range w.Members {
				switch string(key) {
				case "ts":
					m.Time = when(w)
				case "model_id":
					m.Model = trimmed(w.Text())
				case "model_provider_id":
					m.Inclusive = clineInclusive[trimmed(w.Text())]
				}
			}
			if m.Model != "" {
				p.Models = append(p.Models, m)
			}
		}
	}
	ended(f, w)
	return p
}

// readTaskPrompts reads api_conversation_history.json for the name of the model that the extension tells the model in a tag
// of its own. Nothing else of it is kept.
func readTaskPrompts(f File) Part {
	p := Part{Session: path.Base(path.Dir(f.Path()))}
	w, ok := document(f)
	if !ok {
		return p
	}
	for range w.Elements {
		var m ModelFrom
		var user bool
		for key := range w.Members {
			switch string(key) {
			case "role":
				user = string(w.Text()) == "user"
			case "ts":
				m.Time = when(w)
			case "content":
				m.Model = taggedModel(w)
			}
		}
		if user && m.Model != "" {
			m.Weak = true
			p.Models = appendTag(p.Models, m)
		}
	}
	ended(f, w)
	return p
}

// appendTag keeps the first of tags that repeat the model, and of those without a time the last.
func appendTag(models []ModelFrom, m ModelFrom) []ModelFrom {
	i := len(models) - 1
	switch {
	case i >= 0 && models[i].Model == m.Model && !m.Time.Before(models[i].Time):
		return models
	case i >= 0 && m.Time.IsZero() && models[i].Time.IsZero():
		models[i] = m
		return models
	}
	return append(models, m)
}

// taggedModel returns the last tag of a prompt: its text, or the texts of its blocks.
func taggedModel(w *jsonwalk.Walker) (model string) {
	if w.Kind() == jsonwalk.String {
		return lastTag(w.Text())
	}
	for range w.Elements {
		for key := range w.Members {
			if string(key) != "text" {
				continue
			}
			if m := lastTag(w.Text()); m != "" {
				model = m
			}
		}
	}
	return model
}

// lastTag returns what is between the last <model> and its end, if it can be the name of a model.
func lastTag(text []byte) string {
	end := bytes.LastIndex(text, []byte("</model>"))
	if end < 0 {
		return ""
	}
	from := bytes.LastIndex(text[:end], []byte("<model>"))
	if from < 0 {
		return ""
	}
	name := bytes.TrimSpace(text[from+len("<model>") : end])
	if len(name) > 128 || bytes.ContainsAny(name, "<> \t\r\n") {
		return ""
	}
	return string(name)
}

// readTaskHistory reads Cline's list of all tasks, whose sums stand for those tasks whose folders are gone.
func readTaskHistory(f File) Part {
	var p Part
	w, ok := document(f)
	if !ok {
		return p
	}
	for range w.Elements {
		e := Entry{Marks: Sum}
		var r taskRequest
		for key := range w.Members {
			switch string(key) {
			case "id":
				e.Session = trimmed(w.Text())
			case "ts":
				e.Time = when(w)
			case "modelId":
				e.Model = trimmed(w.Text())
			case "cwdOnTaskInitialization":
				e.Project = string(w.Text())
			case "tokensIn":
				r.input = w.Count()
			case "tokensOut":
				r.output = w.Count()
			case "cacheReads":
				r.read = w.Count()
			case "cacheWrites":
				r.write = w.Count()
			}
		}
		if e.Session == "" || w.Broken() {
			continue
		}
		if max(r.input, r.output, r.read, r.write) > MaxCount {
			f.Fault(Corrupt)
			continue
		}
		e.ID, e.Tokens = e.Session+":history", r.beside()
		p.Entries = append(p.Entries, e)
	}
	ended(f, w)
	return p
}

// readTaskFolder reads history_item.json for the folder that a task worked in.
func readTaskFolder(f File) Part {
	p := Part{Session: path.Base(path.Dir(f.Path()))}
	w, ok := document(f)
	if !ok {
		return p
	}
	for key := range w.Members {
		if string(key) == "workspace" {
			p.Project = string(w.Text())
		}
	}
	ended(f, w)
	return p
}

// modelAt returns what a session used at a time, of models in the order of their times: what records of its own say or else
// what it told the model, and of those the last from before, or else the first record or the last tag.
func modelAt(models []ModelFrom, at time.Time) (m ModelFrom, ok bool) {
	for _, record := range models {
		if !record.Weak && (!ok || !record.Time.After(at)) {
			m, ok = record, true
		}
	}
	if ok {
		return m, true
	}
	for _, tag := range models {
		if !tag.Time.IsZero() && !tag.Time.After(at) {
			m, ok = tag, true
		}
	}
	if !ok && len(models) > 0 {
		return models[len(models)-1], true
	}
	return m, ok
}

// unknownModel stands for a model that nothing on disk tells.
const unknownModel = "unknown"

// withModel completes an entry whose own file told no model.
func withModel(e Entry, models []ModelFrom) Entry {
	if e.Model != "" {
		return e
	}
	e.Model = unknownModel
	if m, ok := modelAt(models, e.Time); ok {
		e.Model = m.Model
		if m.Inclusive {
			e.Tokens = carve(e.Tokens)
		}
	}
	return e
}
