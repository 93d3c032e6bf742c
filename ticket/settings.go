package ticket

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// AfterClose says what happens to a customer's message on a closed ticket (R07).
type AfterClose string

// The policies for messages after closing.
const (
	AfterCloseReopen AfterClose = "reopen" // the ticket is open again
	AfterCloseLink   AfterClose = "link"   // a new ticket, linked to the closed one
	AfterCloseRefuse AfterClose = "refuse" // ErrClosed; by mail a new linked ticket, so that nothing is lost
	AfterCloseAnswer AfterClose = "answer" // ErrClosed, by mail too: a recorded refusal, which can be answered
)

// CustomerEdit says for how long customers may edit their own ticket (R03).
type CustomerEdit string

// The policies for edits by customers.
const (
	EditNever      CustomerEdit = "never"
	EditUntilReply CustomerEdit = "until_reply" // until staff have replied
	EditWhileOpen  CustomerEdit = "while_open"  // until the ticket is solved or closed
)

// SignAs says whose name customers see on what staff write (M04). Staff always see the agent's.
type SignAs string

// The names.
const (
	SignAgent      SignAs = "agent"
	SignDepartment SignAs = "department"
)

// Transition says which statuses may follow a status, by their codes (X28). What the settings themselves bring about, as
// StatusOnCustomer does, and what the host's own code does is free.
type Transition struct {
	From string   `json:"from"`
	To   []string `json:"to"` // none means that it is the last one
}

// MayFollow reports whether the transitions let one status follow another.
func (s Settings) MayFollow(from, to string) bool {
	declared := false
	for _, t := range s.Transitions {
		if t.From != from {
			continue
		}
		if declared = true; slices.Contains(t.To, to) {
			return true
		}
	}
	return !declared || from == to
}

