package template

import (
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Sample returns made-up facts that have something for every variable of a kind, for previews and tests.
func Sample(k Kind) *Facts {
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	f := &Facts{
		Ticket: &ticket.Ticket{
			ID: 42, Code: "VEP-728-96190", Subject: "Lamp arrived broken", Brand: "shop", Department: "support", Status: "open", Class: ticket.ClassOpen, Priority: "high",
			Requester: ticket.Person{ID: "7", Name: "Ann Example", Email: "ann@shop.example"}, Assignee: "3", Channel: ticket.ChannelEmail,
			Phone: "+44 20 7946 0000", Service: "Order 1001", External: "x-42", Tags: []string{"damage", "lamp"},
			Fields: map[string]string{}, CreatedAt: at, UpdatedAt: at.Add(26 * time.Hour), LastReplyAt: at.Add(26 * time.Hour),
		},
		Brand:      ticket.Brand{Code: "shop", Name: "Example Shop", Sender: "support@shop.example", Locales: []string{"en"}, Zone: "Europe/Berlin"},
		Department: ticket.Department{Code: "support", Name: "Support"},
		Status:     ticket.Status{Code: "open", Name: "Open", Class: ticket.ClassOpen},
		Priority:   ticket.Priority{Code: "high", Name: "High"},
		Customer:   ticket.Customer{ID: "7", Name: "Ann Example", Emails: []string{"ann@shop.example"}, Phone: "+44 20 7946 0000", Group: "retail", Organisation: "12", Locale: "en-GB", Zone: "Europe/London"},
		Owner:      ticket.Agent{ID: "3", Name: "Bob Agent", FirstName: "Bob", LastName: "Agent", Email: "bob@shop.example"},
		User:       ticket.Agent{ID: "3", Name: "Bob Agent", FirstName: "Bob", LastName: "Agent", Email: "bob@shop.example"},
		To:         ticket.Person{ID: "7", Name: "Ann Example", Email: "ann@shop.example"},
		ForStaff:   k.ForStaff(),
		SignedAs:   "Bob from Support",
		TicketURL:  "https://shop.example/tickets/42",
		Order:      &ticket.Object{Ref: ticket.Ref{Kind: "order", ID: "1001", Label: "Order 1001"}, URL: "https://shop.example/orders/1001", Fields: map[string]string{"increment_id": "1001", "total": "49.90"}},
		Marks: ticket.Marks{
			Code: "hd-samplesamplesamplesamplesamplesample",
			HTML: `<div id="hd-sample" class="hd-sample" style="font-size:1px;line-height:1px;max-height:1px;color:transparent;overflow:hidden;mso-hide:all">hd-sample<!-- hd-sample --></div>`,
		},
		Marker:        k != SurveyResult && k != Digest && k != Refused,
		CodeInSubject: true,
		Now:           at.Add(26 * time.Hour),
	}
	f.sampleConversation(k, at)
	f.sampleOccasion(k)
	return f
}

// sampleConversation adds what was said.
func (f *Facts) sampleConversation(k Kind, at time.Time) {
	question := Turn{Author: "Ann Example", At: at, Text: "Hello,\n\nthe lamp of my order arrived broken. The glass has a crack.\nCan you send another one?\n\nAnn", Files: []string{"lamp.jpg"}}
	answer := Turn{Author: "Bob Agent", SignedAs: "Bob from Support", At: at.Add(26 * time.Hour), FromStaff: true, Text: "Hello Ann,\n\nwe are sorry about the lamp. A new one is on its way and should be with you on Tuesday.\nYou need not send the broken one back."}
	note := Turn{Author: "Bob Agent", At: at.Add(25 * time.Hour), FromStaff: true, Internal: true, Text: "The second broken lamp of this batch: @mia, please look at the packaging."}
	f.Message, f.History = &answer, []Turn{note, question}
	switch k {
	case CustomerTicket, StaffTicket, OutOfHours:
		f.Message, f.History = &question, nil
	case StaffMessage:
		question.At, question.Text, question.Files = at.Add(30*time.Hour), "Thank you, that was quick!\n\nAnn", nil
		f.Message, f.History = &question, []Turn{answer, note}
	case Mentioned:
		f.Message, f.History = &note, []Turn{question}
	case Refused, Digest:
		f.Message, f.History, f.Ticket = nil, nil, nil
	case SurveyResult, Updated, Closed, Merged, Reminder, RuleNotice, SLAWarning:
		f.History = nil
	}
	switch k {
	case CustomerMessage:
		f.Survey = []Grade{{"good", "https://shop.example/survey/good"}, {"neutral", "https://shop.example/survey/neutral"}, {"bad", "https://shop.example/survey/bad"}}
		f.Signature = ticket.Signature{Text: "Kind regards\nBob from Support\nExample Shop"}
	case ThirdPartyMessage:
		f.Signature = ticket.Signature{Text: "Kind regards\nBob from Support\nExample Shop"}
	}
}

// sampleOccasion adds why the letter is written.
func (f *Facts) sampleOccasion(k Kind) {
	if f.ForStaff {
		f.To = ticket.Person{ID: "3", Name: "Bob Agent", Email: "bob@shop.example"}
		f.BackendURL = "https://desk.example/tickets/42"
	} else {
		f.GuestURL = "https://shop.example/guest/token"
	}
	switch k {
	case Reminder:
		f.Note = "Ask the supplier about the packaging."
	case RuleNotice:
		f.Title, f.Note = "A problem ticket arrived", "The tag \"damage\" was added to a ticket."
	case SurveyResult:
		f.Rating = &Rating{Grade: "good", Comment: "Quick and friendly.\nThank you!"}
	case Chaser:
		f.Note = "Without an answer we will close your request on 5 December."
	case SLAWarning:
		f.Title, f.Note = "First response due", "The first response is due at 11:30, in 30 minutes."
	case Merged:
		f.Others = []string{"ABC-111-22222", "DEF-333-44444"}
	case OutOfHours:
		f.Note, f.TimeLeft = "", "13 hours"
	case Updated:
		f.Changes = []Change{{Field: "status", Old: "Open", New: "In Progress"}, {Field: "priority", Old: "Medium", New: "High"}, {Field: "assignee", New: "Bob Agent"}, {Field: "tags", Old: `["lamp"]`, New: `["damage","lamp"]`}}
	case Digest:
		f.Items = []Item{
			{"VEP-728-96190", "Lamp arrived broken", "https://desk.example/tickets/42", "Ann Example replied"},
			{"ABC-111-22222", "Invoice", "https://desk.example/tickets/43", "Status: Open → Closed"},
		}
	case Refused:
		f.Title, f.Note, f.Marks = "Lamp arrived broken", "A file in it is larger than 20 MB. Please send it again without the file.", ticket.Marks{}
	}
}
