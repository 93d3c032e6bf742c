package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/redact"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func card() *redact.Scrubber {
	return &redact.Scrubber{Texts: []string{"4111 1111"}, Words: []string{"Will", "Ann Archer"}, Blank: "#"}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                             "",
		"card 4111 1111.":              "card #.",
		"4111 11112":                   "#2",
		"4111\r\n>  1111":              "#",
		"4111>1111":                    "4111>1111",
		"Will will Willow":             "# will Willow",
		"ANN\n archer's":               "#'s",
		"Joann Archer, Ann Archery":    "Joann Archer, Ann Archery",
		"4111 1111 4111 1111":          "# #",
		"4111 111":                     "4111 111",
		"\xff4111 1111\xfe":            "\xff#\xfe",
		"the Kelvin sign of 4111 1111": "the Kelvin sign of #",
	} {
		t.Run("X25 "+in, func(t *testing.T) {
			t.Parallel()
			if got := card().Text(in); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
	t.Run("X25 letters of any case, and as HTML writes them", func(t *testing.T) {
		t.Parallel()
		s := redact.Scrubber{Texts: []string{"Straße & Söhne", "  "}, Blank: "#"}
		for _, in := range []string{"STRAßE & SÖHNE", "straße &amp; söhne", "Straße\t& Söhne"} {
			if got := s.Text(in); got != "#" {
				t.Errorf("%q became %q", in, got)
			}
		}
	})
}

// doc has texts where documents of a desk have them.
type doc struct {
	ID     int64             `json:"id"`
	Code   string            `json:"code,omitempty"`
	Body   string            `json:"body,omitempty"`
	Format string            `json:"format,omitempty"`
	HTML   string            `json:"html_body,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Who    *ticket.Person    `json:"requester,omitempty"`
	By     *ticket.Actor     `json:"author,omitempty"`
	Parts  []doc             `json:"parts,omitempty"`
	SentAt time.Time         `json:"sent_at"`
}

func TestDocument(t *testing.T) {
	t.Parallel()
	s := card()
	s.Person, s.As = func(p ticket.Person) bool { return p.ID == "42" || p.Email == "ann@example.com" }, ticket.Person{ID: "gone-1", Name: "(gone)"}
	ann := &ticket.Person{ID: "42", Name: "Ann", Email: "ann@example.com"}
	for name, c := range map[string]struct{ in, want doc }{
		"a text":                        {doc{Body: "my 4111 1111"}, doc{Body: "my #"}},
		"a text deep within":            {doc{Parts: []doc{{}, {Parts: []doc{{Body: "4111 1111"}}}}}, doc{Parts: []doc{{}, {Parts: []doc{{Body: "#"}}}}}},
		"an identifier stays":           {doc{ID: 1<<62 + 1, Code: "4111 1111", Body: "Will"}, doc{ID: 1<<62 + 1, Code: "4111 1111", Body: "#"}},
		"a field may have any code":     {doc{Fields: map[string]string{"code": "4111 1111", "id": "Will", "sent_at": "x"}}, doc{Fields: map[string]string{"code": "#", "id": "#", "sent_at": "x"}}},
		"HTML that splits it up":        {doc{HTML: "<p>4111 <b>1111</b></p>"}, doc{HTML: "#"}},
		"a body that is HTML":           {doc{Body: "41<i>11 1111</i>", Format: "html"}, doc{Body: "#", Format: "html"}},
		"a body that is none":           {doc{Body: "41<i>11 1111</i>"}, doc{Body: "41<i>11 1111</i>"}},
		"the person":                    {doc{Who: ann}, doc{Who: &s.As}},
		"the person as an actor":        {doc{By: &ticket.Actor{Kind: ticket.ActorClient, Channel: ticket.ChannelAPI, ID: "42", IP: "192.0.2.1"}}, doc{By: &ticket.Actor{Kind: ticket.ActorClient, Channel: ticket.ChannelAPI, ID: "gone-1", Name: "(gone)"}}},
		"an agent with the person's id": {doc{By: &ticket.Actor{Kind: ticket.ActorStaff, ID: "42", Name: "Bob"}}, doc{By: &ticket.Actor{Kind: ticket.ActorStaff, ID: "42", Name: "Bob"}}},
		"somebody else":                 {doc{Who: &ticket.Person{ID: "7", Name: "Will"}}, doc{Who: &ticket.Person{ID: "7", Name: "#"}}},
		"nobody":                        {doc{Who: &ticket.Person{Name: "Nobody"}}, doc{Who: &ticket.Person{Name: "Nobody"}}},
		"nothing of it":                 {doc{Body: "a lamp"}, doc{Body: "a lamp"}},
	} {
		t.Run("X13 X25 "+name, func(t *testing.T) {
			t.Parallel()
			before := text(t, c.in)
			got, changed, err := redact.Document(s, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if text(t, got) != text(t, c.want) {
				t.Errorf("%s\nwant %s", text(t, got), text(t, c.want))
			}
			if changed != (text(t, c.want) != before) {
				t.Errorf("changed is %v", changed)
			}
			if text(t, c.in) != before {
				t.Error("what was given was changed")
			}
		})
	}
}

func TestDocumentReadsTheChangesOfEvents(t *testing.T) {
	t.Parallel()
	s := card()
	e := ticket.Event{ID: 7, TicketID: 41111111, Changes: []ticket.Change{
		{Field: "subject", Old: "4111 1111", New: "a lamp"}, {Field: "tags", Old: "", New: `["x","4111 1111"]`},
		{Field: "status", Old: "Will", New: "4111 1111"}, {Field: "requester", New: `{"id":"Will","name":"Will"}`},
		{Field: "related", New: `{not JSON, Will`}, {Field: "fields.size", New: "4111 1111"},
	}}
	got, changed, err := redact.Document(s, e)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := []ticket.Change{
		{Field: "subject", Old: "#", New: "a lamp"}, {Field: "tags", Old: "", New: `["x","#"]`}, {Field: "status", Old: "Will", New: "4111 1111"},
		{Field: "requester", New: `{"id":"Will","name":"#"}`}, {Field: "related", New: `{not JSON, #`}, {Field: "fields.size", New: "#"},
	}
	if text(t, got.Changes) != text(t, want) {
		t.Errorf("%s\nwant %s", text(t, got.Changes), text(t, want))
	}
}

func TestInMail(t *testing.T) {
	t.Parallel()
	s := &redact.Scrubber{Texts: []string{"4111 1111", "Grüße"}, Blank: "#"}
	long := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("much ", 60) + "4111 1111"))
	for name, c := range map[string]struct {
		raw string
		has bool
	}{
		"as it stands":                         {"Subject: 4111 1111\r\n\r\n", true},
		"quoted-printable":                     {"\r\n4111 11=\r\n=31=31\r\n", true},
		"base64":                               {"\r\n" + long + "\r\n", true},
		"base64 in lines":                      {"\r\n" + long[:76] + "\r\n" + long[76:152] + "\r\n" + long[152:] + "\r\n", true},
		"an encoded word":                      {"Subject: =?utf-8?q?4111_1111?=\r\n\r\n", true},
		"one beside a strange one":             {"Subject: =?x-none?q?abc?= =?utf-8?q?4111_1111?=\r\n\r\n", true},
		"ISO 8859-1":                           {"\r\nGr\xfc\xdfe\r\n", true},
		"HTML":                                 {"\r\n<p>4111 <b>11</b>11</p>\r\n", true},
		"nothing of it":                        {"Subject: lamp\r\n\r\nIt broke.\r\n", false},
		"empty":                                {"", false},
		"bytes that are nothing in particular": {"\x00\xff=?==?=", false},
	} {
		t.Run("X25 "+name, func(t *testing.T) {
			t.Parallel()
			if got := s.InMail([]byte(c.raw)); got != c.has {
				t.Errorf("%v, want %v", got, c.has)
			}
		})
	}
}

// FuzzDocument gives bodies, and JSON, that nobody thought of: what is looked for is gone, and nothing else breaks.
func FuzzDocument(f *testing.F) {
	f.Add("my 4111 1111", `["4111 1111"]`)
	f.Add(`{"card": 1e999}`, "<b>4111</b> 1111")
	f.Fuzz(func(t *testing.T, body, nested string) {
		s := &redact.Scrubber{Texts: []string{"4111 1111"}, Blank: "#"}
		got, _, err := redact.Document(s, ticket.Event{Detail: body, Changes: []ticket.Change{{Field: "tags", New: nested}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{got.Detail, s.Text(nested)} {
			if strings.Contains(out, "4111 1111") {
				t.Errorf("it is still in %q", out)
			}
		}
		if again, changed, _ := redact.Document(s, got); changed {
			t.Errorf("a second time it is %s", text(t, again))
		}
	})
}

func text(t *testing.T, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}
