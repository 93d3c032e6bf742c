package ticket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// full is a ticket with every field set.
func full() *ticket.Ticket {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	return &ticket.Ticket{
		ID: 1, Code: "C", External: "e", Version: 3, Seq: 4, EventSeq: 5, Brand: "b", Department: "d", Subject: "s", Status: "open", Class: ticket.ClassOpen, Priority: "p", Folder: ticket.Spam, Locked: true,
		Requester: ticket.Person{ID: "1", Name: "N", Email: "e@x"}, Organisation: "o", Phone: "+1", Participants: []ticket.Person{{Email: "p@x"}}, Assignee: "a", AssignedBy: "b", Watchers: []string{"w"},
		Channel: ticket.ChannelEmail, OriginURL: "u", IP: "i", UserAgent: "ua", Gateway: "g", Service: "o-1", Related: []ticket.Ref{{Kind: "k", ID: "i"}}, Converted: &ticket.Ref{Kind: "rma", ID: "1"}, LinkedTo: 9,
		Links: []ticket.Link{{Kind: ticket.LinkParent, Ticket: 4}}, MergedInto: 5, SplitFrom: 6, Spent: ticket.Spent{Total: 3, Billable: 2, Invoiced: 1},
		Tags: []string{"t"}, Fields: map[string]string{"f": "v"}, UnreadByStaff: true, UnreadByClient: true, CreatedAt: at, UpdatedAt: at, LastReplyAt: at, LastReplyBy: ticket.ActorStaff, SolvedAt: &at, ClosedAt: &at, DeletedAt: &at, FileBytes: 5,
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	t.Run("M76 every field but the counters of the event itself is tracked, and undone", func(t *testing.T) {
		t.Parallel()
		v := reflect.ValueOf(full()).Elem()
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Fatalf("the test's ticket has no %s", v.Type().Field(i).Name)
			}
			name := v.Type().Field(i).Name
			if slices.Contains([]string{"ID", "Version", "EventSeq"}, name) {
				continue
			}
			after := full()
			reflect.ValueOf(after).Elem().Field(i).SetZero()
			changes := ticket.Diff(full(), after)
			if len(changes) != 1 {
				t.Errorf("%s: changes are %v", name, changes)
			}
			if err := ticket.Undo(after, changes); err != nil || !reflect.DeepEqual(after, full()) {
				t.Errorf("%s: undone to %+v, %v", name, after, err)
			}
		}
	})
	t.Run("no difference, no change; a clone shares nothing", func(t *testing.T) {
		t.Parallel()
		c := full().Clone()
		if d := ticket.Diff(full(), c); d != nil {
			t.Errorf("changes are %v", d)
		}
		c.Tags[0], c.Fields["f"], c.Participants[0].Email, *c.SolvedAt, c.Converted.ID = "x", "x", "x", time.Time{}, "x"
		before := full()
		c2 := before.Clone()
		_ = c2
		if !reflect.DeepEqual(before, full()) {
			t.Error("the clone shares memory")
		}
	})
	t.Run("a broken value is an error", func(t *testing.T) {
		t.Parallel()
		for _, f := range []string{"locked", "linked_to", "created_at", "tags"} {
			if err := ticket.Undo(full(), []ticket.Change{{Field: f, Old: "\x00broken"}}); err == nil {
				t.Errorf("%s: no error", f)
			}
		}
		if err := ticket.Undo(full(), []ticket.Change{{Field: "unknown", Old: "x"}}); err != nil {
			t.Error(err)
		}
	})
}

