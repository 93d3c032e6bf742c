package helpdesk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestSearchForgets(t *testing.T) {
	t.Parallel()
	const word = "geheimwortxyz"
	for what, remove := range map[string]func(d *helpdesktest.Desk, tk *ticket.Ticket) error{
		"Redact": func(d *helpdesktest.Desk, tk *ticket.Ticket) error { return second(d.Redact(as(bob), tk.ID, word)) },
		"Erase": func(d *helpdesktest.Desk, _ *ticket.Ticket) error {
			return second(d.People().Erase(as(host), ticket.Person{Email: word + "@example.com"}, nil))
		},
		"Purge": func(d *helpdesktest.Desk, tk *ticket.Ticket) error {
			return errors.Join(d.DeleteTicket(as(bob), tk.ID), d.Purge(as(bob), tk.ID))
		},
	} {
		t.Run("X25 what is removed is not found any more, at once, and a compacted file has none of it: "+what, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "desk.db")
			s := must(sqlite.Open(context.Background(), file, nil))(t)
			defer s.Close()
			d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
			for i := range 20 { // before and after it, and behind it in the index
				wrote(t, d, fmt.Sprint("T", i), "lamp")
			}
			tk := wrote(t, d, "secret", word+" and lamp", func(x *ticket.Draft) {
				if what == "Erase" {
					x.Requester = ticket.Person{Name: word, Email: word + "@example.com"}
				}
				x.Files = []ticket.Upload{{Name: word + ".txt", Content: strings.NewReader("x")}}
			})
			index(t, d)
			equal(t, "found", len(find(t, d, bob, ticket.Search{Text: word})), 1)
			equal(t, "in the files", inFiles(t, file, word[3:]), true)
			ok(t, remove(d, tk))
			equal(t, "found at once", len(find(t, d, bob, ticket.Search{Text: word})), 0)
			equal(t, "found by a part", len(find(t, d, bob, ticket.Search{Text: word[:5] + "*"})), 0)
			index(t, d)
			equal(t, "found when indexed", len(find(t, d, bob, ticket.Search{Text: word})), 0)
			equal(t, "the others", len(find(t, d, bob, ticket.Search{Text: "lamp -" + word})) >= 20, true)
			ok(t, s.Compact(context.Background()))
			equal(t, "in the files of "+what, inFiles(t, file, word[3:]), false)
		})
	}
}

// inFiles reports whether the raw files of a database have a text.
func inFiles(t testing.TB, file, text string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		if bytes.Contains(must(os.ReadFile(file+suffix))(t), []byte(text)) {
			return true
		}
	}
	return false
}

func TestSearchInBackground(t *testing.T) {
	t.Parallel()
	t.Run("X12 a desk that runs indexes by itself, an idle one writes nothing, and one process does at a time", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "desk.db")
		var desks []*helpdesk.Desk
		for range 2 {
			s := must(sqlite.Open(context.Background(), file, &sqlite.Options{PollInterval: 10 * time.Millisecond}))(t)
			defer s.Close()
			d := must(helpdesk.New(context.Background(), s, &helpdesk.Config{PollInterval: 10 * time.Millisecond}))(t)
			ok(t, d.Start(context.Background()))
			defer func() { ok(t, d.Stop(context.Background())) }()
			desks = append(desks, d)
		}
		for i := range 40 {
			must(desks[i%2].CreateTicket(as(ann), lamp()))(t)
		}
		caughtUp(t, desks[0])
		page := must(desks[1].Search(as(bob), ticket.Search{Text: "lamp pieces", Limit: 100}))(t)
		equal(t, "found", len(page.Hits), 40)
		idle := func() bool {
			before := must(os.ReadFile(file + "-wal"))(t)
			for range 20 {
				<-time.After(10 * time.Millisecond) // in which both look for work several times
			}
			return bytes.Equal(before, must(os.ReadFile(file+"-wal"))(t))
		}
		still := idle()
		for tries := 0; !still && tries < 20; tries++ { // whoever indexed has something to put away
			still = idle()
		}
		equal(t, "written nothing any more", still, true)
	})
	t.Run("X12 a damaged index is noticed by whoever searches, and the background mends it", func(t *testing.T) {
		t.Parallel()
		s := openSQLite(t)
		d := helpdesktest.New(t, &helpdesktest.Options{Store: s})
		wrote(t, d, "A", "lamp")
		index(t, d)
		must(s.DB().Exec("DELETE FROM helpdesk_search_data WHERE id > 10"))(t)
		_, err := d.Search(as(bob), ticket.Search{Text: "lamp"})
		is(t, err, store.ErrSearchBroken)
		index(t, d)
		equal(t, "found", findAll(t, d, bob, "lamp"), "A")
		must(s.DB().Exec("UPDATE helpdesk_search_data SET block = zeroblob(length(block)) WHERE id <= 10"))(t) // as if it were empty
		equal(t, "found", findAll(t, d, bob, "lamp"), "")
		ok(t, d.Index().Rebuild(as(bob)))
		index(t, d)
		equal(t, "found", findAll(t, d, bob, "lamp"), "A")
	})
	t.Run("X12 Check says at once that a desk which nobody started indexes nothing", func(t *testing.T) {
		t.Parallel()
		s := memory.New(nil)
		t.Cleanup(func() { ok(t, s.Close()) })
		d := must(helpdesk.New(context.Background(), s, nil))(t)
		t.Cleanup(func() { ok(t, d.Stop(context.Background())) })
		must(d.CreateTicket(as(ann), ticket.Draft{Subject: "Lamp", Body: "Broken."}))(t)
		problems := must(d.Check(context.Background()))(t)
		if len(problems) != 1 || problems[0].Area != "search" || !strings.Contains(problems[0].Message, "Desk.Start") {
			t.Errorf("problems: %+v", problems)
		}
	})
	t.Run("X12 Check says that nobody indexes", func(t *testing.T) {
		t.Parallel()
		d := helpdesktest.New(t, nil)
		wrote(t, d, "A", "lamp")
		equal(t, "problems at first", len(must(d.Check(context.Background()))(t)), 0)
		d.Clock.Advance(time.Hour)
		problems := must(d.Check(context.Background()))(t)
		if len(problems) != 1 || problems[0].Area != "search" {
			t.Errorf("problems: %+v", problems)
		}
		index(t, d)
		equal(t, "problems in the end", len(must(d.Check(context.Background()))(t)), 0)
	})
}

