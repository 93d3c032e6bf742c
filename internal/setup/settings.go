package setup

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// CheckSettings refuses a layer that names what is not there, and what is out of bounds. Formats says which code formats
// there are.
func (s *Setup) CheckSettings(e *ticket.ValidationError, p ticket.SettingsPatch, formats func(name string) bool) {
	s.checkStatuses(e, p)
	if p.DefaultPriority != nil {
		s.CheckPriority(e, *p.DefaultPriority)
	}
	if _, ok := s.Department(deref(p.DefaultDepartment)); p.DefaultDepartment != nil && !ok {
		e.Add("default_department", ticket.FaultUnknown, "%q is no department: put it into the catalogue first", *p.DefaultDepartment)
	}
	if _, ok := s.Brand(deref(p.DefaultBrand)); p.DefaultBrand != nil && !ok {
		e.Add("default_brand", ticket.FaultUnknown, "%q is no brand: put it into the catalogue first", *p.DefaultBrand)
	}
	if p.CodeFormat != nil && !formats(*p.CodeFormat) {
		e.Add("code_format", ticket.FaultUnknown, "%q is none of the desk's code formats: add it to Config.Codes", *p.CodeFormat)
	}
	if _, ok := s.Role(deref(p.DefaultRole)); deref(p.DefaultRole) != "" && !ok {
		e.Add("default_role", ticket.FaultUnknown, "%q is no role: put it into the catalogue first", *p.DefaultRole)
	}
	checkPolicies(e, p)
}

// HasLayer reports whether settings may be kept for a layer: the desk, a gateway, and brands and departments that exist.
func (s *Setup) HasLayer(l ticket.Layer) (ok bool) {
	kind, code, _ := strings.Cut(string(l), "/")
	switch kind {
	case "desk":
		return code == ""
	case "brand":
		_, ok = s.Brand(code)
	case "department":
		_, ok = s.Department(code)
	case "gateway":
		ok = code != ""
	}
	return ok
}

// checkStatuses adds which statuses the catalogue does not have.
func (s *Setup) checkStatuses(e *ticket.ValidationError, p ticket.SettingsPatch) {
	status := func(field string, list ...string) {
		for _, code := range list {
			if _, ok := s.Status(code); !ok && code != "" {
				e.Add(field, ticket.FaultUnknown, "%q is no status: put it into the catalogue first", code)
			}
		}
	}
	if _, ok := s.Status(deref(p.DefaultStatus)); p.DefaultStatus != nil && !ok {
		e.Add("default_status", ticket.FaultUnknown, "%q is no status: put it into the catalogue first", *p.DefaultStatus)
	}
	status("reopen_status", deref(p.ReopenStatus))
	if st, _ := s.Status(deref(p.ReopenStatus)); st.Class.Done() {
		e.Add("reopen_status", ticket.FaultConflicting, "%q is of class %s: a reopened ticket is open", st.Code, st.Class)
	}
	status("status_on_staff", deref(p.StatusOnStaff))
	status("status_on_customer", deref(p.StatusOnCustomer))
	status("archive_statuses", deref(p.ArchiveStatuses)...)
	status("silent_statuses", deref(p.SilentStatuses)...)
	status("solved_statuses", deref(p.SolvedStatuses)...)
	for _, t := range deref(p.Transitions) {
		if t.From == "" {
			e.Add("transitions", ticket.FaultRequired, "name no status that they start from")
		}
		status("transitions", append([]string{t.From}, t.To...)...)
	}
}

// checkSurvey adds what is no scale of grades.
func checkSurvey(e *ticket.ValidationError, p ticket.SettingsPatch) {
	if p.SurveyExpiry != nil && *p.SurveyExpiry <= 0 {
		e.Add("survey_expiry", ticket.FaultOutOfRange, "must be more than nothing")
	}
	if p.RatingGrades == nil {
		return
	}
	grades := *p.RatingGrades
	if len(grades) < 2 || len(grades) > 10 {
		e.Add("rating_grades", ticket.FaultOutOfRange, "has %d grades: give 2 to 10", len(grades))
	}
	for i, g := range grades {
		e.CheckLine("rating_grades", g, 50)
		if g == "" || slices.Contains(grades[:i], g) {
			e.Add("rating_grades", ticket.FaultMalformed, "%q is empty or comes twice", g)
		}
	}
}

// checkHours adds what pages cannot show of working hours.
func checkHours(e *ticket.ValidationError, p ticket.SettingsPatch) {
	check := func(field string, l ticket.Label) {
		e.CheckCount(field, len(l), 100)
		for _, locale := range slices.Sorted(maps.Keys(l)) {
			e.CheckLine(field, locale, 200)
			e.CheckText(field, l[locale], 2000)
		}
	}
	check("open_message", deref(p.OpenMessage))
	check("closed_message", deref(p.ClosedMessage))
	if p.HolidayNotice != nil && (*p.HolidayNotice < 0 || *p.HolidayNotice > 366) {
		e.Add("holiday_notice", ticket.FaultOutOfRange, "must be from 0 to 366 days")
	}
}

