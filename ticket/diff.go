package ticket

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one property of a ticket that the journal tracks. text and set are inverse.
type field struct {
	name string
	text func(*Ticket) string
	set  func(*Ticket, string) error
	own  bool // bookkeeping of the desk rather than somebody's decision
}

// fields lists every tracked property. A property that is missing here would be wrong in the payload of an older event:
// a test compares this table with the struct.
var fields = []field{
	textField("code", func(t *Ticket) *string { return &t.Code }),
	textField("external", func(t *Ticket) *string { return &t.External }),
	textField("brand", func(t *Ticket) *string { return &t.Brand }),
	textField("department", func(t *Ticket) *string { return &t.Department }),
	textField("subject", func(t *Ticket) *string { return &t.Subject }),
	textField("status", func(t *Ticket) *string { return &t.Status }),
	textField("class", func(t *Ticket) *Class { return &t.Class }),
	textField("priority", func(t *Ticket) *string { return &t.Priority }),
	textField("folder", func(t *Ticket) *Folder { return &t.Folder }),
	boolField("locked", func(t *Ticket) *bool { return &t.Locked }),
	jsonField("requester", func(t *Ticket) *Person { return &t.Requester }),
	textField("organisation", func(t *Ticket) *string { return &t.Organisation }),
	textField("phone", func(t *Ticket) *string { return &t.Phone }),
	jsonField("participants", func(t *Ticket) *[]Person { return &t.Participants }),
	textField("assignee", func(t *Ticket) *string { return &t.Assignee }),
	textField("assigned_by", func(t *Ticket) *string { return &t.AssignedBy }),
	jsonField("watchers", func(t *Ticket) *[]string { return &t.Watchers }),
	textField("channel", func(t *Ticket) *Channel { return &t.Channel }),
	textField("origin_url", func(t *Ticket) *string { return &t.OriginURL }),
	textField("ip", func(t *Ticket) *string { return &t.IP }),
	textField("user_agent", func(t *Ticket) *string { return &t.UserAgent }),
	textField("gateway", func(t *Ticket) *string { return &t.Gateway }),
	textField("service", func(t *Ticket) *string { return &t.Service }),
	jsonField("related", func(t *Ticket) *[]Ref { return &t.Related }),
	jsonField("converted", func(t *Ticket) **Ref { return &t.Converted }),
	intField("linked_to", func(t *Ticket) *int64 { return &t.LinkedTo }),
	jsonField("links", func(t *Ticket) *[]Link { return &t.Links }),
	intField("merged_into", func(t *Ticket) *int64 { return &t.MergedInto }),
	intField("split_from", func(t *Ticket) *int64 { return &t.SplitFrom }),
	jsonField("tags", func(t *Ticket) *[]string { return &t.Tags }),
	jsonField("spent", func(t *Ticket) *Spent { return &t.Spent }),
	own(intField("seq", func(t *Ticket) *int64 { return &t.Seq })),
	own(intField("file_bytes", func(t *Ticket) *int64 { return &t.FileBytes })),
	own(boolField("unread_by_staff", func(t *Ticket) *bool { return &t.UnreadByStaff })),
	own(boolField("unread_by_client", func(t *Ticket) *bool { return &t.UnreadByClient })),
	own(timeField("created_at", func(t *Ticket) *time.Time { return &t.CreatedAt })),
	own(timeField("updated_at", func(t *Ticket) *time.Time { return &t.UpdatedAt })),
	own(timeField("last_reply_at", func(t *Ticket) *time.Time { return &t.LastReplyAt })),
	own(textField("last_reply_by", func(t *Ticket) *ActorKind { return &t.LastReplyBy })),
	own(jsonField("solved_at", func(t *Ticket) **time.Time { return &t.SolvedAt })),
	own(jsonField("closed_at", func(t *Ticket) **time.Time { return &t.ClosedAt })),
	own(jsonField("deleted_at", func(t *Ticket) **time.Time { return &t.DeletedAt })),
}

// Properties lists what the journal tracks of a ticket, by the names that Change.Field has, custom fields apart.
func Properties() []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}