// caughtUp waits until nothing is stale.
func caughtUp(t testing.TB, d *helpdesk.Desk) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if must(d.Health(context.Background()))(t).Stale == 0 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatal("it is never indexed")
}

func TestSearchUnderRights(t *testing.T) {
	t.Parallel()
	t.Run("X12 nobody finds a ticket that they may not see any more, however old the index is", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		tk := wrote(t, d, "A", "lamp", func(x *ticket.Draft) { x.Participants = []ticket.Person{{Email: "gus@example.com"}} })
		index(t, d)
		for _, a := range []ticket.Actor{ann, guest, bob} {
			equal(t, "at first, for "+string(a.Kind), findAll(t, d, a, "lamp"), "A")
		}
		must(d.UpdateTicket(as(bob), tk.ID, ticket.Patch{Requester: &ticket.Person{ID: "77", Email: "zed@example.com"}, Participants: &[]ticket.Person{}}))(t)
		for _, a := range []ticket.Actor{ann, guest} {
			equal(t, "of another, for "+string(a.Kind), findAll(t, d, a, "lamp"), "")
		}
		index(t, d)
		equal(t, "for the other", findAll(t, d, ticket.Client("77", "Zed", "zed@example.com"), "lamp"), "A")
		equal(t, "for a stranger", findAll(t, d, ticket.Guest("X", "zed@example.com"), "lamp"), "")
	})
	t.Run("X12 a customer has no use for the names of staff's filters", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		wrote(t, d, "A", "lamp tag vip", func(x *ticket.Draft) { x.Tags = []string{"gold"} })
		index(t, d)
		for text, want := range map[string]string{"tag:gold": "", "tag:vip": "A", "assignee:none": "", "lamp in:notes": "", "lamp is:unread": "", "lamp is:mine": "", "is:new": "A", "in:inbox lamp": "A"} {
			equal(t, text, findAll(t, d, ann, text), want)
		}
	})
}

