package helpdesk

import (
	"bytes"
	"encoding/json"
	"html"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// scrubber takes texts, or a person, out of everything that a ticket has: its row, its messages and their old versions,
// its history, drafts. What is left says who did what when, without the text.
type scrubber struct {
	texts  []string // taken out wherever they stand
	words  []string // taken out where they stand as words of their own
	blank  string   // stands in for them
	person func(ticket.Person) bool
	as     ticket.Person // stands in for the person
	// requested says that the person was the requester of the ticket once: its phone and its origin were theirs.
	requested bool
	files     bool // the contents that the person sent go, too
}

// protected are the keys of documents whose values are identifiers, and no texts.
var protected = map[string]bool{
	"id": true, "ticket_id": true, "code": true, "external": true, "version": true, "status": true, "class": true, "priority": true, "department": true,
	"brand": true, "folder": true, "channel": true, "kind": true, "type": true, "format": true, "assignee": true, "assigned_by": true, "watchers": true,
	"agent": true, "gateway": true, "blob": true, "raw": true, "identity": true, "message_id": true, "in_reply_to": true, "references": true, "content_id": true,
	"field": true, "organisation": true, "last_reply_by": true, "at": true, "date": true, "folders": true, "classes": true, "statuses": true, "departments": true,
	"brands": true, "priorities": true, "channels": true, "watcher": true, "sort": true, "cursor": true, "owner": true, "do": true, "state": true,
}

// untouched reports whether a key's value is an identifier or a time.
func untouched(key string) bool { return protected[key] || strings.HasSuffix(key, "_at") }

// The properties whose changes may have a text of somebody's, as it is or as JSON. Values of the others are identifiers,
// times, numbers and switches, which a history must be able to read.
var (
	changedTexts = []string{"subject", "phone", "origin_url", "ip", "user_agent", "service"}
	changedJSON  = []string{"requester", "participants", "related", "converted", "tags", "files"}
)

// text takes the texts out of s.
func (s *scrubber) text(in string) string {
	out := in
	for _, t := range s.texts {
		out = replaceFold(out, t, s.blank, false)
		if escaped := html.EscapeString(t); escaped != t {
			out = replaceFold(out, escaped, s.blank, false)
		}
	}
	for _, t := range s.words {
		out = replaceFold(out, t, s.blank, true)
	}
	return out
}

// markup takes the texts out of HTML. Where tags or entities split one up, all markup goes and the text stays.
func (s *scrubber) markup(in string) string {
	out := s.text(in)
	for _, tags := range []string{"", " "} {
		plain := withoutMarkup(out, tags)
		if clean := s.text(plain); clean != plain {
			return html.EscapeString(clean)
		}
	}
	return out
}

// has reports whether a text holds one of the texts, read as it is or as HTML.
func (s *scrubber) has(in string) bool { return s.markup(in) != in }

// scrub takes the texts and the person out of a document and returns it anew.
func scrub[T any](s *scrubber, v T) (out T, changed bool, err error) {
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

func (s *scrubber) walk(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		out := s.text(v)
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

func (s *scrubber) object(m map[string]any) (any, bool) {
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
func (s *scrubber) values(m map[string]any) (changed bool) {
	for code, v := range m {
		text, _ := v.(string)
		if out := s.text(text); out != text {
			m[code], changed = out, true
		}
	}
	return changed
}

// change is one of an event, of a field: in place.
func (s *scrubber) change(m map[string]any, field string) (changed bool) {
	for _, k := range []string{"old", "new"} {
		text, _ := m[k].(string)
		out := text
		switch _, custom := (ticket.Change{Field: field}).CustomField(); {
		case custom, slices.Contains(changedTexts, field):
			out = s.text(text)
		case slices.Contains(changedJSON, field):
			out = s.nested(text)
		}
		if out != text {
			m[k], changed = out, true
		}
	}
	return changed
}

// nested is a text that holds JSON, as changes of structured fields do.
func (s *scrubber) nested(text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return s.text(text)
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
func (s *scrubber) isPerson(m map[string]any) bool {
	if s.person == nil {
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
	return (id != "" || email != "") && s.person(ticket.Person{ID: id, Email: email})
}

// replaced keeps the role and the channel of an actor, and nothing else.
func (s *scrubber) replaced(m map[string]any) map[string]any {
	out := map[string]any{"id": s.as.ID, "name": s.as.Name}
	for _, k := range []string{"kind", "channel"} {
		if v, ok := m[k]; ok {
			out[k] = v
		}
	}
	return out
}