func TestCodeFormats(t *testing.T) {
	t.Parallel()
	formats := ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}
	t.Run("M21 I01 what a format writes it finds, in whatever text", func(t *testing.T) {
		t.Parallel()
		r := rand.New(rand.NewPCG(1, 2))
		for n := range int64(1000) {
			for _, f := range formats {
				code := f.New("msp", n+1, r)
				for _, text := range []string{code, "Re: [#" + code + "] x", "AW: " + strings.ToLower(code) + ": x", "(" + code + ")", code + " " + code, "日本" + " " + code + "。"} {
					if got := f.Find(text); !slices.Equal(got, []string{code}) {
						t.Fatalf("%s finds %v in %q", f.Name(), got, text)
					}
				}
			}
		}
	})
	t.Run("M21 what only looks like a code is none", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "XVEP-728-96190", "VEP-728-961900", "VEP-728-9619", "VEP 728 96190", "-VEP-728-96190", "VEP-728-96190-1"} {
			if got := (ticket.RandomCode{}).Find(text); len(got) != 0 {
				t.Errorf("%q holds %v", text, got)
			}
		}
		if got := (ticket.RandomCode{}).Find("BCD-111-22222 BCD-111-33333"); len(got) != 2 {
			t.Errorf("found %v", got)
		}
	})
	t.Run("M21 the subject carries the code once", func(t *testing.T) {
		t.Parallel()
		s := ticket.SubjectWithCode("BCD-111-22222", "Lamp")
		if s != "[#BCD-111-22222] Lamp" || ticket.SubjectWithCode("BCD-111-22222", "Re: "+s) != "Re: "+s {
			t.Error(s)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	t.Run("M80 every switch has a patch of the same name, and stands in JSON", func(t *testing.T) {
		t.Parallel()
		s, p := reflect.TypeFor[ticket.Settings](), reflect.TypeFor[ticket.SettingsPatch]()
		if s.NumField() != p.NumField() {
			t.Errorf("%d switches, %d patches", s.NumField(), p.NumField())
		}
		for i := range s.NumField() {
			f := s.Field(i)
			q, found := p.FieldByName(f.Name)
			if !found || q.Type != reflect.PointerTo(f.Type) || q.Tag.Get("json") != f.Tag.Get("json")+",omitempty" {
				t.Errorf("%s: patch is %v", f.Name, q)
			}
		}
		d := ticket.Duration(90 * time.Minute)
		doc, err := json.Marshal(ticket.SettingsPatch{DeliveryRetention: &d, DefaultStatus: new("x")})
		if err != nil || string(doc) != `{"default_status":"x","delivery_retention":"1h30m0s"}` {
			t.Errorf("%s, %v", doc, err)
		}
		var back ticket.SettingsPatch
		if err := json.Unmarshal(doc, &back); err != nil || *back.DeliveryRetention != d {
			t.Errorf("%+v, %v", back, err)
		}
		if got := ticket.DefaultSettings().Apply(back); got.DefaultStatus != "x" || got.DefaultPriority != "medium" {
			t.Errorf("%+v", got)
		}
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	var e ticket.ValidationError
	if e.Err() != nil {
		t.Error("an empty one is an error")
	}
	e.CheckLine("subject", "a\nb\x00\xff", 2)
	e.CheckText("body", "\xff", 10)
	err := e.Err()
	if !errors.Is(err, ticket.ErrInvalid) || !strings.HasPrefix(err.Error(), "invalid: subject: ") || len(e.Fields) != 3 {
		t.Errorf("%v", err)
	}
	if !utf8.ValidString(err.Error()) {
		t.Error("the message is no UTF-8")
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	t.Run("B05 the same id is the same person, and without ids the same address", func(t *testing.T) {
		t.Parallel()
		ann, home := ticket.Person{ID: "1", Email: "a@x"}, ticket.Person{ID: "1", Email: "home@x"}
		for i, c := range []struct {
			p, q ticket.Person
			want bool
		}{{ann, home, true}, {ann, ticket.Person{Email: " A@X "}, true}, {ann, ticket.Person{ID: "2", Email: "a@x"}, false}, {ticket.Person{}, ticket.Person{}, false}, {ticket.Person{Name: "x"}, ticket.Person{Name: "x"}, false}} {
			if c.p.Is(c.q) != c.want || c.q.Is(c.p) != c.want {
				t.Errorf("case %d", i)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"", "[#VEP-728-96190]", "TCK-1", "a-1-b-2", "\xff\x00-1", strings.Repeat("A-1 ", 100)} {
		f.Add(s)
	}
	formats := ticket.Codes{ticket.RandomCode{}, ticket.NumberCode{}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, code := range formats.Find(text) {
			if !strings.Contains(strings.ToUpper(text), code) {
				t.Errorf("%q is not in %q", code, text)
			}
			if again := formats.Find("[#" + code + "]"); !slices.Contains(again, code) {
				t.Errorf("%q is found in %q, and not by itself: %v", code, text, again)
			}
		}
	})
}

func TestDuration(t *testing.T) {
	t.Parallel()
	t.Run("I09 a span prints as it is written to JSON, and is read back", func(t *testing.T) {
		t.Parallel()
		d := ticket.Duration(90 * time.Minute)
		b, err := json.Marshal(d)
		if err != nil || fmt.Sprint(d) != "1h30m0s" || string(b) != `"1h30m0s"` {
			t.Errorf("prints as %v, JSON %s, %v", d, b, err)
		}
		var back ticket.Duration
		if err := json.Unmarshal(b, &back); err != nil || back != d {
			t.Errorf("read back as %v, %v", back, err)
		}
	})
}