// FuzzSearch has anybody ask for anything: there is always an answer, in time.
func FuzzSearch(f *testing.F) {
	s := openSQLite(f)
	d := helpdesktest.New(f, &helpdesktest.Options{Store: s})
	for i := range 30 {
		wrote(f, d, fmt.Sprint("Lamp ", i), "It arrived in two pieces. 東京都 İstanbul")
	}
	index(f, d)
	for _, text := range []string{"", "lamp", `"two pieces`, "la* -x OR 東", "status:open is:new after:2020", "NEAR(a b) {subject}: ^x", "'; DROP TABLE helpdesk_tickets; --", "\x00\xff", "tag:\"", "-", "a OR", "in:subject in:body -lamp"} {
		f.Add(text, 0, "")
	}
	f.Add("lamp", 1, "bgAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string, limit int, cursor string) {
		start := time.Now()
		for _, a := range []ticket.Actor{bob, ann, guest} {
			for _, order := range []ticket.SearchOrder{ticket.NewestFirst, ticket.Ranked} {
				page, err := d.Search(as(a), ticket.Search{Text: text, Order: order, Limit: limit, Cursor: cursor})
				if err != nil && (cursor == "" || !errors.Is(err, ticket.ErrInvalid)) {
					t.Fatalf("%q: %v", text, err)
				}
				for _, h := range page.Hits {
					for _, l := range h.Highlights {
						for _, r := range l.Ranges {
							if r.Start < 0 || r.End > len(l.Text) || r.Start >= r.End {
								t.Fatalf("%q: %+v", text, l)
							}
						}
					}
				}
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("%q took %s", text, took)
		}
	})
}

func TestSearchAmongMerged(t *testing.T) {
	t.Parallel()
	t.Run("X12 I11 staff find the target by the subjects of what was merged into it, customers do not, and back", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		open := func(who ticket.Actor, subject string) *ticket.Ticket {
			return must(d.CreateTicket(as(who), ticket.Draft{Subject: subject, Body: "x"}))(t)
		}
		first, middle, target := open(guest, "zebra"), open(ann, "yak"), open(ann, "walrus")
		must(d.Merge(as(bob), middle.ID, first.ID))(t)
		must(d.Merge(as(bob), target.ID, middle.ID))(t)
		index(t, d)
		for text, want := range map[string]string{"zebra": "walrus", "yak": "walrus", "zebra walrus": "walrus"} {
			equal(t, text, findAll(t, d, bob, text), want)
		}
		equal(t, "the other customer's", findAll(t, d, ann, "zebra"), "")
		equal(t, "as a subject", findAll(t, d, bob, "subject:zebra"), "")
		ok(t, d.Index().Rebuild(as(host)))
		index(t, d)
		equal(t, "indexed anew", findAll(t, d, bob, "zebra"), "walrus")
		must(d.Unmerge(as(bob), middle.ID))(t)
		index(t, d)
		for text, want := range map[string]string{"zebra": "yak", "yak": "yak", "walrus": "walrus"} {
			equal(t, "apart, "+text, findAll(t, d, bob, text), want)
		}
	})
	t.Run("X25 X13 X12 what is taken out of the subject of a merged ticket is found under the target no more", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		gus := must(d.CreateTicket(as(guest), ticket.Draft{Subject: "Secret of Gus Example", Body: "x", Requester: ticket.Person{Name: "Gus", Email: guest.Email}}))(t)
		middle, target := wrote(t, d, "yak", "y"), wrote(t, d, "walrus", "w")
		must(d.Merge(as(bob), middle.ID, gus.ID))(t)
		must(d.Merge(as(bob), target.ID, middle.ID))(t)
		index(t, d)
		equal(t, "before", findAll(t, d, bob, "secret gus"), "walrus")
		must(d.Redact(as(host), target.ID, "secret"))(t)
		equal(t, "redacted, at once", findAll(t, d, bob, "secret"), "")
		index(t, d)
		equal(t, "redacted", findAll(t, d, bob, "secret"), "")
		equal(t, "the rest", findAll(t, d, bob, "gus"), "walrus")
		must(d.People().Erase(as(host), ticket.Person{Email: guest.Email}, nil))(t)
		equal(t, "erased, at once", findAll(t, d, bob, "gus"), "")
		index(t, d)
		equal(t, "erased", findAll(t, d, bob, "gus"), "")
	})
	t.Run("X12 what a ticket had that was merged is found under the other one, its code too, until it is unmerged", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t, helpdesk.Config{})
		a, b := wrote(t, d, "A", "alpha"), wrote(t, d, "B", "beta")
		index(t, d)
		equal(t, "before", findAll(t, d, bob, a.Code), "A")
		must(d.Merge(as(bob), b.ID, a.ID))(t)
		equal(t, "at once", findAll(t, d, bob, "alpha"), "")
		index(t, d)
		for _, text := range []string{"alpha", "beta", "alpha beta", a.Code, b.Code} {
			equal(t, text, findAll(t, d, bob, text), "B")
		}
		must(d.Unmerge(as(bob), a.ID))(t)
		index(t, d)
		for text, want := range map[string]string{"alpha": "A", "beta": "B", "alpha beta": "", a.Code: "A", b.Code: "B"} {
			equal(t, text, findAll(t, d, bob, text), want)
		}
	})
}