// Settings are the switches of a desk as they hold for one brand, department and gateway. They live in the store, are
// changed while the desk runs, and are seen by every process on it. docs/SETTINGS.md has the defaults.
type Settings struct {
	DefaultBrand      string `json:"default_brand"`      // of new tickets that name none; so the next three
	DefaultDepartment string `json:"default_department"` //
	DefaultStatus     string `json:"default_status"`     // (M03)
	DefaultPriority   string `json:"default_priority"`   // (M02)
	ReopenStatus      string `json:"reopen_status"`      // of a reopened ticket; empty means DefaultStatus

	ArchiveStatuses  []string `json:"archive_statuses"`   // entering one moves a ticket to the Archive (M05)
	SilentStatuses   []string `json:"silent_statuses"`    // the customer cannot write in these; staff can (M06)
	SolvedStatuses   []string `json:"solved_statuses"`    // count as solved; empty means every status of class solved or closed (M27)
	StatusOnStaff    string   `json:"status_on_staff"`    // set when staff reply; empty does nothing (R08)
	StatusOnCustomer string   `json:"status_on_customer"` // set when the customer replies; empty does nothing (R09)

	Transitions []Transition `json:"transitions"` // which status may follow which; from a status that is not among them any may (X28)

	AfterClose         AfterClose `json:"after_close"`          // what a reply of the customer does to a closed ticket: reopen, link, refuse or answer
	RequireClosingNote bool       `json:"require_closing_note"` // staff who close must say why (R06)
	AssignOnReply      bool       `json:"assign_on_reply"`      // the replying agent becomes owner of an unassigned ticket (M63)

	CodeFormat    string `json:"code_format"`     // name of one of the desk's code formats
	CodeInSubject bool   `json:"code_in_subject"` // outgoing subjects carry the code, incoming ones are searched for it (M21)

	DefaultRole string `json:"default_role"` // of staff who have no role of their own; empty means no rights

	CustomerSection    bool         `json:"customer_section"`    // customers with an account may use the desk (M26, G01)
	GuestTickets       bool         `json:"guest_tickets"`       // guests may open tickets (R02)
	GuestAccounts      bool         `json:"guest_accounts"`      // the point GuestAccount is asked about guests (R02)
	LoginRequired      bool         `json:"login_required"`      // guests are refused, except by mail and by guest link (R04)
	CustomerPriority   bool         `json:"customer_priority"`   // customers may choose the priority (M26)
	CustomerDepartment bool         `json:"customer_department"` // customers may choose the department (M26)
	CustomerService    bool         `json:"customer_service"`    // customers may name an order or service (M26)
	CustomerFiles      bool         `json:"customer_files"`      // customers may attach files (M26)
	CustomerEdit       CustomerEdit `json:"customer_edit"`       // customers may edit subject, department and their messages (R03)

	Uploads          bool     `json:"uploads"`            // files are taken at all (R01)
	FileTypes        []string `json:"file_types"`         // extensions that are kept, without the dot; empty means all (M14)
	BlockedFileTypes []string `json:"blocked_file_types"` // extensions of which only the name is kept (M14)
	FileRetention    Duration `json:"file_retention"`     // contents of older files and raw mails are removed; 0 keeps them (M13)

	UnassignedToAll bool     `json:"unassigned_to_all"` // news of an unassigned ticket go to all agents, not only to its department's members (M34)
	GuestLinkExpiry Duration `json:"guest_link_expiry"` // how long a guest link opens its ticket (M12)

	RatingGrades       []string `json:"rating_grades"`        // codes of the scale, the worst first (M25, R05)
	RatingChangeable   bool     `json:"rating_changeable"`    // a customer may change a rating that they gave
	RateTickets        bool     `json:"rate_tickets"`         // customers may rate a ticket as a whole (R05)
	SurveyInMail       bool     `json:"survey_in_mail"`       // mails with an answer of staff ask for a rating of it, by a signed link (M25)
	SurveyOnPage       bool     `json:"survey_on_page"`       // the customer's page asks for one at each answer (M25)
	SurveyExpiry       Duration `json:"survey_expiry"`        // how long the link of a survey takes a rating
	RatingsToCustomers bool     `json:"ratings_to_customers"` // the history of a ticket shows its ratings to the customer
	RatingsToStaff     bool     `json:"ratings_to_staff"`     // and to staff; those with the right to the journal see them anyway

	DeliveryAttempts  int      `json:"delivery_attempts"`  // before a delivery is dead
	DeliveryRetention Duration `json:"delivery_retention"` // how long finished deliveries can be inspected
	EmptySubject      string   `json:"empty_subject"`      // stands in for the subject of a mail without one (R10)

	OpenMessage   Label `json:"open_message"`   // by locale, on pages while a calendar is open that has none of its own (M28)
	ClosedMessage Label `json:"closed_message"` // and while it is closed: "[time_left_to_open]" is replaced
	HolidayNotice int   `json:"holiday_notice"` // days before a special period of a calendar from which pages tell of it

	SignAs             SignAs   `json:"sign_as"`              // whose name customers see on what staff write: agent or department (M04)
	TellOpened         bool     `json:"tell_opened"`          // customers get a mail that their ticket is there (G03, I26)
	TellClosed         bool     `json:"tell_closed"`          // and one when it is solved or closed without an answer (I26)
	TellRefused        bool     `json:"tell_refused"`         // who wrote a mail that was refused is told so; senders of spam, too, unless they are known for it
	NewTicketAddresses []string `json:"new_ticket_addresses"` // of email; are told of every new ticket, whoever they are (I26)
	RatingAddresses    []string `json:"rating_addresses"`     // of email; are told of every rating (M25)
	MailCopies         []string `json:"mail_copies"`          // of email; get a blind copy of every mail (M08)
	MailSandbox        string   `json:"mail_sandbox"`         // an address of email that gets every mail in the place of its recipient (M29)
	MailHistory        int      `json:"mail_history"`         // how many of the messages before it a mail quotes (M23)
	MailMarker         bool     `json:"mail_marker"`          // mails begin with a line above which the answer is to be written
	MailFileBytes      int64    `json:"mail_file_bytes"`      // files of a message that are larger together are links in its mail, or names where there is no page
	UndoSend           Duration `json:"undo_send"`            // how long what staff write is held, and may be taken back, before it is sent (X29)
	FeedInterval       Duration `json:"feed_interval"`        // how often a page is to ask for news for its agent; 0: it is not (M32)
	FeedNewTickets     []string `json:"feed_new_tickets"`     // ids of the agents whose feeds have every new ticket that they may see; none chosen: each feed has those that concern its agent (M32)
	FeedMessages       bool     `json:"feed_messages"`        // feeds have new messages on the agent's tickets (M32)
	FeedAssignments    bool     `json:"feed_assignments"`     // feeds have what was assigned to the agent (M32)
}

