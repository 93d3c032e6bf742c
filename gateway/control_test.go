package gateway_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestTrustedControlHeaders(t *testing.T) {
	t.Parallel()
	const fields = "X-Helpdesk-Department: billing\nX-Helpdesk-Priority: high\nX-Helpdesk-Tag: vip, beta\nx-helpdesk-tag: gold\n"
	begin := func(t *testing.T, trusted bool) *inbox {
		i := newPolicy(t, gateway.Options{Policy: gateway.Policy{Trusted: trusted}})
		if err := i.Catalog().PutDepartment(staff(), ticket.Department{Code: "billing", Name: "Billing"}); err != nil {
			t.Fatal(err)
		}
		return i
	}
	t.Run("X11 a trusted mailbox acts on fields of the desk's own namespace", func(t *testing.T) {
		t.Parallel()
		i := begin(t, true)
		i.box.add(letter(ann, "1@example.com", "Help", fields, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Department != "billing" || tk.Priority != "high" || len(tk.Tags) != 3 {
			t.Errorf("%+v", tk)
		}
	})
	t.Run("X11 one that is not does not", func(t *testing.T) {
		t.Parallel()
		i := begin(t, false)
		i.box.add(letter(ann, "1@example.com", "Help", fields, "please"))
		if tk := i.ticket(t, i.only(t, gateway.Opened).TicketID); tk.Department != "support" || tk.Priority != "medium" || len(tk.Tags) != 0 {
			t.Errorf("%+v", tk)
		}
	})
	t.Run("X11 what they name and the desk has not does not lose the mail, nor its files", func(t *testing.T) {
		t.Parallel()
		i := begin(t, true)
		i.box.add("From: " + ann + "\nSubject: Help\nMessage-ID: <1@example.com>\nX-Helpdesk-Priority: nuclear\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nplease\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1;2\n--b--\n")
		o := i.only(t, gateway.Opened)
		if tk, m := i.ticket(t, o.TicketID), i.message(t, o.MessageID); tk.Priority != "medium" || len(m.Files) != 1 || m.Files[0].Blob == "" {
			t.Errorf("%+v, %+v", tk, m.Files)
		}
	})
}
