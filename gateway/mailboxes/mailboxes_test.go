package mailboxes_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway/mailboxes"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// secretText is one that stands nowhere else.
const secretText = "correct horse battery"

func shop() mailboxes.Definition {
	return mailboxes.Definition{Code: "shop", Name: "Shop", Host: "imap.example.com", User: "shop@example.com", Password: mailboxes.NewSecret(secretText)}
}

func TestM35Definitions(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	t.Run("M35 what is left out has a good value", func(t *testing.T) {
		d := must(o.Save(as(bob), shop()))(t)
		if d.Protocol != mailboxes.IMAP || d.Security != mailboxes.TLS || d.Done != mailboxes.Keep || !slices.Equal(d.Addresses, []string{"shop@example.com"}) || d.Version != 1 {
			t.Errorf("%+v", d)
		}
		if got := must(o.Definition(as(bob), "shop"))(t); got.Version != 1 || got.Host != d.Host || got.Password.Stored().IsZero() {
			t.Errorf("%+v", got)
		}
	})
	t.Run("M35 the same again changes nothing, the same password too", func(t *testing.T) {
		d := shop()
		d.Version = mailboxes.AnyVersion
		if got := must(o.Save(as(bob), d))(t); got.Version != 1 {
			t.Errorf("version %d", got.Version)
		}
	})
	t.Run("M35 M80 two who change it at once", func(t *testing.T) {
		mine, theirs := must(o.Definition(as(bob), "shop"))(t), must(o.Definition(as(bob), "shop"))(t)
		theirs.Notes = "theirs"
		must(o.Save(as(bob), theirs))(t)
		mine.Notes = "mine"
		if _, err := o.Save(as(bob), mine); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
		if _, err := o.Save(as(bob), shop()); !errors.Is(err, ticket.ErrConflict) {
			t.Error(err)
		}
	})
	t.Run("M35 only those may who configure the desk", func(t *testing.T) {
		_, one := o.Definition(as(ann), "shop")
		_, all := o.Definitions(as(ann))
		_, save := o.Save(as(ann), mailboxes.Definition{})
		_, look := o.Diagnose(as(ann), shop())
		for i, err := range []error{one, all, save, look, o.Delete(as(ann), "shop"), o.Grant(as(ann), "shop", "x")} {
			if !errors.Is(err, ticket.ErrForbidden) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
	t.Run("M35 what there is none of", func(t *testing.T) {
		_, one := o.Definition(as(bob), "none")
		_, fetch := o.Fetch(t.Context(), "none")
		_, g := o.Gateway(t.Context(), "none")
		for i, err := range []error{one, fetch, g, o.Delete(as(bob), "none")} {
			if !errors.Is(err, ticket.ErrNotFound) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
	t.Run("M35 all of them, by code, until they are deleted", func(t *testing.T) {
		second := shop()
		second.Code, second.Inactive = "lamps", true
		must(o.Save(as(bob), second))(t)
		if list := must(o.Definitions(as(bob)))(t); len(list) != 2 || list[0].Code != "lamps" || list[1].Code != "shop" {
			t.Errorf("%+v", list)
		}
		if _, err := o.Fetch(t.Context(), "lamps"); !errors.Is(err, ticket.ErrInvalid) {
			t.Errorf("an inactive one is fetched: %v", err)
		}
		ok(t, o.Delete(as(bob), "lamps"))
		if list := must(o.Definitions(as(bob)))(t); len(list) != 1 {
			t.Errorf("%+v", list)
		}
	})
}

func TestM35Mistakes(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	oauth := func(d *mailboxes.Definition) {
		d.Password, d.OAuth = mailboxes.Secret{}, &mailboxes.OAuth{TokenURL: "https://id.example.com/token", ClientID: "app"}
	}
	for field, change := range map[string]func(*mailboxes.Definition){
		"code":                   func(d *mailboxes.Definition) { d.Code = "Shop 1" },
		"name":                   func(d *mailboxes.Definition) { d.Name = "" },
		"protocol":               func(d *mailboxes.Definition) { d.Protocol = "nntp" },
		"security":               func(d *mailboxes.Definition) { d.Security = "ssl" },
		"host":                   func(d *mailboxes.Definition) { d.Host = "imaps://imap.example.com:993" },
		"port":                   func(d *mailboxes.Definition) { d.Port = 70000 },
		"user":                   func(d *mailboxes.Definition) { d.User, d.Addresses = "", []string{"shop@example.com"} },
		"password":               func(d *mailboxes.Definition) { d.Password = mailboxes.Secret{} },
		"authority":              func(d *mailboxes.Definition) { d.Authority = "no certificate" },
		"certificates_unchecked": func(d *mailboxes.Definition) { d.Authority, d.Unchecked = "x", true },
		"folder":                 func(d *mailboxes.Definition) { d.Protocol, d.Folder = mailboxes.POP3, "Mail" },
		"done":                   func(d *mailboxes.Definition) { d.Protocol, d.Done = mailboxes.POP3, mailboxes.Flag },
		"move_to":                func(d *mailboxes.Definition) { d.Done = mailboxes.Move },
		"done_after_days":        func(d *mailboxes.Definition) { d.DoneAfter = -1 },
		"interval":               func(d *mailboxes.Definition) { d.Interval = 1 },
		"fetch_limit":            func(d *mailboxes.Definition) { d.FetchLimit = -1 },
		"participants":           func(d *mailboxes.Definition) { d.Participants = -1 },
		"strangers":              func(d *mailboxes.Definition) { d.Strangers = "friends" },
		"newcomers":              func(d *mailboxes.Definition) { d.Newcomers = "friends" },
		"addresses":              func(d *mailboxes.Definition) { d.User = "shop" },
		"sent":                   func(d *mailboxes.Definition) { d.Sent = "some" },
		"contact_forms":          func(d *mailboxes.Definition) { d.ContactForms = []string{"example.com"} },
		"number_lines":           func(d *mailboxes.Definition) { d.NumberLines = []string{"Ticket number"} },
		"servers":                func(d *mailboxes.Definition) { d.Servers = []string{" "} },
		"department":             func(d *mailboxes.Definition) { d.Department = "none" },
		"brand":                  func(d *mailboxes.Definition) { d.Brand = "none" },
		"status":                 func(d *mailboxes.Definition) { d.Status = "none" },
		"priority":               func(d *mailboxes.Definition) { d.Priority = "none" },
		"notes":                  func(d *mailboxes.Definition) { d.Notes = strings.Repeat("x", 20_000) },
		"no_subject":             func(d *mailboxes.Definition) { d.NoSubject = "two\nlines" },
		"oauth.token_url":        func(d *mailboxes.Definition) { oauth(d); d.OAuth.TokenURL = "http://id.example.com" },
		"oauth.client_id":        func(d *mailboxes.Definition) { oauth(d); d.OAuth.ClientID = "" },
		"oauth.client_secret":    func(d *mailboxes.Definition) { oauth(d); d.OAuth.AppOnly = true },
	} {
		t.Run("M35 "+field+" that nobody could work with is refused, with what to do", func(t *testing.T) {
			d := shop()
			change(&d)
			_, err := o.Save(as(bob), d)
			if list := ticket.FieldErrors(err)[field]; len(list) != 1 || list[0].Message == "" || len(ticket.FieldErrors(err)) != 1 {
				t.Errorf("%v", err)
			}
			if list := must(o.Definitions(as(bob)))(t); len(list) != 0 {
				t.Errorf("it is stored: %+v", list)
			}
		})
	}
	t.Run("M35 a form hears of all that is wrong at once", func(t *testing.T) {
		d := shop()
		d.Host, d.Department, d.Password = "", "none", mailboxes.Secret{}
		_, err := o.Save(as(bob), d)
		if f := ticket.FieldErrors(err); len(f) != 3 || len(f["host"]) != 1 || len(f["department"]) != 1 || len(f["password"]) != 1 {
			t.Error(err)
		}
	})
}

// everything is all that stands in a store, as text.
func everything(t *testing.T, s store.Store) string {
	t.Helper()
	var b strings.Builder
	for _, kind := range []string{"config/gateway", "gateway-secret", "oauth-grant", "gateway", "gateway-state"} {
		for _, rec := range records(t, s, kind) {
			fmt.Fprintf(&b, "%s/%s %s\n", kind, rec.Key, rec.Doc)
		}
	}
	return b.String()
}

func TestM35Secrets(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	d := must(o.Save(as(bob), shop()))(t)
	t.Run("M35 a password is in nothing that is read, printed, journalled or stored", func(t *testing.T) {
		var log bytes.Buffer
		given := shop()
		slog.New(slog.NewJSONHandler(&log, nil)).Info("saved", "definition", given, "password", given.Password)
		doc := must(json.Marshal(given))(t)
		journal := must(o.Journal(as(bob), ticket.EventQuery{}))(t)
		shown := fmt.Sprintf("%v %+v %#v %s %q %s %s %s", given, given, given, given.Password, given.Password, doc, must(json.Marshal(journal))(t), everything(t, o.Store))
		if strings.Contains(shown+log.String(), secretText) {
			t.Errorf("%s\n%s", shown, log.String())
		}
		if !strings.Contains(shown, "[secret]") || !strings.Contains(everything(t, o.Store), "gateway-secret/shop") {
			t.Errorf("it is not there at all: %s", shown)
		}
	})
	t.Run("M35 a definition goes through JSON and back, as a form has it, and keeps its password", func(t *testing.T) {
		var back mailboxes.Definition
		ok(t, json.Unmarshal(must(json.Marshal(d))(t), &back))
		back.Notes = "by a form"
		if got := must(o.Save(as(bob), back))(t); got.Password.Stored().IsZero() || got.Version != d.Version+1 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("M35 a new password comes as text, is journalled as a change, and not told", func(t *testing.T) {
		var next mailboxes.Definition
		ok(t, json.Unmarshal([]byte(`{"code":"shop","name":"Shop","host":"imap.example.com","user":"shop@example.com","password":"another secret"}`), &next))
		next.Version = mailboxes.AnyVersion
		before := len(must(o.Journal(as(bob), ticket.EventQuery{}))(t))
		must(o.Save(as(bob), next))(t)
		journal := must(o.Journal(as(bob), ticket.EventQuery{}))(t)
		if len(journal) != before+1 || strings.Contains(string(must(json.Marshal(journal))(t)), "another secret") {
			t.Errorf("%+v", journal)
		}
	})
	for name, change := range map[string]func(*mailboxes.Definition){
		"server":         func(d *mailboxes.Definition) { d.Host = "imap.elsewhere.example" },
		"port":           func(d *mailboxes.Definition) { d.Port = 1993 },
		"user":           func(d *mailboxes.Definition) { d.User = "other@example.com" },
		"protection":     func(d *mailboxes.Definition) { d.Security = mailboxes.NoTLS },
		"unchecked cert": func(d *mailboxes.Definition) { d.Unchecked = true },
	} {
		t.Run("M35 a stored password goes to nobody else: another "+name, func(t *testing.T) {
			d := must(o.Definition(as(bob), "shop"))(t)
			change(&d)
			if _, err := o.Save(as(bob), d); len(ticket.FieldErrors(err)["password"]) != 1 {
				t.Error(err)
			}
			if look := must(o.Diagnose(as(bob), d))(t); len(look.Steps) != 1 || look.Steps[0].Name != "settings" || look.Steps[0].Failure == "" {
				t.Errorf("it was tried: %+v", look)
			}
			d.Version = mailboxes.AnyVersion
			d.Password = mailboxes.NewSecret("given again")
			must(o.Save(as(bob), d))(t)
			again := shop()
			again.Version = mailboxes.AnyVersion
			must(o.Save(as(bob), again))(t)
		})
	}
	t.Run("M35 without a key no secret is taken", func(t *testing.T) {
		bare := newOffice(t, &mailboxes.Options{})
		if _, err := bare.Save(as(bob), shop()); len(ticket.FieldErrors(err)["password"]) != 1 {
			t.Error(err)
		}
	})
	t.Run("M35 a definition that is deleted leaves no secret", func(t *testing.T) {
		ok(t, o.Delete(as(bob), "shop"))
		if left := everything(t, o.Store); left != "" {
			t.Errorf("left: %s", left)
		}
	})
}

func TestM35WrongKey(t *testing.T) {
	t.Parallel()
	s := memory.New(nil)
	t.Cleanup(func() { _ = s.Close() })
	d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
	first := must(mailboxes.New(d.Mail(), s, &mailboxes.Options{Sealer: sealer(t, 1)}))(t)
	must(first.Save(as(bob), shop()))(t)
	beside := helpdesktest.New(t, &helpdesktest.Options{Store: s})
	other := must(mailboxes.New(beside.Mail(), s, &mailboxes.Options{Sealer: sealer(t, 2)}))(t)
	t.Run("M75 a desk has its stored gateways once: a second Set would have Check tell everything twice", func(t *testing.T) {
		if _, err := mailboxes.New(d.Mail(), s, nil); !errors.Is(err, ticket.ErrExists) {
			t.Error(err)
		}
	})
	t.Run("M35 a password that cannot be opened is the gateway's failure, told and tried again", func(t *testing.T) {
		if _, err := other.Fetch(t.Context(), "shop"); !errors.Is(err, ticket.ErrSealed) {
			t.Error(err)
		}
		st := must(other.Status(t.Context()))(t)
		if len(st) != 1 || !strings.Contains(st[0].Failure, "cannot be opened") || st[0].FailingSince.IsZero() {
			t.Errorf("%+v", st)
		}
	})
	t.Run("M75 Check tells of a gateway that fails", func(t *testing.T) {
		list := must(d.Check(as(bob)))(t)
		if !slices.ContainsFunc(list, func(p ticket.Problem) bool {
			return p.Area == "mail" && strings.Contains(p.Message, "gateway shop: fails since")
		}) {
			t.Errorf("%+v", list)
		}
	})
}

func TestM75Warnings(t *testing.T) {
	t.Parallel()
	o := newOffice(t, nil)
	for want, change := range map[string]func(*mailboxes.Definition){
		"certificate":     func(d *mailboxes.Definition) { d.Unchecked = true },
		"not protected":   func(d *mailboxes.Definition) { d.Security = mailboxes.NoTLS },
		"is trusted":      func(d *mailboxes.Definition) { d.Trusted = true },
		"no gateway is a": func(d *mailboxes.Definition) { d.Inactive = true },
	} {
		t.Run("M75 "+want, func(t *testing.T) {
			d := shop()
			d.Version = mailboxes.AnyVersion
			change(&d)
			must(o.Save(as(bob), d))(t)
			list := must(o.Check(as(bob)))(t)
			if len(list) != 1 || !strings.Contains(list[0].Message, want) {
				t.Errorf("%+v", list)
			}
		})
	}
}

// records are those of a kind.
func records(t *testing.T, s store.Store, kind string) (out []*store.Record) {
	t.Helper()
	ok(t, s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		out, err = r.Records(ctx, store.RecordQuery{Kind: kind})
		return err
	}))
	return out
}
