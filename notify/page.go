package notify

import (
	"net/url"
	"strings"

	"github.com/helpdeskgo/helpdesk/notify/survey"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// PageKind says which page a letter links to.
type PageKind string

// The pages.
const (
	CustomerPage    PageKind = "customer"    // of a ticket, for customers with an account
	GuestPage       PageKind = "guest"       // of a ticket, by a guest link
	StaffPage       PageKind = "staff"       // of a ticket, for agents
	SurveyPage      PageKind = "survey"      // that asks for a rating
	PreferencesPage PageKind = "preferences" // where readers say of what they want to hear
)

// Page is one that a letter links to.
type Page struct {
	Kind   PageKind
	Brand  ticket.Brand
	Ticket *ticket.Ticket // nil for PreferencesPage
	Token  string         // of a guest link or a survey
	Grade  string         // of a survey: the one that is chosen
	Agent  string         // id, where an agent is the reader
}

// usualURL makes the addresses of a ticket's pages of those of its brand: "{code}", "{id}" and "{token}" in them are filled
// in; where there is none of them, the code, or of a guest link the token, is added: to an end as "?t=", else as the last
// part of the path. There
// are none for the other pages, but for surveys where it is known where those are.
func usualURL(p Page, surveys string) string {
	if p.Kind == SurveyPage && surveys != "" {
		return survey.URL(surveys, p.Token, p.Grade)
	}
	base := map[PageKind]string{CustomerPage: p.Brand.CustomerURL, GuestPage: p.Brand.GuestURL, StaffPage: p.Brand.StaffURL}[p.Kind]
	if base == "" || p.Ticket == nil {
		return ""
	}
	last := p.Ticket.Code
	if p.Kind == GuestPage {
		last = p.Token
	}
	switch {
	case strings.Contains(base, "{"):
	case strings.HasSuffix(base, "="): // of a query
		return base + url.QueryEscape(last)
	default:
		return strings.TrimRight(base, "/") + "/" + url.PathEscape(last)
	}
	return strings.NewReplacer("{code}", url.PathEscape(p.Ticket.Code), "{id}", idOf(p.Ticket), "{token}", url.PathEscape(p.Token)).Replace(base)
}
