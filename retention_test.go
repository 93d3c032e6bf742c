package helpdesk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const day = 24 * time.Hour

func days(n int) *ticket.Duration { return new(ticket.Duration(time.Duration(n) * day)) }

// mailed opens a ticket by mail, with its raw mail kept, and a file and a picture.
func mailed(t testing.TB, d *helpdesktest.Desk) *ticket.Ticket {
	t.Helper()
	h := must(d.Mail().StoreBlob(as(host), strings.NewReader("From: Ann\n\n"+fmt.Sprint(d.Now()))))(t)
	ok(t, d.Mail().KeepBlob(as(host), h, 7))
	draft := withFiles(attachment("a.bin", 500_000, 1), ticket.Upload{Name: "lamp.png", Inline: true, ContentID: "1@x", Content: strings.NewReader("png")},
		ticket.Upload{Name: "b.exe", Missing: "files of type .exe are not taken", Size: 9})
	draft.Mail = &ticket.Mail{Raw: h.Blob(), Gateway: "support"}
	tk := must(d.CreateTicket(as(annByMail), draft))(t)
	ok(t, d.Mail().ReleaseBlob(as(host), h.Blob(), 7, 1))
	return tk
}

// kept reports which contents of a ticket's first message are there: of the file, the picture and the raw mail.
func kept(t testing.TB, d *helpdesktest.Desk, id int64) string {
	t.Helper()
	m := must(d.Messages(as(bob), id, ticket.MessageQuery{}))(t)[0]
	var out []string
	for n, name := range []string{"file", "picture"} {
		if r, _, err := d.Files().Open(as(bob), m.ID, n); err == nil {
			must(io.Copy(io.Discard, r))(t)
			out = append(out, name)
		} else {
			is(t, err, ticket.ErrNotFound)
		}
	}
	if _, err := d.Files().OpenRaw(as(bob), m.ID); err == nil {
		out = append(out, "raw")
	}
	return strings.Join(out, " ")
}

func tick(t testing.TB, d *helpdesktest.Desk) int {
	t.Helper()
	return must(d.Tick(context.Background()))(t)
}

