package helpdesk_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// safeText is what no place but the message's readers may show.
const safeText = "the safe opens with 4711-Xylophon"

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// words writes values with a space between any two.
func words(v ...any) string { return strings.TrimSuffix(fmt.Sprintln(v...), "\n") }

func sealerOf(t testing.TB, keys ...[]byte) helpdesk.Sealer {
	t.Helper()
	return must(helpdesk.NewSealer(keys...))(t)
}

func secretDraft() ticket.Draft {
	draft := lamp()
	draft.Body, draft.HTMLBody, draft.Encrypted = safeText, "<p>"+safeText+"</p>", true
	return draft
}

func TestSealer(t *testing.T) {
	t.Parallel()
	c := context.Background()
	t.Run("W32 what one key seals, it opens at its place and nowhere else", func(t *testing.T) {
		t.Parallel()
		s := sealerOf(t, newKey())
		sealed := must(s.Seal(c, []byte(safeText), []byte("here")))(t)
		equal(t, "opened", string(must(s.Open(c, sealed, []byte("here")))(t)), safeText)
		if _, err := s.Open(c, sealed, []byte("there")); err == nil {
			t.Error("it opens elsewhere")
		}
		for i := range len(sealed) * 8 {
			b := bytes.Clone(sealed)
			b[i/8] ^= 1 << (i % 8)
			if _, err := s.Open(c, b, []byte("here")); err == nil {
				t.Errorf("bit %d means nothing", i)
			}
		}
		for n := range sealed {
			if _, err := s.Open(c, sealed[:n], []byte("here")); err == nil {
				t.Errorf("%d bytes are enough", n)
			}
		}
		if again := must(s.Seal(c, []byte(safeText), []byte("here")))(t); bytes.Equal(again, sealed) {
			t.Error("the same text is sealed the same way twice")
		}
	})
	t.Run("W32 the first key seals, all open, and a missing one is named", func(t *testing.T) {
		t.Parallel()
		a, b := newKey(), newKey()
		sealed := must(sealerOf(t, a).Seal(c, []byte(safeText), nil))(t)
		rotated := sealerOf(t, b, a)
		equal(t, "opened", string(must(rotated.Open(c, sealed, nil))(t)), safeText)
		sealed = must(rotated.Seal(c, []byte(safeText), nil))(t)
		equal(t, "opened", string(must(sealerOf(t, b).Open(c, sealed, nil))(t)), safeText)
		_, err := sealerOf(t, a).Open(c, sealed, nil)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%x", sealed[1:9])) {
			t.Errorf("%v", err)
		}
	})
	t.Run("W32 keys have 32 bytes, and show nowhere", func(t *testing.T) {
		t.Parallel()
		for _, keys := range [][][]byte{nil, {newKey()[1:]}, {newKey(), nil}} {
			_, err := helpdesk.NewSealer(keys...)
			is(t, err, ticket.ErrInvalid)
		}
		key := newKey()
		s := sealerOf(t, key)
		shown := fmt.Sprintf("%v %+v %#v %s %x %d", s, s, s, s, s, s)
		equal(t, "shown", strings.ReplaceAll(shown, "[sealer of 1 keys]", ""), "     ")
	})
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	t.Run("W32 an encrypted message is clear for its readers, and says what it is", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		tk := must(d.CreateTicket(as(ann), secretDraft()))(t)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		equal(t, "returned", m.Body, safeText)
		for _, a := range []ticket.Actor{ann, bob} {
			list := must(d.Messages(as(a), tk.ID, ticket.MessageQuery{}))(t)
			for _, m := range list {
				equal(t, "clear", words(m.Body, m.Encrypted, m.Sealed), safeText+" true false")
			}
			equal(t, "HTML", list[0].HTMLBody, "<p>"+safeText+"</p>")
			equal(t, "one", must(d.Message(as(a), m.ID))(t).Body, safeText)
		}
		stored(t, d, m.ID, func(raw *ticket.Message) {
			equal(t, "stored", words(raw.Encrypted, raw.Sealed, strings.Contains(raw.Body, "safe"), raw.HTMLBody), "true true false ")
		})
		is(t, drop(d.Message(as(guest), m.ID)), ticket.ErrNotFound)
	})
	t.Run("W32 what came of a closed ticket goes on encrypted", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		set(t, d, ticket.SettingsPatch{AfterClose: new(ticket.AfterCloseLink)})
		tk := open(t, d, ann)
		must(d.CloseTicket(as(bob), tk.ID))(t)
		m := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		equal(t, "encrypted", words(m.TicketID != tk.ID, m.Encrypted), "true true")
	})
	t.Run("W32 edits and old versions stay encrypted, and deleting leaves nothing", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		d.Hooks().TicketMessageValidation.Bind("clear", func(_ ctx, in hooks.Editing) error {
			equal(t, "for the gate", in.Message.Body, safeText)
			return nil
		})
		edited := must(d.EditMessage(as(bob), m.ID, safeText+"!"))(t)
		equal(t, "edited", words(edited.Body, edited.Encrypted, edited.Sealed), safeText+"! true false")
		equal(t, "now", must(d.Message(as(ann), m.ID))(t).Body, safeText+"!")
		equal(t, "old", must(d.Revisions(as(bob), m.ID))(t)[0].Body, safeText)
		for _, rec := range recordsOf(t, d, "revision") {
			if strings.Contains(string(rec.Doc), "safe") {
				t.Errorf("the old version is clear: %s", rec.Doc)
			}
		}
	})
	t.Run("W32 a deleted encrypted message is no riddle", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		m = must(d.DeleteMessage(as(bob), m.ID))(t)
		equal(t, "deleted", words(m.Body, m.Sealed), " false")
		m = must(d.Message(as(bob), m.ID))(t)
		equal(t, "read", words(m.Body, m.Sealed), " false")
	})
	t.Run("W32 without a key, what should be encrypted is refused and written nowhere", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		invalid(t, drop(d.CreateTicket(as(ann), secretDraft())), "encrypted")
		tk := open(t, d, ann)
		invalid(t, drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true})), "encrypted")
		invalid(t, drop(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: safeText, Encrypted: true})), "encrypted")
		equal(t, "journal", journalled(t, d), 1)
	})
	t.Run("W32 a filter can have a message encrypted that nobody asked it for", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		d.Hooks().TicketReplyDraft.Bind("passwords", func(_ ctx, in *hooks.Replying) error {
			in.Draft.Encrypted = strings.Contains(in.Draft.Body, "4711")
			return nil
		})
		tk := open(t, d, ann)
		equal(t, "encrypted", must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: safeText}))(t).Encrypted, true)
		equal(t, "encrypted", must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "hi"}))(t).Encrypted, false)
	})
	t.Run("W32 a sealer that fails leaves nothing behind", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: brokenSealer{}})
		tk := open(t, d, ann)
		is(t, drop(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true})), errBroken)
		equal(t, "journal", journalled(t, d), 1)
		equal(t, "messages", len(must(d.Messages(as(bob), tk.ID, ticket.MessageQuery{}))(t)), 1)
	})
}

