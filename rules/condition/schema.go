package condition

import (
	"slices"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Schema is what a desk has, as far as conditions name it. A nil list is open: whatever a condition names is taken. It must
// not be changed, nor copied, once it was used; it is then safe for concurrent use.
type Schema struct {
	Statuses    []string
	Priorities  []string
	Departments []string
	Brands      []string
	Agents      []string // ids
	Tags        []string
	Groups      []string // of customers
	Gateways    []string
	Events      []string       // as rules call them
	Fields      []ticket.Field // custom fields; a condition may name no others

	// Clock is for rules that run by the clock: equality with hours_since_… means "at least" there, for no check hits an
	// hour exactly.
	Clock bool
	// Complete says that no ticket has a status, a priority, a department or a brand that the lists lack, so that Narrow
	// may make "one of the others" of "is not", and Never may go by them.
	Complete bool
	// Zone is that of hour, weekday and date; default UTC.
	Zone *time.Location

	once   sync.Once
	fields map[string]*Field
	slots  slots
}

func (s *Schema) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// values returns the list that a field's values come from; open says that there may be others, or any.
func (s *Schema) values(list string) (values []string, open bool) {
	switch list {
	case "statuses":
		return s.Statuses, s.Statuses == nil
	case "priorities":
		return s.Priorities, s.Priorities == nil
	case "departments":
		return s.Departments, s.Departments == nil
	case "brands":
		return s.Brands, s.Brands == nil
	case "agents":
		return s.Agents, s.Agents == nil
	case "tags":
		return s.Tags, s.Tags == nil
	case "groups":
		return s.Groups, s.Groups == nil
	case "gateways":
		return s.Gateways, s.Gateways == nil
	case "changes":
		return s.changes(), false
	case "events":
		return s.Events, s.Events == nil
	}
	return s.fixed(list)
}

// changes are the names that event.changed can have: those of properties, of custom fields, and of what belongs to a ticket.
func (s *Schema) changes() []string {
	out := append(ticket.Properties(), "deadline", "follow_up", "snoozed_until", "appointment")
	for _, f := range s.Fields {
		out = append(out, customPrefix+f.Code)
	}
	return out
}

// sure reports whether nothing has a value that the list lacks. Of most lists nobody knows: tickets keep what was removed.
func (s *Schema) sure(list string) bool {
	switch list {
	case "statuses", "priorities", "departments", "brands":
		return s.Complete
	case "classes", "folders", "actors", "sides", "kinds":
		return true
	}
	return false
}

// fixed are the values that are the same in every desk.
func (s *Schema) fixed(list string) (values []string, open bool) {
	switch list {
	case "classes":
		return texts(ticket.Classes()), false
	case "folders":
		return texts([]ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}), false
	case "channels":
		return texts([]ticket.Channel{ticket.ChannelEmail, ticket.ChannelContactForm, ticket.ChannelFeedbackTab,
			ticket.ChannelAccount, ticket.ChannelBackend, ticket.ChannelAPI, ticket.ChannelLink}), true
	case "actors":
		return texts([]ticket.ActorKind{ticket.ActorGuest, ticket.ActorClient, ticket.ActorStaff, ticket.ActorSystem}), false
	case "sides":
		return texts([]ticket.ActorKind{ticket.ActorClient, ticket.ActorStaff, ticket.ActorSystem}), false
	case "kinds":
		return texts([]ticket.MessageKind{ticket.KindReply, ticket.KindNote, ticket.KindThirdParty, ticket.KindConfided}), false
	}
	return nil, true
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// lookup returns the field of a name, as "ticket.status" or "field.telephone", that of aliases too.
func (s *Schema) lookup(name string) (*Field, bool) {
	s.once.Do(s.index)
	f, ok := s.fields[name]
	return f, ok
}

// List returns every field that a condition may use, in order of their names: for settings pages and documentation.
func (s *Schema) List() []Field {
	s.once.Do(s.index)
	out := make([]Field, 0, len(s.fields))
	for name, f := range s.fields {
		if name == f.Name {
			f := *f
			f.Options = slices.Clone(f.Options)
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Field) int { return compareNames(a.Name, b.Name) })
	return out
}