// DefaultSettings are the settings of a desk on which nobody has decided anything.
func DefaultSettings() Settings {
	return Settings{
		DefaultBrand: "default", DefaultDepartment: "support", DefaultStatus: "open", DefaultPriority: "medium",
		AfterClose: AfterCloseReopen, CodeFormat: "random", CodeInSubject: true,
		DefaultRole: "agent", CustomerSection: true, GuestTickets: true, GuestAccounts: true,
		CustomerPriority: true, CustomerDepartment: true, CustomerService: true, CustomerFiles: true, CustomerEdit: EditNever,
		Uploads: true, GuestLinkExpiry: Duration(90 * 24 * time.Hour),
		RatingGrades: []string{"bad", "neutral", "good"}, RatingChangeable: true, SurveyExpiry: Duration(30 * 24 * time.Hour), RatingsToStaff: true,
		DeliveryAttempts: 12, DeliveryRetention: Duration(7 * 24 * time.Hour), EmptySubject: "(no subject)",
		SignAs: SignAgent, TellOpened: true, MailHistory: 3, MailMarker: true, MailFileBytes: 10 << 20, FeedInterval: Duration(30 * time.Second),
		FeedMessages: true, FeedAssignments: true,
	}
}

// Clone returns a deep copy.
func (s Settings) Clone() Settings {
	s.ArchiveStatuses, s.SilentStatuses, s.SolvedStatuses = slices.Clone(s.ArchiveStatuses), slices.Clone(s.SilentStatuses), slices.Clone(s.SolvedStatuses)
	s.Transitions = slices.Clone(s.Transitions)
	for i := range s.Transitions {
		s.Transitions[i].To = slices.Clone(s.Transitions[i].To)
	}
	s.FileTypes, s.BlockedFileTypes = slices.Clone(s.FileTypes), slices.Clone(s.BlockedFileTypes)
	s.RatingGrades = slices.Clone(s.RatingGrades)
	s.OpenMessage, s.ClosedMessage = maps.Clone(s.OpenMessage), maps.Clone(s.ClosedMessage)
	s.NewTicketAddresses, s.RatingAddresses, s.MailCopies = slices.Clone(s.NewTicketAddresses), slices.Clone(s.RatingAddresses), slices.Clone(s.MailCopies)
	s.FeedNewTickets = slices.Clone(s.FeedNewTickets)
	return s
}