var errBroken = errors.New("no connection to the key")

type brokenSealer struct{}

func (brokenSealer) Seal(ctx, []byte, []byte) ([]byte, error) { return nil, errBroken }
func (brokenSealer) Open(ctx, []byte, []byte) ([]byte, error) { return nil, errBroken }

func TestEncryptedHooks(t *testing.T) {
	t.Parallel()
	for _, mode := range []helpdesktest.Options{{}, {Manual: true}} {
		t.Run(fmt.Sprintf("W32 filters, gates and guards see the text, events that there is one (manual: %t)", mode.Manual), func(t *testing.T) {
			t.Parallel()
			mode.Store, mode.Config = openStore(t), helpdesk.Config{Sealer: sealerOf(t, newKey())}
			d := helpdesktest.New(t, &mode)
			before, after := map[string]string{}, map[string]string{}
			see := func(m map[string]string, who string, encrypted bool, text string) {
				m[who] = fmt.Sprint(encrypted, " ", text)
			}
			h := d.Hooks()
			h.TicketDraft.Bind("f", func(_ ctx, in *hooks.Creating) error {
				see(before, "filter of drafts", in.Draft.Encrypted, in.Draft.Body)
				return nil
			})
			h.TicketCreateValidation.Bind("g", func(_ ctx, in hooks.Creating) error {
				see(before, "gate of drafts", in.Draft.Encrypted, in.Draft.Body)
				return nil
			})
			h.TicketCreateGuard.Bind("g", func(c ctx, in hooks.Committing) error {
				see(before, "guard of drafts", in.Message.Encrypted, in.Message.Body)
				see(before, "guard that reads", true, must(d.Message(c, in.Message.ID))(t).Body)
				return nil
			})
			h.TicketReplyDraft.Bind("f", func(_ ctx, in *hooks.Replying) error {
				see(before, "filter of replies", in.Draft.Encrypted, in.Draft.Body)
				return nil
			})
			h.TicketReplyValidation.Bind("g", func(_ ctx, in hooks.Replying) error {
				see(before, "gate of replies", in.Draft.Encrypted, in.Draft.Body)
				return nil
			})
			h.TicketMessageGuard.Bind("g", func(_ ctx, in hooks.Committing) error {
				see(before, "guard of replies", in.Message.Encrypted, in.Message.Body)
				return nil
			})
			told := func(m *ticket.Message) { see(after, "event", m.Encrypted, m.Body+m.HTMLBody) }
			h.TicketCreated.Bind("durable", func(_ ctx, e hooks.Created) error { told(e.Message); return nil })
			h.TicketCreated.Bind("volatile", func(_ ctx, e hooks.Created) error { told(e.Message); return nil }, hooks.Volatile())
			h.TicketReplied.Bind("durable", func(c ctx, e hooks.Messaged) error {
				told(e.Message)
				see(before, "event that asks", true, must(d.Message(c, e.Message.ID))(t).Body)
				return nil
			})
			h.TicketReplied.Bind("volatile", func(_ ctx, e hooks.Messaged) error { told(e.Message); return nil }, hooks.Volatile())
			for _, name := range []string{"TicketAdminReplied", "TicketAdminReply"} {
				ok(t, h.BindNamed(name, "named at "+name, func(_ ctx, p hooks.Params) (hooks.Result, error) {
					if strings.Contains(fmt.Sprint(p), "4711") {
						t.Errorf("%s shows %v", name, p)
					}
					if reply, ok := p["reply"].(hooks.Params); ok {
						see(after, "named", reply["encrypted"] == 1, fmt.Sprint(reply["message"]))
					}
					return hooks.Result{}, nil
				}))
			}
			tk := must(d.CreateTicket(as(ann), secretDraft()))(t)
			must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
			if mode.Manual {
				d.DispatchAll(t)
			}
			equal(t, "who saw the text", len(before), 8)
			for who, saw := range before {
				equal(t, who, saw, "true "+safeText)
			}
			equal(t, "who was told", len(after), 2)
			for who, saw := range after {
				equal(t, who, saw, "true ")
			}
		})
	}
}

