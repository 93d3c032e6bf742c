package mailboxes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Protocol is how mails are fetched.
type Protocol string

// The protocols.
const (
	IMAP Protocol = "imap" // the default
	POP3 Protocol = "pop3"
)

// Security says how a connection is protected.
type Security string

// The ways to protect it.
const (
	TLS      Security = "tls"      // from the first byte; the default
	StartTLS Security = "starttls" // refused where the server has none
	NoTLS    Security = "none"     // for a server on the same machine; Check tells of any other
)

// Done is what becomes of mails that are messages, or in quarantine.
type Done string

// What can be done with them.
const (
	Keep   Done = "keep" // nothing; the default
	Flag   Done = "flag" // marked as read; IMAP
	Move   Done = "move" // to MoveTo; IMAP
	Delete Done = "delete"
)

// Definition is a gateway as it stands in the store (M35). Code, Name, Host, User, and Password or OAuth are required; the
// other zero values are good.
type Definition struct {
	Code     string `json:"code"` // names it for good: tickets and settings know it by that
	Name     string `json:"name"`
	Inactive bool   `json:"inactive,omitempty"` // Run leaves it alone
	Notes    string `json:"notes,omitempty"`    // for those who look after it
	// Addresses are those of the mailbox; default User, if that is one.
	Addresses []string `json:"addresses,omitempty"`

	Protocol Protocol `json:"protocol"`
	Host     string   `json:"host"`
	Port     int      `json:"port,omitempty"` // default: the usual one
	Security Security `json:"security"`
	// Authority is the certificate of the authority that the server's is to be from, in PEM; default: those of the system.
	Authority string `json:"authority,omitempty"`
	// Unchecked lets any certificate pass: whoever is in between reads the mails and the password. Check and Diagnose tell
	// of it.
	Unchecked bool   `json:"certificates_unchecked,omitempty"`
	User      string `json:"user"`
	Password  Secret `json:"password,omitzero"`
	OAuth     *OAuth `json:"oauth,omitempty"`  // in place of a password
	Folder    string `json:"folder,omitempty"` // of IMAP; default INBOX

	Interval   ticket.Duration `json:"interval,omitempty"`    // between two looks: gateway.Options.Interval
	FetchLimit int             `json:"fetch_limit,omitempty"` // mails that are taken at a look; 0 means all
	Done       Done            `json:"done,omitempty"`
	MoveTo     string          `json:"move_to,omitempty"` // folder
	DoneAfter  int             `json:"done_after_days,omitempty"`

	ticket.Opening        // of the tickets that mails open (R10); what is empty is taken from the settings
	NoSubject      string `json:"no_subject,omitempty"` // as gateway.Options has it; so the rest

	Strangers    gateway.Strangers `json:"strangers,omitempty"`
	Newcomers    gateway.Newcomers `json:"newcomers,omitempty"`
	Colleagues   bool              `json:"colleagues,omitempty"`
	Trusted      bool              `json:"trusted,omitempty"`
	Servers      []string          `json:"servers,omitempty"`
	SpamHeaders  bool              `json:"spam_headers,omitempty"`
	Allow        []string          `json:"allow,omitempty"`
	Participants int               `json:"participants,omitempty"`
	Apart        bool              `json:"apart,omitempty"`
	Caps         gateway.Caps      `json:"caps,omitzero"`
	ContactForms []string          `json:"contact_forms,omitempty"`
	Sent         gateway.Sent      `json:"sent,omitempty"`
	SentBy       string            `json:"sent_by,omitempty"`
	Markers      []string          `json:"markers,omitempty"`
	NumberLines  []string          `json:"number_lines,omitempty"`

	// Version is that of the stored definition: Save refuses an older one. 0 is that of a new one.
	Version int64 `json:"version,omitempty"`
}

// OAuth says where the tokens come from that are used in place of a password (I29): see gateway/oauth.
type OAuth struct {
	TokenURL     string   `json:"token_url"`
	ClientID     string   `json:"client_id"`
	ClientSecret Secret   `json:"client_secret,omitzero"`
	Scopes       []string `json:"scopes,omitempty"`
	BasicAuth    bool     `json:"basic_auth,omitempty"`
	AppOnly      bool     `json:"app_only,omitempty"`
	RefreshToken Secret   `json:"refresh_token,omitzero"` // what the mailbox's owner has granted: see Set.Grant
}

// clone is a copy that shares nothing.
func (d Definition) clone() Definition {
	d.Addresses, d.Servers, d.Allow, d.Markers = slices.Clone(d.Addresses), slices.Clone(d.Servers), slices.Clone(d.Allow), slices.Clone(d.Markers)
	d.ContactForms, d.NumberLines = slices.Clone(d.ContactForms), slices.Clone(d.NumberLines)
	if d.OAuth != nil {
		o := *d.OAuth
		o.Scopes = slices.Clone(o.Scopes)
		d.OAuth = &o
	}
	return d
}

// filled is the definition with its defaults.
func (d Definition) filled() Definition {
	d = d.clone()
	d.Protocol, d.Security, d.Done = cmp.Or(d.Protocol, IMAP), cmp.Or(d.Security, TLS), cmp.Or(d.Done, Keep)
	d.Host = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(d.Host)), ".")
	if len(d.Addresses) == 0 && strings.Contains(d.User, "@") {
		d.Addresses = []string{d.User}
	}
	return d
}

// ports are the usual ones.
var ports = map[Protocol]map[Security]int{
	IMAP: {TLS: 993, StartTLS: 143, NoTLS: 143},
	POP3: {TLS: 995, StartTLS: 110, NoTLS: 110},
}

// address is where the server listens.
func (d Definition) address() string {
	return net.JoinHostPort(d.Host, strconv.Itoa(cmp.Or(d.Port, ports[d.Protocol][d.Security])))
}

// mailbox names the mailbox: what was fetched from another one says nothing of it.
func (d Definition) mailbox() string {
	return named(d.Protocol, d.address(), d.User, cmp.Or(d.Folder, "INBOX"))
}

// receiver names all on which it depends who gets to see the password, or the tokens.
func (d Definition) receiver() string {
	return named(d.Protocol, d.address(), d.User, d.Security, d.Unchecked, d.Authority)
}

// grantor names who gets to see the client's secret and the refresh token, and for which receiver it gives tokens.
func (d Definition) grantor() string {
	if d.OAuth == nil {
		return ""
	}
	return named(d.receiver(), d.OAuth.TokenURL, d.OAuth.ClientID)
}

// named joins what names something, so that no two make the same.
func named(parts ...any) string {
	for i, p := range parts {
		parts[i] = fmt.Sprint(p)
	}
	b, _ := json.Marshal(parts) // strings never fail
	return string(b)
}

// String shows where the mailbox is.
func (d Definition) String() string {
	d = d.filled()
	return fmt.Sprintf("%s: %s by %s from %s", d.Code, d.User, d.Protocol, d.address())
}