func TestRetention(t *testing.T) {
	t.Parallel()
	t.Run("M13 the contents of old files go, pictures and the raw mail too, and names, sizes and an entry in the journal stay", func(t *testing.T) {
		t.Parallel()
		box := newShelf(t)
		d := newDesk(t, helpdesk.Config{BlobStore: box, Settings: ticket.SettingsPatch{FileRetention: days(90)}})
		tk := mailed(t, d)
		equal(t, "kept", kept(t, d, tk.ID), "file picture raw")
		d.Clock.Advance(90*day - time.Second)
		equal(t, "done", tick(t, d), 0)
		d.Clock.Advance(time.Hour)
		before := len(history(t, d, tk.ID))
		equal(t, "done", tick(t, d), 1)
		equal(t, "kept", kept(t, d, tk.ID), "")
		files := filesOf(t, d, tk.ID)
		for i, want := range []ticket.File{
			{Name: "a.bin", Size: 500_000, Missing: "removed after 90 days"},
			{Name: "lamp.png", Size: 3, Missing: "removed after 90 days", Inline: true, ContentID: "1@x"},
			{Name: "b.exe", Size: 9, Missing: "files of type .exe are not taken"},
		} {
			want.Type = "application/octet-stream"
			equal(t, "file", files[i], want)
		}
		now := must(d.Ticket(as(bob), tk.ID))(t)
		equal(t, "bytes", now.FileBytes, 0)
		equal(t, "updated", now.UpdatedAt, tk.UpdatedAt)
		list := history(t, d, tk.ID)
		equal(t, "entries", len(list), before+1)
		e := list[len(list)-1]
		names, _ := e.Changed("files")
		if e.Type != ticket.EventFilesRemoved || e.Actor.ID != "helpdesk" || e.Actor.Kind != ticket.ActorSystem || e.Detail != "removed after 90 days" || names.Old != `["a.bin","lamp.png"]` || !e.At.Equal(d.Now()) {
			t.Errorf("entry is %+v", e)
		}
		if _, raw := e.Changed("raw_mail"); !raw {
			t.Error("the entry does not name the raw mail")
		}
		equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), box.list), 0)
		d.Clock.Advance(100 * day)
		equal(t, "done again", tick(t, d), 0)
		equal(t, "entries", len(history(t, d, tk.ID)), before+1)
	})
	t.Run("M13 off by default; switched on or changed later, it holds for old files", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := mailed(t, d)
		d.Clock.Advance(1000 * day)
		equal(t, "done", tick(t, d), 0)
		set(t, d, ticket.SettingsPatch{FileRetention: days(2000)})
		equal(t, "done", tick(t, d), 0)
		set(t, d, ticket.SettingsPatch{FileRetention: days(30)})
		equal(t, "done", tick(t, d), 1)
		equal(t, "kept", kept(t, d, tk.ID), "")
	})
	t.Run("M13 each layer has its own time, and the ticket's layer of today counts", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Departments: []ticket.Department{{Code: "support", Name: "Support"}, {Code: "legal", Name: "Legal"}}})
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("support"), ticket.SettingsPatch{FileRetention: days(30)}))
		ok(t, d.Settings().Update(as(bob), ticket.DepartmentLayer("legal"), ticket.SettingsPatch{FileRetention: days(0)}))
		gone, stays := mailed(t, d), mailed(t, d)
		must(d.Transfer(as(bob), stays.ID, "legal"))(t)
		d.Clock.Advance(31 * day)
		equal(t, "done", tick(t, d), 1)
		equal(t, "kept", kept(t, d, gone.ID), "")
		equal(t, "kept", kept(t, d, stays.ID), "file picture raw")
		must(d.Transfer(as(bob), stays.ID, "support"))(t)
		d.Clock.Advance(time.Hour)
		equal(t, "done", tick(t, d), 1)
		equal(t, "kept", kept(t, d, stays.ID), "")
	})
	t.Run("M13 who slept for long catches up, page after page, and two who do it at once do it once", func(t *testing.T) {
		t.Parallel()
		s := openStore(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s, Config: helpdesk.Config{Settings: ticket.SettingsPatch{FileRetention: days(10)}}})
		var last *ticket.Ticket
		for range 230 {
			last = must(d.CreateTicket(as(ann), withFiles(text("a.txt"))))(t)
			d.Clock.Advance(time.Hour)
		}
		d.Clock.Advance(5 * day)
		other := helpdesktest.New(t, &helpdesktest.Options{Store: s, Clock: d.Clock})
		equal(t, "done", tick(t, d), 230-5*24+1)
		equal(t, "done by the other", tick(t, other), 0)
		equal(t, "bytes", must(d.Ticket(as(bob), last.ID))(t).FileBytes, 5)
		d.Clock.Advance(365 * day)
		equal(t, "done by the other", tick(t, other), 5*24-1)
		equal(t, "files", contents(t, d.Desk, s, chunksOf(t, s), nil), 0)
	})
	t.Run("M13 the same bytes in a younger message stay for that", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{FileRetention: days(10)}})
		old := must(d.CreateTicket(as(ann), withFiles(text("a.txt"))))(t)
		d.Clock.Advance(5 * day)
		young := must(d.Reply(as(ann), old.ID, ticket.ReplyDraft{Files: []ticket.Upload{text("b.txt")}}))(t)
		d.Clock.Advance(6 * day)
		equal(t, "done", tick(t, d), 1)
		r, _, err := d.Files().Open(as(ann), young.ID, 0)
		ok(t, err)
		equal(t, "content", string(must(io.ReadAll(r))(t)), "hello")
	})
	t.Run("M13 deleted tickets, purged ones and deleted messages hold nothing up", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{FileRetention: days(10)}})
		deleted, purged, emptied := mailed(t, d), mailed(t, d), mailed(t, d)
		ok(t, d.DeleteTicket(as(bob), deleted.ID))
		ok(t, d.DeleteTicket(as(bob), purged.ID))
		ok(t, d.Purge(as(bob), purged.ID))
		must(d.DeleteMessage(as(bob), must(d.Messages(as(bob), emptied.ID, ticket.MessageQuery{}))(t)[0].ID))(t)
		d.Clock.Advance(11 * day)
		equal(t, "done", tick(t, d), 1)
		equal(t, "kept", kept(t, d, must(d.RestoreTicket(as(bob), deleted.ID))(t).ID), "")
	})
	t.Run("M13 W32 of an encrypted message the files go and the text stays, and what was redacted leaves nothing to do", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{Settings: ticket.SettingsPatch{FileRetention: days(10)}, Sealer: must(helpdesk.NewSealer(noise(32, 1)))(t)})
		draft := withFiles(text("a.txt"))
		draft.Encrypted = true
		secret := must(d.CreateTicket(as(ann), draft))(t)
		h := must(d.Mail().StoreBlob(as(host), strings.NewReader("X-Card: 4111")))(t)
		ok(t, d.Mail().KeepBlob(as(host), h, 7))
		byMail := lamp()
		byMail.Mail = &ticket.Mail{Raw: h.Blob()}
		redacted := must(d.CreateTicket(as(annByMail), byMail))(t)
		ok(t, d.Mail().ReleaseBlob(as(host), h.Blob(), 7, 1))
		must(d.Redact(as(bob), redacted.ID, "4111"))(t)
		before := len(history(t, d, redacted.ID))
		d.Clock.Advance(11 * day)
		tick(t, d)
		m := must(d.Messages(as(bob), secret.ID, ticket.MessageQuery{}))(t)[0]
		if m.Body != draft.Body || m.Sealed || m.Files[0].Missing != "removed after 10 days" {
			t.Errorf("message is %+v", m)
		}
		equal(t, "entries of the redacted one", len(history(t, d, redacted.ID)), before)
		equal(t, "files", contents(t, d.Desk, d.Store, chunksOf(t, d.Store), nil), 0)
	})
	t.Run("M13 the raw mail of a work that became no message goes as well, and not while it waits", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		ok(t, d.Settings().Update(as(bob), ticket.GatewayLayer("support"), ticket.SettingsPatch{FileRetention: days(10)}))
		put := func(id int64, state store.WorkState) string {
			h := must(d.Mail().StoreBlob(as(host), strings.NewReader(fmt.Sprint("mail ", id))))(t)
			ok(t, d.Store.Update(context.Background(), func(c ctx, tx store.Tx) error {
				if err := tx.PutWork(c, &store.Work{ID: id, Kind: "mail", Name: "support", Due: d.Now(), State: state, Created: d.Now(), Finished: d.Now()}); err != nil {
					return err
				}
				return errors.Join(d.Mail().KeepBlob(c, h, id), d.Mail().RetainBlob(c, h.Blob(), id, d.Now()))
			}))
			return h.Blob()
		}
		refused, waiting := put(901, store.WorkDone), put(902, store.WorkPending)
		pruned := must(d.Mail().StoreBlob(as(host), strings.NewReader("of a work that is gone")))(t)
		ok(t, d.Mail().KeepBlob(as(host), pruned, 903))
		ok(t, d.Mail().RetainBlob(as(host), pruned.Blob(), 903, d.Now()))
		d.Clock.Advance(11 * day)
		equal(t, "done", tick(t, d), 2)
		for blob, there := range map[string]bool{refused: false, waiting: true, pruned.Blob(): false} {
			if _, err := d.Mail().OpenBlob(as(host), blob); (err == nil) != there {
				t.Errorf("%s: %v", blob, err)
			}
		}
		list := must(d.Journal(as(bob), ticket.EventQuery{Types: []ticket.EventType{ticket.EventFilesRemoved}}))(t)
		if len(list) != 1 || list[0].Subject != "mail 901" || list[0].Detail != "removed after 10 days" {
			t.Errorf("journal has %+v", list)
		}
	})
	t.Run("M13 in background mode the desk does it by itself", func(t *testing.T) {
		t.Parallel()
		clock := helpdesktest.NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		s := openStore(t)
		removed := make(chan struct{}, 1)
		cfg := helpdesk.Config{Now: clock.Now, Settings: ticket.SettingsPatch{FileRetention: days(10)}, Observer: helpdesk.Observer{Write: func(_ ctx, w helpdesk.WriteInfo) {
			if len(w.Events) > 0 && w.Events[0] == ticket.EventFilesRemoved {
				removed <- struct{}{}
			}
		}}}
		d := must(helpdesk.New(context.Background(), s, &cfg))(t)
		must(d.CreateTicket(as(ann), withFiles(text("a.txt"))))(t)
		clock.Advance(11 * day)
		ok(t, d.Start(context.Background()))
		<-removed
		ok(t, d.Stop(context.Background()))
	})
}
