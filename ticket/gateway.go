package ticket

// Opening is where a ticket is opened, and as what: codes of the catalogue. What is empty is taken from the settings.
type Opening struct {
	Brand      string `json:"brand,omitempty"`
	Department string `json:"department,omitempty"`
	Status     string `json:"status,omitempty"`
	Priority   string `json:"priority,omitempty"`
}

// Gateway is what the catalogue knows of a gateway that stands in the store: package gateway/mailboxes has the whole of it.
// Code is immutable: tickets and settings (GatewayLayer) name it.
type Gateway struct {
	Code      string   `json:"code"`
	Name      string   `json:"name"`
	Inactive  bool     `json:"inactive,omitempty"`
	Addresses []string `json:"addresses,omitempty"` // of its mailbox: the desk's own, as a Department.Sender
	Opening            // of the tickets that its mails open
	// Unchecked says that nobody looks at the certificate of its server.
	Unchecked bool `json:"certificates_unchecked,omitempty"`
}

// Problem is something that is set up wrong.
type Problem struct {
	Area    string `json:"area"` // as "settings", "hooks", "mail"
	Message string `json:"message"`
}