func TestMissingKey(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (s store.Store, key []byte, tk *ticket.Ticket, m *ticket.Message) {
		s, key = openStore(t), newKey()
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealerOf(t, key)}})
		tk = open(t, d, ann)
		draft := ticket.ReplyDraft{Body: safeText, Encrypted: true, Files: []ticket.Upload{{Name: "a.txt", Content: strings.NewReader("x")}}}
		m = must(d.Reply(as(bob), tk.ID, draft))(t)
		must(d.EditMessage(as(bob), m.ID, safeText+"!"))(t)
		must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "and this is for all"}))(t)
		must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: safeText, Encrypted: true}))(t)
		return s, key, tk, m
	}
	t.Run("W32 without its key a message says so, and the rest of the ticket stays readable", func(t *testing.T) {
		t.Parallel()
		s, _, tk, m := setup(t)
		for _, sealer := range []helpdesk.Sealer{nil, sealerOf(t, newKey()), brokenSealer{}} {
			var log strings.Builder
			d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealer, Logger: slog.New(slog.NewTextHandler(&log, nil))}})
			list := must(d.Messages(as(ann), tk.ID, ticket.MessageQuery{}))(t)
			equal(t, "listed", len(list), 3)
			equal(t, "encrypted", words(list[1].Body, list[1].Encrypted, list[1].Sealed), " true true")
			equal(t, "the other", words(list[2].Body, list[2].Encrypted, list[2].Sealed), "and this is for all false false")
			if !strings.Contains(log.String(), "cannot be read") {
				t.Errorf("the log says %q", log.String())
			}
			one, err := d.Message(as(ann), m.ID)
			is(t, err, ticket.ErrSealed)
			equal(t, "one", words(one.Body, one.Encrypted, one.Sealed), " true true")
			r, _, err := d.Files().Open(as(ann), m.ID, 0)
			ok(t, err)
			equal(t, "file", string(must(io.ReadAll(r))(t)), "x")
			equal(t, "old", must(d.Revisions(as(bob), m.ID))(t)[0].Sealed, true)
			saved, err := d.Drafts().Get(as(bob), tk.ID)
			is(t, err, ticket.ErrSealed)
			equal(t, "draft", words(saved.Body, saved.Sealed), " true")
			equal(t, "drafts", must(d.Drafts().List(as(bob)))(t)[0].Sealed, true)
		}
	})
	t.Run("W32 with a newer key in front, old messages are read, and can be deleted without any", func(t *testing.T) {
		t.Parallel()
		s, key, tk, m := setup(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealerOf(t, newKey(), key)}})
		equal(t, "read", must(d.Message(as(bob), m.ID))(t).Body, safeText+"!")
		equal(t, "draft", must(d.Drafts().Get(as(bob), tk.ID))(t).Body, safeText)
		equal(t, "drafts", must(d.Drafts().List(as(bob)))(t)[0].Body, safeText)
		without := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		invalid(t, drop(without.EditMessage(as(bob), m.ID, "x")), "encrypted")
		equal(t, "after", must(d.Message(as(bob), m.ID))(t).Body, safeText+"!")
		must(without.DeleteMessage(as(bob), m.ID))(t)
		equal(t, "after", must(without.Message(as(bob), m.ID))(t).Sealed, false)
	})
	t.Run("W32 one message's text is not accepted as another's", func(t *testing.T) {
		t.Parallel()
		s, key, tk, m := setup(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealerOf(t, key)}})
		mine := must(d.Reply(as(ann), tk.ID, ticket.ReplyDraft{Body: "x", Encrypted: true}))(t)
		ok(t, s.Update(as(host), func(c ctx, tx store.Tx) error {
			from, to := must(tx.Message(c, m.ID))(t), must(tx.Message(c, mine.ID))(t)
			to.Body = from.Body
			return tx.PutMessage(c, to)
		}))
		is(t, drop(d.Message(as(ann), mine.ID)), ticket.ErrSealed)
		for _, garbage := range []string{"not base64!", "AAAA", ""} {
			ok(t, s.Update(as(host), func(c ctx, tx store.Tx) error {
				to := must(tx.Message(c, mine.ID))(t)
				to.Body = garbage
				return tx.PutMessage(c, to)
			}))
			if got, err := d.Message(as(ann), mine.ID); (err == nil) != (garbage == "") || got.Body != "" {
				t.Errorf("%q is read as %+v (%v)", garbage, got, err)
			}
		}
	})
}

