package template

import (
	"cmp"
	"html/template"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

func ofPeople() []entry {
	return []entry{
		{name: "to_name", meaning: "name of who gets the letter", shape: aText, value: line(func(v *view) string { return v.To.Name })},
		{name: "to_email", meaning: "address of who gets the letter", shape: aText, value: line(func(v *view) string { return v.To.Email })},
		{name: "greeting", meaning: "greets who gets the letter, by name where there is one", shape: aText, value: line((*view).greeting)},
		{name: "customer_name", meaning: "name of the requester; without one, their address; for staff both where nobody knows them", shape: aText, value: line((*view).customer)},
		{name: "customer_email", meaning: "address of the requester", shape: aText, value: line(func(v *view) string { return cmp.Or(v.ticket().Requester.Email, v.Customer.Person().Email) })},
		{name: "customer_id", meaning: "the host's id of the requester", shape: aText, value: line(func(v *view) string { return cmp.Or(v.Customer.ID, v.ticket().Requester.ID) })},
		{name: "customer_phone", meaning: "phone number of the requester", shape: aText, value: line(func(v *view) string { return cmp.Or(v.ticket().Phone, v.Customer.Phone) })},
		{name: "customer_group", meaning: "group of the requester", shape: aText, value: line(func(v *view) string { return v.Customer.Group })},
		{name: "customer_organisation", meaning: "id of the requester's organisation", shape: aText, value: line(func(v *view) string { return cmp.Or(v.ticket().Organisation, v.Customer.Organisation) })},
		{name: "customer_locale", meaning: "language of the requester, as in en-GB", shape: aText, value: line(func(v *view) string { return v.Customer.Locale })},
		{name: "customer_zone", meaning: "time zone of the requester, as in Europe/London", shape: aText, value: line(func(v *view) string { return v.Customer.Zone })},
		{name: "owner_name", meaning: "name of the agent to whom the ticket is assigned, as staff see it", shape: aText, value: line(func(v *view) string { return v.Owner.Name })},
		{name: "owner_firstname", meaning: "first name of that agent", shape: aText, value: line(func(v *view) string { return v.Owner.FirstName })},
		{name: "owner_lastname", meaning: "last name of that agent", shape: aText, value: line(func(v *view) string { return v.Owner.LastName })},
		{name: "owner_email", meaning: "address of that agent", shape: aText, value: line(func(v *view) string { return v.Owner.Email })},
		{name: "user_name", meaning: "name of the agent who acts, as staff see it", shape: aText, value: line(func(v *view) string { return v.User.Name })},
		{name: "user_firstname", meaning: "first name of the agent who acts", shape: aText, value: line(func(v *view) string { return v.User.FirstName })},
		{name: "user_lastname", meaning: "last name of the agent who acts", shape: aText, value: line(func(v *view) string { return v.User.LastName })},
		{name: "user_email", meaning: "address of the agent who acts", shape: aText, value: line(func(v *view) string { return v.User.Email })},
		{name: "user_signed", meaning: "who acts, as the reader may see them: staff by name, others as the agent signs", shape: aText, value: line((*view).acting)},
	}
}

func ofTicket() []entry {
	return []entry{
		{name: "ticket_code", meaning: "code of the ticket", shape: aText, value: line(func(v *view) string { return v.ticket().Code })},
		{name: "ticket_subject", meaning: "subject of the ticket", shape: aText, value: line(func(v *view) string { return v.ticket().Subject })},
		{name: "ticket_department", meaning: "name of its department, in the reader's language", shape: aText, value: line((*view).department)},
		{name: "ticket_status", meaning: "name of its status, in the reader's language", shape: aText, value: line((*view).status)},
		{name: "ticket_priority", meaning: "name of its priority, in the reader's language", shape: aText, value: line((*view).priority)},
		{name: "ticket_channel", meaning: "way by which it came in, as email or contact_form", shape: aText, value: line(func(v *view) string { return string(v.ticket().Channel) })},
		{name: "ticket_tags", meaning: "its tags, with a comma between", shape: aText, value: line(func(v *view) string { return strings.Join(v.ticket().Tags, ", ") })},
		{name: "ticket_service", meaning: "order or service that it is about", shape: aText, value: line(func(v *view) string { return v.ticket().Service })},
		{name: "ticket_phone", meaning: "phone number that it was opened with", shape: aText, value: line(func(v *view) string { return v.ticket().Phone })},
		{name: "ticket_external", meaning: "the host's own id of it", shape: aText, value: line(func(v *view) string { return v.ticket().External })},
		{name: "ticket_customer_name", meaning: "as customer_name", shape: aText, value: line((*view).customer)},
		{name: "ticket_customer_email", meaning: "as customer_email", shape: aText, value: line(func(v *view) string { return v.ticket().Requester.Email })},
		{name: "ticket_assignee", meaning: "as owner_name", shape: aText, value: line(func(v *view) string { return v.Owner.Name })},
		{name: "ticket_created", meaning: "when it was opened", shape: aDate, value: func(v *view) any { return v.when(v.ticket().CreatedAt) }},
		{name: "ticket_updated", meaning: "when it was changed last", shape: aDate, value: func(v *view) any { return v.when(v.ticket().UpdatedAt) }},
		{name: "ticket_replied", meaning: "when somebody replied last", shape: aDate, value: func(v *view) any { return v.when(v.ticket().LastReplyAt) }},
		{name: "order", meaning: "what the ticket refers to, by the host's own fields; prints as its label", shape: anOrder, value: func(v *view) any { return v.order() }},
	}
}

func ofDesk() []entry {
	return []entry{
		{name: "store_name", meaning: "name of the brand", shape: aText, value: line(func(v *view) string { return v.Brand.Name })},
		{name: "store_email", meaning: "address from which the department writes, else the brand", shape: aText, value: line(func(v *view) string { return cmp.Or(v.Department.Sender, v.Brand.Sender) })},
		{name: "logo_url", meaning: "address of the brand's logo, if it is one of https", shape: aText, value: func(v *view) any { return v.logo() }},
		{name: "logo_alt", meaning: "what stands for the logo where it is not shown: the brand's name", shape: aText, value: line(func(v *view) string { return v.Brand.Name })},
		{name: "ticket_url", meaning: "page of the ticket for the reader", shape: aText, value: func(v *view) any { return v.url() }},
		{name: "guest_url", meaning: "link to the ticket that needs no login; never for staff", shape: aText, value: func(v *view) any { return v.guestURL() }},
		{name: "backend_url", meaning: "page of the ticket for staff; for staff alone", shape: aText, value: func(v *view) any { return v.backendURL() }},
		{name: "locale", meaning: "language of the letter, as in en", shape: aText, value: func(v *view) any { return v.locale }},
		{name: "now", meaning: "when the letter is written", shape: aDate, value: func(v *view) any { return v.when(v.Now) }},
		{name: "for_staff", meaning: "whether the reader is an agent", shape: aTruth, value: func(v *view) any { return v.staff }},
		{name: "can_reply", meaning: "whether the letter may be answered by mail", shape: aTruth, value: func(v *view) any { return v.Marker }},
	}
}

// turnFields are the fields of a message.
func turnFields() map[string]*shape {
	return map[string]*shape{"author": aText, "date": aDate, "text": aBlock, "files": aText, "from_staff": aTruth, "internal": aTruth, "unproven": aTruth}
}

func ofMessages() []entry {
	return []entry{
		{name: "last_message", meaning: "what was said last: as HTML in HTML, with its files", shape: aBlock, value: func(v *view) any { return v.message() }},
		{name: "last_message_text", meaning: "the same, always plain", shape: aBlock, value: func(v *view) any { return v.messageText() }},
		{name: "last_message_date", meaning: "when it was said", shape: aDate, value: func(v *view) any { return v.when(v.last().At) }},
		{name: "last_message_files", meaning: "names of its files, with a comma between", shape: aText, value: line(func(v *view) string { return strings.Join(v.last().Files, ", ") })},
		{name: "last_reply_name", meaning: "name of who said it, as staff see it", shape: aText, value: line(func(v *view) string { return v.last().Named() })},
		{name: "last_reply_name_signed", meaning: "the same as customers see it: an agent as they sign", shape: aText, value: line(func(v *view) string { return v.signed(v.last()) })},
		{name: "last_author", meaning: "the same as the reader may see it", shape: aText, value: line(func(v *view) string { return v.author(v.last()) })},
		{name: "from_staff", meaning: "whether an agent said it", shape: aTruth, value: func(v *view) any { return v.last().FromStaff && !v.last().Unproven }},
		{name: "internal", meaning: "whether it is an internal note", shape: aTruth, value: func(v *view) any { return v.last().Internal }},
		{name: "unproven", meaning: "whether nothing proves that it is from whom it claims to be: names are with the address then, and last_message says so", shape: aTruth, value: func(v *view) any { return v.last().Unproven }},
		{name: "history", meaning: "messages before the last, the newest first, as a quote", shape: aBlock, value: func(v *view) any { return v.history() }},
		{name: "turns", meaning: "the same as a list", shape: listOf(turnFields()), value: func(v *view) any { return v.turnRows() }},
		{name: "details", meaning: "code, customer, department, status, priority and assignee of the ticket, a line each", shape: aBlock, value: func(v *view) any { return v.details() }},
		{name: "signature", meaning: "signature of the agent or the department; never for staff", shape: aBlock, value: func(v *view) any { return v.signature() }},
		{name: "survey", meaning: "links by which the answer is graded; never for staff", shape: aBlock, value: func(v *view) any { return v.survey() }},
		{name: "grades", meaning: "the same as a list", shape: listOf(map[string]*shape{"label": aText, "url": aText}), value: func(v *view) any { return v.gradeRows() }},
		{name: "button", meaning: "link to the ticket", shape: aBlock, value: func(v *view) any { return v.button() }},
		{name: "hidden_code", meaning: "by which an answer finds its ticket", shape: aBlock, value: func(v *view) any { return v.hiddenCode() }},
	}
}

func ofOccasion() []entry {
	changes := listOf(map[string]*shape{"label": aText, "old": aText, "new": aText})
	items := listOf(map[string]*shape{"code": aText, "subject": aText, "url": aText, "text": aBlock})
	told := []Kind{Reminder, RuleNotice, Chaser, SLAWarning, OutOfHours, Refused, Closed}
	return []entry{
		{name: "title", meaning: "subject of a rule's notice, a reminder, a chaser; of a mail that was refused", shape: aText, kinds: told, value: line(func(v *view) string { return v.Title })},
		{name: "note", meaning: "text of a rule's notice, a reminder, a chaser; the message of an out-of-hours mail; why a mail was refused", shape: aBlock, kinds: told, value: func(v *view) any { return v.plain(v.Note, maxBody) }},
		{name: "time_left", meaning: "time until somebody is there again, in words", shape: aText, kinds: []Kind{OutOfHours}, value: line(func(v *view) string { return v.TimeLeft })},
		{name: "rating_grade", meaning: "grade that a customer gave", shape: aText, kinds: []Kind{SurveyResult}, value: line(func(v *view) string { return v.grade(v.rating().Grade) })},
		{name: "rating_comment", meaning: "comment beside it", shape: aBlock, kinds: []Kind{SurveyResult}, value: func(v *view) any { return v.plain(v.rating().Comment, maxQuoted) }},
		{name: "changes", meaning: "properties that were changed", shape: changes, kinds: []Kind{Updated}, value: func(v *view) any { return v.changeRows() }},
		{name: "items", meaning: "notices of a digest", shape: items, kinds: []Kind{Digest}, value: func(v *view) any { return v.itemRows() }},
		{name: "merged_codes", meaning: "codes of the tickets that were merged into this one, with a comma between", shape: aText, kinds: []Kind{Merged}, value: line(func(v *view) string { return strings.Join(v.Others, ", ") })},
	}
}

func ofLayout() []entry {
	return []entry{
		{name: "content", meaning: "in a layout: what the template says", shape: aBlock, layout: true, value: func(v *view) any { return v.content }},
		{name: "subject", meaning: "in a layout: the subject of the letter", shape: aText, layout: true, value: func(v *view) any { return v.subject }},
		{name: "marker", meaning: "in a layout: the line above which to reply", shape: aText, layout: true, value: func(v *view) any { return v.marker() }},
		{name: "outlook_head", meaning: "in a layout: what Outlook needs in the head", shape: aBlock, layout: true, value: forOutlook(`<style>table, td, p, div, a { font-family: Arial, sans-serif; }</style>`)},
		{name: "outlook_begin", meaning: "in a layout: begins what gives Outlook a width", shape: aBlock, layout: true, value: forOutlook(`<table role="presentation" align="center" width="600" cellpadding="0" cellspacing="0"><tr><td>`)},
		{name: "outlook_end", meaning: "in a layout: ends it", shape: aBlock, layout: true, value: forOutlook(`</td></tr></table>`)},
		{name: "direction", meaning: "in a layout: ltr or rtl", shape: aText, layout: true, value: func(v *view) any { return direction(v.locale) }},
	}
}

// forOutlook is HTML that Outlook alone reads. A template cannot hold it itself: html/template takes comments out.
func forOutlook(s string) func(*view) any {
	return func(*view) any { return template.HTML("<!--[if mso]>" + s + "<![endif]-->") } //nolint:gosec // a constant
}

// department is what the reader calls it.
func (v *view) department() string {
	return cmp.Or(v.Department.Labels.In(v.brand, v.locale, v.Department.Name), v.ticket().Department)
}

func (v *view) status() string {
	return cmp.Or(v.Status.Labels.In(v.brand, v.locale, v.Status.Name), v.ticket().Status)
}

func (v *view) priority() string {
	return cmp.Or(v.Priority.Labels.In(v.brand, v.locale, v.Priority.Name), v.ticket().Priority)
}

func (v *view) customer() string {
	p := v.ticket().Requester
	if v.staff && v.Stranger {
		return withAddress(cmp.Or(p.Name, v.Customer.Name), cmp.Or(p.Email, v.Customer.Person().Email))
	}
	return cmp.Or(p.Name, v.Customer.Name, p.Email, v.Customer.Person().Email)
}

// order is what the host says of it, with its own names made names of ours.
func (v *view) order() object {
	if v.Order == nil {
		return nil
	}
	o := object{}
	for k, s := range v.Order.Fields {
		o[fieldName(ticket.Field{Code: k})] = oneLine(s, maxLine)
	}
	o["id"], o["kind"], o["url"] = oneLine(v.Order.ID, maxLine), oneLine(v.Order.Kind, maxLine), link(v.Order.URL)
	o["label"] = oneLine(cmp.Or(v.Order.Label, v.Order.ID), maxLine)
	return o
}
