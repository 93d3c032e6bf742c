package ticket

import (
	"maps"
	"slices"
)

// Class is what the code knows of a status. People name their statuses as they like; each belongs to one class.
type Class string

// The classes of statuses.
const (
	ClassNew     Class = "new"     // nobody has worked on it
	ClassOpen    Class = "open"    // being worked on
	ClassPending Class = "pending" // waiting for the customer or a third party; clocks may pause
	ClassSolved  Class = "solved"  // answered; the customer may still object
	ClassClosed  Class = "closed"  // over
)

// Classes lists every class, in the order of a ticket's life.
func Classes() []Class { return []Class{ClassNew, ClassOpen, ClassPending, ClassSolved, ClassClosed} }

// Valid reports whether c is one of Classes.
func (c Class) Valid() bool { return slices.Contains(Classes(), c) }

// Done reports whether a ticket of this class needs no work: solved or closed.
func (c Class) Done() bool { return c == ClassSolved || c == ClassClosed }

// Label is a name in several languages. The zero Label falls back to the entry's Name.
type Label map[string]string

// In returns the label in locale ("de-AT"), else in its language ("de"), else fallback. A key "brand/locale" overrides
// for one brand (B03).
func (l Label) In(brand, locale, fallback string) string {
	lang := locale
	for i := range locale {
		if locale[i] == '-' || locale[i] == '_' {
			lang = locale[:i]
			break
		}
	}
	for _, key := range []string{brand + "/" + locale, brand + "/" + lang, locale, lang, brand + "/"} {
		if s := l[key]; s != "" {
			return s
		}
	}
	return fallback
}

// Status is an entry of the catalogue: a name of the user's over a fixed class. Code is immutable.
type Status struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Labels Label  `json:"labels,omitempty"`
	Class  Class  `json:"class"`
	Color  string `json:"color,omitempty"` // as CSS writes it
	Sort   int    `json:"sort,omitempty"`
}

// Priority is an entry of the catalogue. Sort is its rank: the greater, the more urgent. Code is immutable.
type Priority struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Labels Label  `json:"labels,omitempty"`
	Color  string `json:"color,omitempty"`
	Sort   int    `json:"sort,omitempty"`
}

// Department is an entry of the catalogue: a queue with its own people, sender and settings. Code is immutable.
type Department struct {
	Code       string      `json:"code"`
	Name       string      `json:"name"`
	Labels     Label       `json:"labels,omitempty"`
	Inactive   bool        `json:"inactive,omitempty"`   // takes no new tickets
	Internal   bool        `json:"internal,omitempty"`   // customers neither choose it nor hear of it
	Brands     []string    `json:"brands,omitempty"`     // empty means all
	Sender     string      `json:"sender,omitempty"`     // address of outgoing mail
	Silent     bool        `json:"silent,omitempty"`     // its members hear nothing of new tickets
	Signatures []Signature `json:"signatures,omitempty"` // one for each brand, at most
	Sort       int         `json:"sort,omitempty"`
}

// Serves reports whether the department is there for brand.
func (d Department) Serves(brand string) bool {
	return len(d.Brands) == 0 || slices.Contains(d.Brands, brand)
}

// Brand is an entry of the catalogue: one face of the desk, a shop or a store view. A brand is an attribute of tickets,
// no wall between tenants; a tenant is a store of its own. Code is immutable.
type Brand struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Inactive bool     `json:"inactive,omitempty"`
	Locales  []string `json:"locales,omitempty"` // BCP 47, the first is the default
	Zone     string   `json:"zone,omitempty"`    // IANA time zone
	// Where letters lead: to the host's page of a ticket for customers with an account, for whoever has a guest link, and for
	// staff. "{code}", "{id}" and "{token}" in them are filled in; without one of these the code, or the token of a guest link,
	// is added, as in https://shop.example/ticket?t= and https://shop.example/desk. An empty one leads nowhere.
	CustomerURL  string `json:"customer_url,omitempty"`
	GuestURL     string `json:"guest_url,omitempty"`
	StaffURL     string `json:"staff_url,omitempty"`
	Sender       string `json:"sender,omitempty"`
	Logo         string `json:"logo,omitempty"`
	TicketPrefix string `json:"ticket_prefix,omitempty"` // for numbered codes, as in "TCK"
	Sort         int    `json:"sort,omitempty"`
}

