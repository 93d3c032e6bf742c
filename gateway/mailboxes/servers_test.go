package mailboxes_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/internal/dovecot"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func (s *server) pop3(t *testing.T, code string) mailboxes.Definition {
	t.Helper()
	d := s.definition(t, code)
	d.Protocol, d.Port = mailboxes.POP3, port(t, s.POP3TLS)
	return d
}

// silent is a server that takes connections and says nothing.
func silent(t *testing.T) mailboxes.Definition {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { _ = l.Close() })
	return mailboxes.Definition{Code: "silent", Name: "Silent", Addresses: []string{"silent@desk.example"}, Host: "127.0.0.1", Port: port(t, l.Addr().String()),
		Security: mailboxes.NoTLS, User: "silent", Password: mailboxes.NewSecret("secret")}
}

func TestFetchOnDovecot(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	s.send(t, "one")
	d := s.definition(t, "shop")
	d.Done, d.MoveTo, d.FetchLimit = mailboxes.Move, "Done", 1
	d = must(o.Save(as(bob), d))(t)
	t.Run("M43 one call fetches, makes tickets and tells the mailbox", func(t *testing.T) {
		out := must(o.Fetch(t.Context(), "shop"))(t)
		if len(out) != 1 || out[0].Result != gateway.Opened {
			t.Errorf("%+v", out)
		}
		o.expect(t, "support/one")
		if look := must(o.Diagnose(as(bob), d))(t); look.Mails != 0 {
			t.Errorf("%d mails are left in the inbox", look.Mails)
		}
	})
	t.Run("M35 no more at a time than the limit", func(t *testing.T) {
		s.send(t, "two")
		s.send(t, "three")
		for _, want := range []string{"support/two", "support/three"} {
			if out := must(o.Fetch(t.Context(), "shop"))(t); len(out) != 1 {
				t.Errorf("%+v", out)
			}
			o.expect(t, want)
		}
	})
	t.Run("M35 the same mailbox by POP3, begun anew: no mail comes twice, and what is done with is deleted", func(t *testing.T) {
		s.send(t, "four")
		out := must(o.Fetch(t.Context(), "shop"))(t)
		next := s.pop3(t, "shop")
		next.Version, next.Done = mailboxes.AnyVersion, mailboxes.Delete
		s.send(t, "five")
		next = must(o.Save(as(bob), next))(t)
		out = append(out, must(o.Fetch(t.Context(), "shop"))(t)...)
		if len(out) != 2 {
			t.Errorf("%+v", out)
		}
		o.expect(t, "support/four")
		o.expect(t, "support/five")
		if look := must(o.Diagnose(as(bob), next))(t); look.Mails != 0 || look.Advice != "" {
			t.Errorf("%+v", look)
		}
	})
}

func TestM42DiagnoseOnDovecot(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	s.send(t, "one")
	d := must(o.Save(as(bob), s.definition(t, "shop")))(t)
	must(o.Fetch(t.Context(), "shop"))(t)
	t.Run("M42 the stored credentials, the steps, capabilities, counters and last mails", func(t *testing.T) {
		look := must(o.Diagnose(as(bob), d))(t)
		if len(look.Steps) != 3 || look.Advice != "" || look.Mails != 1 || !look.Idle || !look.Moves || len(look.Capabilities) == 0 {
			t.Errorf("%+v", look)
		}
		if len(look.Recent) != 1 || look.Recent[0].Result != gateway.Opened || look.Waiting != 0 || look.Quarantined != 0 {
			t.Errorf("%+v", look)
		}
		if doc := string(must(json.Marshal(look))(t)); strings.Contains(doc, `"`+dovecot.Password+`"`) {
			t.Errorf("it tells the password: %s", doc)
		}
	})
	for name, c := range map[string]struct {
		change func(*mailboxes.Definition)
		advice string
	}{
		"a definition that is not saved yet": {func(d *mailboxes.Definition) {}, ""},
		"a wrong password":                   {func(d *mailboxes.Definition) { d.Password = mailboxes.NewSecret("wrong") }, "password"},
		"no such folder":                     {func(d *mailboxes.Definition) { d.Folder = "Nowhere" }, "name of the folder"},
		"an authority that is not known":     {func(d *mailboxes.Definition) { d.Authority = "" }, "certificate is not trusted"},
		"the authority is not asked for":     {func(d *mailboxes.Definition) { d.Authority, d.Unchecked = "", true }, ""},
		"the port of the other protection":   {func(d *mailboxes.Definition) { d.Port = port(t, s.Addr) }, "no TLS at this port"},
	} {
		t.Run("M42 "+name, func(t *testing.T) {
			d := s.definition(t, "new")
			c.change(&d)
			look := must(o.Diagnose(as(bob), d))(t)
			if (look.Advice == "") != (c.advice == "") || !strings.Contains(look.Advice, c.advice) {
				t.Errorf("%+v", look)
			}
			if d.Unchecked != (len(look.Warnings) > 0) {
				t.Errorf("warnings %q", look.Warnings)
			}
		})
	}
}