func TestRedactEncrypted(t *testing.T) {
	t.Parallel()
	t.Run("W32 X25 a text goes out of encrypted messages, their old versions and drafts, and they stay encrypted", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Sealer: sealerOf(t, newKey())})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		must(d.EditMessage(as(bob), m.ID, safeText+"!"))(t)
		must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: safeText, Encrypted: true}))(t)
		equal(t, "found", must(d.Redact(as(bob), tk.ID, "4711"))(t), true)
		want := strings.ReplaceAll(safeText, "4711", helpdesk.Redacted)
		m = must(d.Message(as(bob), m.ID))(t)
		equal(t, "message", words(m.Body, m.Encrypted), want+"! true")
		old := must(d.Revisions(as(bob), m.ID))(t)[0]
		equal(t, "old", words(old.Body, old.Encrypted), want+" true")
		draft := must(d.Drafts().Get(as(bob), tk.ID))(t)
		equal(t, "draft", words(draft.Body, draft.Encrypted, draft.Agent), want+" true 7")
		stored(t, d, m.ID, func(raw *ticket.Message) {
			equal(t, "stored", words(raw.Sealed, strings.Contains(raw.Body, "safe")), "true false")
		})
	})
	t.Run("W32 X25 without the key, and by a text that the ciphertext happens to hold, nothing is broken", func(t *testing.T) {
		t.Parallel()
		s, key := openStore(t), newKey()
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealerOf(t, key)}})
		tk := open(t, d, ann)
		m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, Encrypted: true}))(t)
		must(d.EditMessage(as(bob), m.ID, safeText+"!"))(t)
		must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: safeText, Encrypted: true}))(t)
		part := ""
		stored(t, d, m.ID, func(raw *ticket.Message) { part = raw.Body[40:44] })
		for _, desk := range []*helpdesktest.Desk{d, helpdesktest.New(t, &helpdesktest.Options{Store: s})} {
			equal(t, "found", must(desk.Redact(as(bob), tk.ID, part))(t), false)
		}
		equal(t, "message", must(d.Message(as(bob), m.ID))(t).Body, safeText+"!")
		equal(t, "old", must(d.Revisions(as(bob), m.ID))(t)[0].Body, safeText)
		equal(t, "draft", must(d.Drafts().Get(as(bob), tk.ID))(t).Body, safeText)
	})
}