// Diff lists how after differs from before, in a fixed order. Version and EventSeq are not listed: the event itself
// carries them.
func Diff(before, after *Ticket) []Change {
	var out []Change
	for _, f := range fields {
		if o, n := f.text(before), f.text(after); o != n {
			out = append(out, Change{Field: f.name, Old: o, New: n})
		}
	}
	return append(out, diffFields(before.Fields, after.Fields)...)
}

// fieldPrefix stands before the code of a custom field in Change.Field: each has changes of its own.
const fieldPrefix = "fields."

func diffFields(before, after map[string]string) []Change {
	var out []Change
	for code, v := range after {
		if before[code] != v {
			out = append(out, Change{Field: fieldPrefix + code, Old: before[code], New: v})
		}
	}
	for code, v := range before {
		if _, still := after[code]; !still && v != "" {
			out = append(out, Change{Field: fieldPrefix + code, Old: v})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// CustomField returns the code of the custom field that the change is about.
func (c Change) CustomField() (code string, ok bool) { return strings.CutPrefix(c.Field, fieldPrefix) }

func undoField(t *Ticket, code, old string) {
	if old == "" {
		if delete(t.Fields, code); len(t.Fields) == 0 {
			t.Fields = nil
		}
		return
	}
	if t.Fields == nil {
		t.Fields = map[string]string{}
	}
	t.Fields[code] = old
}

// Undo puts the old values of changes back into t. Applied to a ticket with the changes of its later events, newest
// first, it yields the ticket as it was. Unknown fields are left alone.
func Undo(t *Ticket, changes []Change) error {
	for _, c := range changes {
		if code, ok := c.CustomField(); ok {
			undoField(t, code, c.Old)
			continue
		}
		for _, f := range fields {
			if f.name != c.Field {
				continue
			}
			if err := f.set(t, c.Old); err != nil {
				return fmt.Errorf("ticket: undo %s: %w", c.Field, err)
			}
		}
	}
	return nil
}

// Decisions leaves out of changes what the desk keeps for itself (counters, read flags, time stamps), for a history
// that people read.
func Decisions(changes []Change) []Change {
	var out []Change
	for _, c := range changes {
		if !isOwn(c.Field) {
			out = append(out, c)
		}
	}
	return out
}

func isOwn(name string) bool {
	for _, f := range fields {
		if f.name == name {
			return f.own
		}
	}
	return false
}

func own(f field) field {
	f.own = true
	return f
}

func textField[S ~string](name string, at func(*Ticket) *S) field {
	return field{name: name,
		text: func(t *Ticket) string { return string(*at(t)) },
		set:  func(t *Ticket, s string) error { *at(t) = S(s); return nil }}
}

func boolField(name string, at func(*Ticket) *bool) field {
	return field{name: name,
		text: func(t *Ticket) string { return strconv.FormatBool(*at(t)) },
		set: func(t *Ticket, s string) (err error) {
			*at(t), err = strconv.ParseBool(s)
			return err
		}}
}

func intField(name string, at func(*Ticket) *int64) field {
	return field{name: name,
		text: func(t *Ticket) string { return strconv.FormatInt(*at(t), 10) },
		set: func(t *Ticket, s string) (err error) {
			*at(t), err = strconv.ParseInt(s, 10, 64)
			return err
		}}
}

func timeField(name string, at func(*Ticket) *time.Time) field {
	return field{name: name,
		text: func(t *Ticket) string {
			if at(t).IsZero() {
				return ""
			}
			return at(t).Format(time.RFC3339Nano)
		},
		set: func(t *Ticket, s string) (err error) {
			if s == "" {
				*at(t) = time.Time{}
				return nil
			}
			*at(t), err = time.Parse(time.RFC3339Nano, s)
			return err
		}}
}

// jsonField tracks a structured value. The empty text stands for its zero value.
func jsonField[V any](name string, at func(*Ticket) *V) field {
	return field{name: name,
		text: func(t *Ticket) string {
			b, err := json.Marshal(*at(t))
			if err != nil {
				return ""
			}
			switch s := string(b); s {
			case "null", "[]", "{}":
				return ""
			default:
				return s
			}
		},
		set: func(t *Ticket, s string) error {
			var v V
			if s != "" {
				if err := json.Unmarshal([]byte(s), &v); err != nil {
					return err
				}
			}
			*at(t) = v
			return nil
		}}
}