// checkMail adds what mail could not be sent by.
func checkMail(e *ticket.ValidationError, p ticket.SettingsPatch) {
	if p.SignAs != nil && *p.SignAs != ticket.SignAgent && *p.SignAs != ticket.SignDepartment {
		e.Add("sign_as", ticket.FaultUnknown, "%q is no name to sign with: use agent or department", *p.SignAs)
	}
	addresses := func(field string, list ...string) {
		e.CheckCount(field, len(list), 100)
		for _, a := range list {
			e.CheckLine(field, a, 320)
			if local, domain, ok := strings.Cut(a, "@"); !ok || local == "" || domain == "" || strings.ContainsAny(a, " <>,;") {
				e.Add(field, ticket.FaultMalformed, "%q is no email address", a)
			}
		}
	}
	addresses("new_ticket_addresses", deref(p.NewTicketAddresses)...)
	addresses("rating_addresses", deref(p.RatingAddresses)...)
	addresses("mail_copies", deref(p.MailCopies)...)
	if deref(p.MailSandbox) != "" {
		addresses("mail_sandbox", *p.MailSandbox)
	}
	if n := deref(p.MailHistory); n < 0 || n > 20 {
		e.Add("mail_history", ticket.FaultOutOfRange, "must be from 0 to 20 messages")
	}
	if n := deref(p.MailFileBytes); n < 0 || n > 50<<20 {
		e.Add("mail_file_bytes", ticket.FaultOutOfRange, "must be from 0 to 50 MB: hardly a server takes larger mails")
	}
	if d := deref(p.UndoSend); d < 0 || d > ticket.Duration(time.Hour) {
		e.Add("undo_send", ticket.FaultOutOfRange, "must be from 0 to 1h")
	}
	e.CheckCount("feed_new_tickets", len(deref(p.FeedNewTickets)), ticket.MaxValues)
	for _, id := range deref(p.FeedNewTickets) {
		e.CheckLine("feed_new_tickets", id, 200)
	}
	if d := deref(p.FeedInterval); d != 0 && (d < ticket.Duration(time.Second) || d > ticket.Duration(24*time.Hour)) {
		e.Add("feed_interval", ticket.FaultOutOfRange, "must be from 1s to 24h, or 0 for never")
	}
}

// checkPolicies adds what is no choice, and what is out of bounds.
func checkPolicies(e *ticket.ValidationError, p ticket.SettingsPatch) {
	policies := []ticket.AfterClose{ticket.AfterCloseReopen, ticket.AfterCloseLink, ticket.AfterCloseRefuse, ticket.AfterCloseAnswer}
	if p.AfterClose != nil && !slices.Contains(policies, *p.AfterClose) {
		e.Add("after_close", ticket.FaultUnknown, "%q is no policy: use reopen, link, refuse or answer", *p.AfterClose)
	}
	edits := []ticket.CustomerEdit{ticket.EditNever, ticket.EditUntilReply, ticket.EditWhileOpen}
	if p.CustomerEdit != nil && !slices.Contains(edits, *p.CustomerEdit) {
		e.Add("customer_edit", ticket.FaultUnknown, "%q is no policy: use never, until_reply or while_open", *p.CustomerEdit)
	}
	checkFileTypes(e, "file_types", p.FileTypes)
	checkFileTypes(e, "blocked_file_types", p.BlockedFileTypes)
	if deref(p.FileRetention) < 0 {
		e.Add("file_retention", ticket.FaultOutOfRange, "is negative: 0 keeps files")
	}
	if p.GuestLinkExpiry != nil && *p.GuestLinkExpiry <= 0 {
		e.Add("guest_link_expiry", ticket.FaultOutOfRange, "must be more than nothing")
	}
	checkSurvey(e, p)
	checkHours(e, p)
	checkMail(e, p)
	if deref(p.DeliveryRetention) < 0 {
		e.Add("delivery_retention", ticket.FaultOutOfRange, "is negative")
	}
	if p.DeliveryAttempts != nil && (*p.DeliveryAttempts < 1 || *p.DeliveryAttempts > 100) {
		e.Add("delivery_attempts", ticket.FaultOutOfRange, "must be from 1 to 100")
	}
	if p.EmptySubject != nil {
		if *p.EmptySubject == "" {
			e.Add("empty_subject", ticket.FaultRequired, "is empty")
		}
		e.CheckLine("empty_subject", *p.EmptySubject, 200)
	}
}

// checkFileTypes refuses what is no extension.
func checkFileTypes(e *ticket.ValidationError, field string, list *[]string) {
	for _, ext := range deref(list) {
		switch {
		case strings.HasPrefix(ext, "."):
			e.Add(field, ticket.FaultMalformed, "%q begins with a dot: write the extension alone, as in %q", ext, strings.TrimLeft(ext, "."))
		case ext == "", len(ext) > 50, strings.ContainsAny(ext, ". /\\"), ticket.FileName(ext) != ext:
			e.Add(field, ticket.FaultMalformed, "%q is no extension: write what follows the last dot of a file name", ext)
		}
	}
}

// deref is what a pointer points to, or nothing.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