func TestM35OneDoesNotDelayAnother(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	must(o.Save(as(bob), silent(t)))(t)
	wrong := s.pop3(t, "wrong")
	wrong.Password = mailboxes.NewSecret("wrong")
	must(o.Save(as(bob), wrong))(t)
	o.run(t)
	must(o.Save(as(bob), s.definition(t, "shop")))(t)
	t.Run("M35 a server that says nothing, and one that refuses, delay no other gateway", func(t *testing.T) {
		s.send(t, "one")
		o.expect(t, "support/one")
	})
	t.Run("M35 one that is deleted ends, and one that is inactive is not fetched", func(t *testing.T) {
		ok(t, o.Delete(as(bob), "silent"))
		d := must(o.Definition(as(bob), "shop"))(t)
		d.Inactive = true
		must(o.Save(as(bob), d))(t)
		if st := must(o.Status(t.Context()))(t); len(st) != 2 || !st[0].Inactive || st[1].Code != "wrong" {
			t.Errorf("%+v", st)
		}
	})
}

func TestM35SetRight(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	d := s.definition(t, "shop")
	d.Password = mailboxes.NewSecret("wrong")
	d = must(o.Save(as(bob), d))(t)
	for range 3 {
		if _, err := o.Fetch(t.Context(), "shop"); !errors.Is(err, gateway.ErrAuthentication) {
			t.Fatal(err)
		}
	}
	if st := must(o.Status(t.Context()))(t); !st[0].Paused {
		t.Fatalf("%+v", st)
	}
	o.run(t)
	t.Run("M35 a paused gateway goes on at once when its password is set right", func(t *testing.T) {
		s.send(t, "one")
		d.Password = mailboxes.NewSecret(dovecot.Password)
		must(o.Save(as(bob), d))(t)
		o.expect(t, "support/one")
		if st := must(o.Status(t.Context()))(t); st[0].Paused || st[0].Failure != "" {
			t.Errorf("%+v", st)
		}
	})
}

