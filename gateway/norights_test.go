package gateway_test

import (
	"context"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestAgentsWithoutRights(t *testing.T) {
	t.Parallel()
	// begin is a desk in which Bob may see tickets of support, and do no more.
	begin := func(t *testing.T, grants ...ticket.Grant) *inbox {
		d := helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{
			Agents: []ticket.Agent{{ID: "7", Name: "Bob", Email: "bob@desk.example", Roles: []string{"reader"}}},
			Roles:  []ticket.Role{{Code: "reader", Name: "Reader", Grants: grants}},
		}})
		g, err := gateway.New("support", d.Mail(), d.Store, &gateway.Options{Servers: []string{"mx.desk.example"}})
		if err != nil {
			t.Fatal(err)
		}
		return &inbox{d, g, &box{validity: 1}}
	}
	for name, grants := range map[string][]ticket.Grant{
		"who may only look": {{Rights: []ticket.Right{ticket.RightSee}}},
		"who sees nothing":  nil,
	} {
		t.Run("M64 the answer of an agent "+name+" is a marked note, with the reason, at once", func(t *testing.T) {
			t.Parallel()
			i := begin(t, grants...)
			i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
			id := i.only(t, gateway.Opened).TicketID
			i.box.add(letter("bob@desk.example", "2@desk.example", "Re: Help", "In-Reply-To: <1@example.com>\n"+proof, "done"))
			o := i.only(t, gateway.Noted)
			var m *ticket.Message
			err := i.Store.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
				m, err = r.Message(ctx, o.MessageID)
				return err
			})
			if err != nil || o.TicketID != id || !m.Unproven || m.Kind != ticket.KindNote || !strings.Contains(o.Reason, "may not") {
				t.Errorf("%+v, %+v, %v", o, m, err)
			}
		})
		t.Run("M64 what an agent "+name+" writes to the desk opens a ticket all the same", func(t *testing.T) {
			t.Parallel()
			i := begin(t, grants...)
			i.box.add(letter("bob@desk.example", "2@desk.example", "My own lamp", proof, "is broken"))
			if o := i.only(t, gateway.Opened); !strings.Contains(o.Reason, "may not") {
				t.Errorf("%+v", o)
			}
		})
	}
}
