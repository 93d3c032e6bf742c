package redact

import (
	"bytes"
	"encoding/json"
	"html"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/markup"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Scrubber takes texts, or a person, out of documents. What is left says who did what when, without the text.
type Scrubber struct {
	Texts  []string                 // taken out wherever they stand
	Words  []string                 // taken out where they stand as words of their own
	Blank  string                   // stands in for them
	Person func(ticket.Person) bool // says who is taken out; nil for nobody
	As     ticket.Person            // stands in for the person
}

// protected are the keys of documents whose values are identifiers, and no texts.
var protected = map[string]bool{
	"id": true, "ticket_id": true, "code": true, "external": true, "version": true, "status": true, "class": true, "priority": true, "department": true,
	"brand": true, "folder": true, "channel": true, "kind": true, "type": true, "format": true, "assignee": true, "assigned_by": true, "watchers": true,
	"agent": true, "gateway": true, "blob": true, "raw": true, "identity": true, "message_id": true, "in_reply_to": true, "references": true, "content_id": true,
	"field": true, "organisation": true, "last_reply_by": true, "at": true, "date": true, "folders": true, "classes": true, "statuses": true, "departments": true,
	"brands": true, "priorities": true, "channels": true, "watcher": true, "sort": true, "cursor": true, "owner": true, "do": true, "state": true,
	"policy": true, "since": true, "again": true,
}

// untouched reports whether a key's value is an identifier or a time.
func untouched(key string) bool { return protected[key] || strings.HasSuffix(key, "_at") }

// The properties whose changes may have a text of somebody's, as it is or as JSON. Values of the others are identifiers,
// times, numbers and switches, which a history must be able to read.
var (
	changedTexts = []string{"subject", "phone", "origin_url", "ip", "user_agent", "service"}
	changedJSON  = []string{"requester", "participants", "related", "converted", "tags", "files"}
)

// Text takes the texts out of one, in any case of letters, however its lines are broken, and also as HTML writes them.
func (s *Scrubber) Text(in string) string {
	out := in
	for _, t := range s.Texts {
		out = replaceFold(out, t, s.Blank, false)
		if escaped := html.EscapeString(t); escaped != t {
			out = replaceFold(out, escaped, s.Blank, false)
		}
	}
	for _, t := range s.Words {
		out = replaceFold(out, t, s.Blank, true)
	}
	return out
}

// markup takes the texts out of HTML. Where tags or entities split one up, all markup goes and the text stays.
func (s *Scrubber) markup(in string) string {
	out := s.Text(in)
	for _, tags := range []string{"", " "} {
		plain := markup.Strip(out, tags)
		if clean := s.Text(plain); clean != plain {
			return html.EscapeString(clean)
		}
	}
	return out
}

// has reports whether one of the texts stands in another, read as it is or as HTML.
func (s *Scrubber) has(in string) bool { return s.markup(in) != in }

// Document takes the texts and the person out of a document and returns it anew; v stays as it is. What identifies
// something, as ids and codes do, is no text.
func Document[T any](s *Scrubber, v T) (out T, changed bool, err error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return v, false, err
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber() // ids are greater than a float64 can say exactly
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return v, false, err
	}
	tree, changed = s.walk(tree)
	if !changed {
		return v, false, nil
	}
	if doc, err = json.Marshal(tree); err != nil {
		return v, false, err
	}
	return out, true, json.Unmarshal(doc, &out)
}

func (s *Scrubber) walk(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		out := s.Text(v)
		return out, out != v
	case []any:
		changed := false
		for i := range v {
			var c bool
			v[i], c = s.walk(v[i])
			changed = changed || c
		}
		return v, changed
	case map[string]any:
		return s.object(v)
	}
	return v, false
}

func (s *Scrubber) object(m map[string]any) (any, bool) {
	if s.isPerson(m) {
		return s.replaced(m), true
	}
	if field, ok := m["field"].(string); ok {
		return m, s.change(m, field)
	}
	changed := false
	for k, v := range m {
		if untouched(k) {
			continue
		}
		var next any
		var c bool
		switch values, isMap := v.(map[string]any); {
		case isMap && k == "fields":
			next, c = v, s.values(values)
		case k == "html_body", k == "body" && m["format"] == string(ticket.HTML):
			text, _ := v.(string)
			next = s.markup(text)
			c = next != text
		default:
			next, c = s.walk(v)
		}
		if c {
			m[k], changed = next, true
		}
	}
	return m, changed
}

// values are those of custom fields, whose codes say nothing: in place.
func (s *Scrubber) values(m map[string]any) (changed bool) {
	for code, v := range m {
		text, _ := v.(string)
		if out := s.Text(text); out != text {
			m[code], changed = out, true
		}
	}
	return changed
}

// change is one of an event, of a field: in place.
func (s *Scrubber) change(m map[string]any, field string) (changed bool) {
	for _, k := range []string{"old", "new"} {
		text, _ := m[k].(string)
		out := text
		switch _, custom := (ticket.Change{Field: field}).CustomField(); {
		case custom, slices.Contains(changedTexts, field):
			out = s.Text(text)
		case slices.Contains(changedJSON, field):
			out = s.JSON(text)
		}
		if out != text {
			m[k], changed = out, true
		}
	}
	return changed
}

// JSON takes texts and person out of a text that holds JSON, as changes of structured fields do; out of one that holds
// none, as Text does.
func (s *Scrubber) JSON(text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return s.Text(text)
	}
	tree, changed := s.walk(tree)
	if !changed {
		return text
	}
	doc, err := json.Marshal(tree)
	if err != nil {
		return ""
	}
	return string(doc)
}

// isPerson reports whether an object is the person, or an actor who is them.
func (s *Scrubber) isPerson(m map[string]any) bool {
	if s.Person == nil {
		return false
	}
	for k := range m {
		switch k {
		case "id", "name", "email", "kind", "channel", "ip", "user_agent", "origin_url", "ticket", "verified":
		default:
			return false
		}
	}
	if kind, actor := m["kind"].(string); actor && kind != string(ticket.ActorClient) && kind != string(ticket.ActorGuest) {
		return false
	}
	id, _ := m["id"].(string)
	email, _ := m["email"].(string)
	return (id != "" || email != "") && s.Person(ticket.Person{ID: id, Email: email})
}

// replaced keeps the role and the channel of an actor, and nothing else.
func (s *Scrubber) replaced(m map[string]any) map[string]any {
	out := map[string]any{"id": s.As.ID, "name": s.As.Name}
	for _, k := range []string{"kind", "channel"} {
		if v, ok := m[k]; ok {
			out[k] = v
		}
	}
	return out
}