func TestM35InactiveFinishes(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	d := must(o.Save(as(bob), s.definition(t, "shop")))(t)
	s.send(t, "one")
	if got := must(o.Do(t.Context(), "shop", gateway.StepFetch))(t); got.Fetched != 1 || got.Waiting != 1 {
		t.Fatalf("%+v", got)
	}
	d.Inactive = true
	must(o.Save(as(bob), d))(t)
	s.send(t, "two")
	t.Run("M35 a gateway whose mails wait is not deleted", func(t *testing.T) {
		if err := o.Delete(as(bob), "shop"); !errors.Is(err, ticket.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("M35 what an inactive gateway has fetched becomes messages, and no more is fetched", func(t *testing.T) {
		stop := o.run(t)
		o.expect(t, "support/one")
		stop()
		if n := len(o.opened); n != 0 {
			t.Errorf("%d more", n)
		}
	})
	t.Run("M35 then it can be deleted", func(t *testing.T) { ok(t, o.Delete(as(bob), "shop")) })
}

func TestR13HandlerOfAll(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	o, s := newOffice(t, nil), startServer(t)
	must(o.Save(as(bob), s.definition(t, "shop")))(t)
	wrong := s.definition(t, "wrong")
	wrong.Password = mailboxes.NewSecret("wrong")
	must(o.Save(as(bob), wrong))(t)
	off := s.definition(t, "off")
	off.Inactive = true
	must(o.Save(as(bob), off))(t)
	h := must(o.Handler(secret))(t)
	ask := func(path, auth string) (int, map[string]gateway.Stepped) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
		r.Header.Set("Authorization", "Bearer "+auth)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var got map[string]gateway.Stepped
		_ = json.Unmarshal(w.Body.Bytes(), &got)
		return w.Code, got
	}
	s.send(t, "one")
	t.Run("R13 a step of all gateways that are active, and one that fails stops no other", func(t *testing.T) {
		status, got := ask("/", secret)
		if status != http.StatusBadGateway || len(got) != 2 || got["shop"].Done != 1 || got["wrong"].Error == "" {
			t.Errorf("%d, %+v", status, got)
		}
		o.expect(t, "support/one")
	})
	t.Run("R13 a step of one", func(t *testing.T) {
		s.send(t, "two")
		if status, got := ask("/?gateway=shop&step=fetch", secret); status != http.StatusOK || got["shop"].Waiting != 1 {
			t.Errorf("%d, %+v", status, got)
		}
		if status, got := ask("/?gateway=shop&step=tickets", secret); status != http.StatusOK || got["shop"].Done != 1 {
			t.Errorf("%d, %+v", status, got)
		}
	})
	for path, want := range map[string]int{"/?gateway=none": 404, "/?gateway=off": 400, "/?step=half": 400} {
		t.Run("R13 a request that nobody can have meant: "+path, func(t *testing.T) {
			if status, _ := ask(path, secret); status != want {
				t.Errorf("%d", status)
			}
			if status, _ := ask(path, secret+"x"); status != http.StatusUnauthorized {
				t.Errorf("without the secret %d", status)
			}
		})
	}
}

func TestM80PoliciesOfDefinitions(t *testing.T) {
	t.Parallel()
	o, s := newOffice(t, nil), startServer(t)
	d := must(o.Save(as(bob), s.definition(t, "shop")))(t)
	for _, c := range []struct {
		name, mail string
		change     func(*mailboxes.Definition)
		want       func(gateway.Outcome, *ticket.Ticket) bool
	}{
		{"newcomers are held", "From: eve@example.net\r\nSubject: 1\r\n\r\nx\r\n", func(d *mailboxes.Definition) { d.Newcomers = gateway.NewcomersHold },
			func(o gateway.Outcome, _ *ticket.Ticket) bool { return o.Result == gateway.Held }},
		{"they are let in again, with another subject and status", "From: eve@example.net\r\n\r\n2\r\n", func(d *mailboxes.Definition) {
			d.Newcomers, d.NoSubject, d.Status, d.Priority = "", "(sans objet)", "in_progress", "high"
		},
			func(_ gateway.Outcome, tk *ticket.Ticket) bool {
				return tk != nil && tk.Subject == "(sans objet)" && tk.Status == "in_progress" && tk.Priority == "high"
			}},
		{"a filter is believed", "From: eve@example.net\r\nX-Spam-Flag: YES\r\nSubject: 3\r\n\r\nx\r\n", func(d *mailboxes.Definition) { d.SpamHeaders = true },
			func(_ gateway.Outcome, tk *ticket.Ticket) bool { return tk != nil && tk.Folder == ticket.Spam }},
		{"those in copy take part", "From: eve@example.net\r\nCc: kim@example.net\r\nSubject: 4\r\n\r\nx\r\n", func(d *mailboxes.Definition) { d.Participants = 3 },
			func(_ gateway.Outcome, tk *ticket.Ticket) bool { return tk != nil && len(tk.Participants) == 1 }},
		{"a web form's mail is of who filled it in", "From: form@shop.example\r\nReply-To: kim@example.net\r\nSubject: 5\r\n\r\nx\r\n", func(d *mailboxes.Definition) { d.ContactForms = []string{"@shop.example"} },
			func(_ gateway.Outcome, tk *ticket.Ticket) bool {
				return tk != nil && tk.Requester.Email == "kim@example.net"
			}},
		{"its own address is the desk's", "From: shop@desk.example\r\nSubject: 6\r\n\r\nx\r\n", func(*mailboxes.Definition) {},
			func(o gateway.Outcome, _ *ticket.Ticket) bool { return o.Result == gateway.Held }},
	} {
		t.Run("M80 "+c.name, func(t *testing.T) {
			c.change(&d)
			d = must(o.Save(as(bob), d))(t)
			s.Deliver(t, []byte(c.mail))
			out := must(o.Fetch(t.Context(), "shop"))(t)
			if len(out) != 1 {
				t.Fatalf("%+v", out)
			}
			var tk *ticket.Ticket
			if out[0].TicketID != 0 {
				tk = must(o.Ticket(as(bob), out[0].TicketID))(t)
			}
			if !c.want(out[0], tk) {
				t.Errorf("%+v\n%+v", out[0], tk)
			}
		})
	}
}