// stored shows a message as the store has it.
func stored(t testing.TB, d *helpdesktest.Desk, id int64, look func(*ticket.Message)) {
	t.Helper()
	ok(t, d.Store.View(context.Background(), func(c ctx, r store.Reader) error {
		m, err := r.Message(c, id)
		if err == nil {
			look(m)
		}
		return err
	}))
}

func TestNothingOfItIsInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := must(sqlite.Open(context.Background(), filepath.Join(dir, "desk.db"), nil))(t)
	d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Sealer: sealerOf(t, newKey())}})
	d.Hooks().TicketReplied.Bind("acme", func(_ ctx, e hooks.Messaged) error { return fmt.Errorf("told %q", e.Message.Body) }) // errors are stored
	tk := must(d.CreateTicket(as(ann), secretDraft()))(t)
	m := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: safeText, HTMLBody: safeText, Encrypted: true}))(t)
	must(d.EditMessage(as(bob), m.ID, safeText+" now"))(t)
	must(d.Drafts().Save(as(bob), tk.ID, ticket.SavedDraft{Body: safeText, Encrypted: true}))(t)
	clear := must(d.Reply(as(bob), tk.ID, ticket.ReplyDraft{Body: "but this is clear"}))(t)
	look := func(t *testing.T) {
		t.Helper()
		found := false
		for _, file := range glob(t, filepath.Join(dir, "*")) {
			data := must(os.ReadFile(file))(t)
			found = found || bytes.Contains(data, []byte(clear.Body))
			for _, part := range []string{"safe opens", "4711", "Xylophon"} {
				if bytes.Contains(data, []byte(part)) {
					t.Errorf("%s holds %q", filepath.Base(file), part)
				}
			}
		}
		equal(t, "the clear one is found", found, true)
	}
	t.Run("W32 the database and its log hold nothing of an encrypted text", look)
	ok(t, d.Stop(context.Background()))
	ok(t, s.Close())
	t.Run("W32 nor do they when they are closed", look)
}