// SettingsPatch changes settings on one layer. A nil field leaves the layer below in force.
type SettingsPatch struct {
	DefaultBrand       *string       `json:"default_brand,omitempty"`
	DefaultDepartment  *string       `json:"default_department,omitempty"`
	DefaultStatus      *string       `json:"default_status,omitempty"`
	DefaultPriority    *string       `json:"default_priority,omitempty"`
	ReopenStatus       *string       `json:"reopen_status,omitempty"`
	ArchiveStatuses    *[]string     `json:"archive_statuses,omitempty"`
	SilentStatuses     *[]string     `json:"silent_statuses,omitempty"`
	SolvedStatuses     *[]string     `json:"solved_statuses,omitempty"`
	StatusOnStaff      *string       `json:"status_on_staff,omitempty"`
	StatusOnCustomer   *string       `json:"status_on_customer,omitempty"`
	Transitions        *[]Transition `json:"transitions,omitempty"`
	AfterClose         *AfterClose   `json:"after_close,omitempty"`
	RequireClosingNote *bool         `json:"require_closing_note,omitempty"`
	AssignOnReply      *bool         `json:"assign_on_reply,omitempty"`
	CodeFormat         *string       `json:"code_format,omitempty"`
	CodeInSubject      *bool         `json:"code_in_subject,omitempty"`
	DefaultRole        *string       `json:"default_role,omitempty"`
	CustomerSection    *bool         `json:"customer_section,omitempty"`
	GuestTickets       *bool         `json:"guest_tickets,omitempty"`
	GuestAccounts      *bool         `json:"guest_accounts,omitempty"`
	LoginRequired      *bool         `json:"login_required,omitempty"`
	CustomerPriority   *bool         `json:"customer_priority,omitempty"`
	CustomerDepartment *bool         `json:"customer_department,omitempty"`
	CustomerService    *bool         `json:"customer_service,omitempty"`
	CustomerFiles      *bool         `json:"customer_files,omitempty"`
	CustomerEdit       *CustomerEdit `json:"customer_edit,omitempty"`
	Uploads            *bool         `json:"uploads,omitempty"`
	FileTypes          *[]string     `json:"file_types,omitempty"`
	BlockedFileTypes   *[]string     `json:"blocked_file_types,omitempty"`
	FileRetention      *Duration     `json:"file_retention,omitempty"`
	UnassignedToAll    *bool         `json:"unassigned_to_all,omitempty"`
	GuestLinkExpiry    *Duration     `json:"guest_link_expiry,omitempty"`
	RatingGrades       *[]string     `json:"rating_grades,omitempty"`
	RatingChangeable   *bool         `json:"rating_changeable,omitempty"`
	RateTickets        *bool         `json:"rate_tickets,omitempty"`
	SurveyInMail       *bool         `json:"survey_in_mail,omitempty"`
	SurveyOnPage       *bool         `json:"survey_on_page,omitempty"`
	SurveyExpiry       *Duration     `json:"survey_expiry,omitempty"`
	RatingsToCustomers *bool         `json:"ratings_to_customers,omitempty"`
	RatingsToStaff     *bool         `json:"ratings_to_staff,omitempty"`
	DeliveryAttempts   *int          `json:"delivery_attempts,omitempty"`
	DeliveryRetention  *Duration     `json:"delivery_retention,omitempty"`
	EmptySubject       *string       `json:"empty_subject,omitempty"`
	OpenMessage        *Label        `json:"open_message,omitempty"`
	ClosedMessage      *Label        `json:"closed_message,omitempty"`
	HolidayNotice      *int          `json:"holiday_notice,omitempty"`
	SignAs             *SignAs       `json:"sign_as,omitempty"`
	TellOpened         *bool         `json:"tell_opened,omitempty"`
	TellClosed         *bool         `json:"tell_closed,omitempty"`
	TellRefused        *bool         `json:"tell_refused,omitempty"`
	NewTicketAddresses *[]string     `json:"new_ticket_addresses,omitempty"`
	RatingAddresses    *[]string     `json:"rating_addresses,omitempty"`
	MailCopies         *[]string     `json:"mail_copies,omitempty"`
	MailSandbox        *string       `json:"mail_sandbox,omitempty"`
	MailHistory        *int          `json:"mail_history,omitempty"`
	MailMarker         *bool         `json:"mail_marker,omitempty"`
	MailFileBytes      *int64        `json:"mail_file_bytes,omitempty"`
	UndoSend           *Duration     `json:"undo_send,omitempty"`
	FeedInterval       *Duration     `json:"feed_interval,omitempty"`
	FeedNewTickets     *[]string     `json:"feed_new_tickets,omitempty"`
	FeedMessages       *bool         `json:"feed_messages,omitempty"`
	FeedAssignments    *bool         `json:"feed_assignments,omitempty"`
}

// Apply returns s with the set fields of p.
func (s Settings) Apply(p SettingsPatch) Settings {
	to, from := reflect.ValueOf(&s).Elem(), reflect.ValueOf(p)
	for i := range from.NumField() {
		if f := from.Field(i); !f.IsNil() {
			to.FieldByName(from.Type().Field(i).Name).Set(f.Elem())
		}
	}
	return s
}

// Merge returns p with the set fields of q over its own.
func (p SettingsPatch) Merge(q SettingsPatch) SettingsPatch {
	to, from := reflect.ValueOf(&p).Elem(), reflect.ValueOf(q)
	for i := range from.NumField() {
		if f := from.Field(i); !f.IsNil() {
			to.Field(i).Set(f)
		}
	}
	return p
}

// Names lists the switches that the patch sets, by their JSON names.
func (p SettingsPatch) Names() []string {
	var out []string
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// Layer names where settings stand. The more particular layer wins: desk < brand < department < gateway (B04).
type Layer string

// DeskLayer is the layer under all others.
const DeskLayer Layer = "desk"

// BrandLayer is the layer of one brand.
func BrandLayer(code string) Layer { return Layer("brand/" + code) }

// DepartmentLayer is the layer of one department.
func DepartmentLayer(code string) Layer { return Layer("department/" + code) }

// GatewayLayer is the layer of one way in: a gateway, or a form (Draft.Form), whose codes are of one kind.
func GatewayLayer(code string) Layer { return Layer("gateway/" + code) }