// Preset is a ready set of statuses.
type Preset string

// The presets of StatusPreset.
const (
	PresetDefault Preset = "default" // Open, In Progress, Closed
	PresetShop    Preset = "shop"    // the default and Waiting for Customer
	PresetBilling Preset = "billing" // Awaiting Reply, Answered, In Process, Solved
	PresetMSP     Preset = "msp"     // Open, Working, Hold, Auto-Close, Closed
)

// StatusPreset returns the statuses of a preset, or nil if there is no such preset.
func StatusPreset(p Preset) []Status {
	switch p {
	case PresetDefault, PresetShop:
		list := []Status{
			{Code: "open", Name: "Open", Class: ClassNew, Sort: 10, Color: "#1f883d"},
			{Code: "in_progress", Name: "In Progress", Class: ClassOpen, Sort: 20, Color: "#0969da"},
			{Code: "closed", Name: "Closed", Class: ClassClosed, Sort: 90, Color: "#6e7781"},
		}
		if p == PresetShop {
			waiting := Status{Code: "waiting_customer", Name: "Waiting for Customer", Class: ClassPending, Sort: 30, Color: "#bf8700"}
			list = slices.Insert(list, 2, waiting)
		}
		return list
	case PresetBilling:
		return []Status{
			{Code: "waiting", Name: "Awaiting Reply", Class: ClassNew, Sort: 10, Color: "#cf222e"},
			{Code: "replied", Name: "Answered", Class: ClassPending, Sort: 20, Color: "#1f883d"},
			{Code: "process", Name: "In Process", Class: ClassOpen, Sort: 30, Color: "#0969da"},
			{Code: "solved", Name: "Solved", Class: ClassSolved, Sort: 90, Color: "#6e7781"},
		}
	case PresetMSP:
		return []Status{
			{Code: "open", Name: "Open", Class: ClassNew, Sort: 10, Color: "#1f883d"},
			{Code: "working", Name: "Working", Class: ClassOpen, Sort: 20, Color: "#0969da"},
			{Code: "hold", Name: "Hold", Class: ClassPending, Sort: 30, Color: "#bf8700"},
			{Code: "auto_close", Name: "Auto-Close", Class: ClassPending, Sort: 40, Color: "#8250df"},
			{Code: "closed", Name: "Closed", Class: ClassClosed, Sort: 90, Color: "#6e7781"},
		}
	}
	return nil
}

// DefaultPriorities returns Low, Medium and High.
func DefaultPriorities() []Priority {
	return []Priority{
		{Code: "low", Name: "Low", Sort: 10, Color: "#6e7781"},
		{Code: "medium", Name: "Medium", Sort: 20, Color: "#0969da"},
		{Code: "high", Name: "High", Sort: 30, Color: "#cf222e"},
	}
}

// Clone returns a deep copy.
func (s Status) Clone() Status {
	s.Labels = maps.Clone(s.Labels)
	return s
}

// Clone returns a deep copy.
func (p Priority) Clone() Priority {
	p.Labels = maps.Clone(p.Labels)
	return p
}

// Clone returns a deep copy.
func (d Department) Clone() Department {
	d.Labels, d.Brands, d.Signatures = maps.Clone(d.Labels), slices.Clone(d.Brands), slices.Clone(d.Signatures)
	return d
}

// Clone returns a deep copy.
func (b Brand) Clone() Brand {
	b.Locales = slices.Clone(b.Locales)
	return b
}
