package mark

import (
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/token"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Keys are a desk's; they fulfil ticket.Marker.
type Keys struct {
	Ring     token.Ring
	Instance string
}

// Mark fulfils ticket.Marker.
func (k Keys) Mark(m ticket.Mark, from string) (ticket.Marks, error) {
	at := strings.LastIndexByte(from, '@')
	if at < 1 || at == len(from)-1 || strings.ContainsAny(from, "<>\r\n\t ") {
		return ticket.Marks{}, ticket.Invalid("from", ticket.FaultMalformed, "is no mail address: it is the one that the mail is sent from, without a name")
	}
	all, err := Seal(k.Ring, m)
	if err != nil {
		return ticket.Marks{}, ticket.Invalid("mark", ticket.FaultMalformed, "cannot be signed: %v", err)
	}
	short, err := Seal(k.Ring, ticket.Mark{TicketID: m.TicketID, To: m.To})
	if err != nil {
		return ticket.Marks{}, fmt.Errorf("mark an address: %w", err)
	}
	return ticket.Marks{MessageID: ID(all, from[at+1:]), Address: Address(short, from), Code: Code(short), HTML: HTML(short), Loop: k.Instance}, nil
}

// ReadMark fulfils ticket.Marker.
func (k Keys) ReadMark(sealed string) (ticket.Mark, error) {
	m, genuine, claimed := Open(k.Ring, sealed)
	switch {
	case genuine:
		return m, nil
	case claimed:
		return ticket.Mark{}, fmt.Errorf("%w: a mark that claims to be this desk's is damaged or forged", ticket.ErrForbidden)
	}
	return ticket.Mark{}, fmt.Errorf("%w: no mark of this desk", ticket.ErrNotFound)
}

// Loop fulfils ticket.Marker.
func (k Keys) Loop() string { return k.Instance }
