package gateway_test

import (
	"fmt"
	netmail "net/mail"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

func TestBracketsAsHTML(t *testing.T) {
	t.Parallel()
	m := gateway.Read(mail("From: Ann Example &lt;ann@example.com&gt;", "In-Reply-To: &lt;1@example.com&gt;", "", "x"), received, nil)
	if m.From.Email != "ann@example.com" || m.From.Name != "Ann Example" || len(m.InReplyTo) != 1 || m.InReplyTo[0] != "1@example.com" {
		t.Errorf("%+v, %q", m.From, m.InReplyTo)
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, name, email string }{
		{"From: Ann <ann@example.com>", "Ann", "ann@example.com"},
		{"From: ann@example.com (Ann Lee)", "Ann Lee", "ann@example.com"},
		{"From: \"Lee, Ann\" <ann@example.com>", "Lee, Ann", "ann@example.com"},
		{"From: Lee, Ann <ann@example.com>", "Ann", "ann@example.com"},
		{"From: \"Ann \\\"A\\\" Lee\" <ann@example.com>", "Ann \"A\" Lee", "ann@example.com"},
		{"From: \"'Ann'\" <ann@example.com>", "Ann", "ann@example.com"},
		{"From: =?utf-8?Q?=C3=84nn_Lee?=<ann@example.com>", "Änn Lee", "ann@example.com"},
		{"From: =?utf-8?Q?Ann_=3Cann=40example.com=3E?=", "Ann", "ann@example.com"},
		{"From: \"=?utf-8?Q?=C3=84nn?=\" <ann@example.com>", "Änn", "ann@example.com"},
		{"From: Ann [mailto:ann@example.com]", "Ann", "ann@example.com"},
		{"From: Ann;ann@example.com", "", "ann@example.com"},
		{"From: Ann ann@example.com", "Ann", "ann@example.com"},
		{"From: \"Ann <ann@example.com>", "Ann", "ann@example.com"},
		{"From: Ann <<ann@example.com>>", "Ann", "ann@example.com"},
		{"From: <ann@example.com> via desk <desk@example.com>", "", "ann@example.com"},
		{"From: <@relay.example,@b.example:ann@example.com>", "", "ann@example.com"},
		{"From: Ann@Home <ann@example.com>", "Ann@Home", "ann@example.com"},
		{"From: ANN@EXAMPLE.COM", "", "ann@example.com"},
		{"From: ann @ example . com", "", "ann@example.com"},
		{"From: \"ann lee\"@example.com", "", "\"ann lee\"@example.com"},
		{"From: ann@example.com bob@example.com", "", "ann@example.com"},
		{"From: nobody\r\nFrom: Ann <ann@example.com>", "Ann", "ann@example.com"},
		{"From: Ann\r\nReply-To: ann@example.com", "Ann", "ann@example.com"},
		{"Return-Path: <ann@example.com>", "", "ann@example.com"},
		{"Sender: Ann <ann@example.com>", "Ann", "ann@example.com"},
		{"From: Ann\r\nReturn-Path: <>", "Ann", gateway.UnknownSender},
		{"X-Nothing: here", "", gateway.UnknownSender},
	} {
		t.Run(c.header, func(t *testing.T) {
			t.Parallel()
			m := read([]byte(c.header + "\r\n\r\nx"))
			if m.From != (gateway.Address{Name: c.name, Email: c.email}) {
				t.Errorf("got %+v, want %q <%s>", m.From, c.name, c.email)
			}
			if m.FromUnknown != (c.email == gateway.UnknownSender) {
				t.Errorf("unknown: %v", m.FromUnknown)
			}
		})
	}
}

// TestAddressListsAgreeWithNetMail: what the standard library accepts, we read alike.
func TestAddressListsAgreeWithNetMail(t *testing.T) {
	t.Parallel()
	for _, list := range []string{
		"a@example.com",
		"A B <a@example.com>, c@example.com",
		"\"A, B\" <a@example.com>, C <c@example.com>, d@example.com (D)",
		"team: a@example.com, B <b@example.com>;, c@example.com",
		"undisclosed-recipients:;",
		"=?utf-8?q?=C3=84?= <a@example.com>, b@example.com",
		"\"a\\\"b\" <a@example.com>", "a@[192.0.2.1]",
	} {
		want, err := netmail.ParseAddressList(list)
		if err != nil && list != "undisclosed-recipients:;" {
			t.Errorf("%q: %v", list, err)
		}
		var got []gateway.Address
		for _, a := range want {
			got = append(got, gateway.Address{Name: a.Name, Email: a.Address})
		}
		if m := read(mail("To: "+list, "", "x")); fmt.Sprint(m.To) != fmt.Sprint(got) {
			t.Errorf("%q: %v, want %v", list, m.To, got)
		}
	}
}
