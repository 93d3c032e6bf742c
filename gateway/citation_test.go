package gateway_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/ticket"
)

type codes struct{ pattern *regexp.Regexp }

func (c codes) Find(text string) []string { return c.pattern.FindAllString(text, -1) }

func TestCitations(t *testing.T) {
	t.Parallel()
	finder := codes{regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`)}
	id := func(to string) string { return marked(marks, to).MessageID }
	m := read(mail("From: a@example.com", "Message-ID: <me@x>",
		"Subject: AW: [#VEP-728-96190] Re: [#ABC-111-22222] SV: [#VEP-728-96190]",
		"In-Reply-To: <5@x> <"+id("2@x")+"> <me@x> <>", "References: <1@x> <"+id("1@x")+"> <5@x> <6@x>", "", "x"))
	for _, c := range []struct {
		name  string
		codes gateway.CodeFinder
		own   ticket.Marker
		want  string
	}{
		{"all", finder, marks, "own_message_id " + id("2@x") + " own_message_id " + id("1@x") + " in_reply_to 5@x references 6@x references 1@x subject_code VEP-728-96190 subject_code ABC-111-22222 "},
		{"none are ours", nil, nil, "in_reply_to 5@x in_reply_to " + id("2@x") + " references 6@x references " + id("1@x") + " references 1@x "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, l := range gateway.Citations(m, c.codes, c.own) {
				got += fmt.Sprint(l.By, " ", l.Value, " ")
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if got := gateway.Citations(read([]byte("x")), finder, nil); len(got) != 0 {
		t.Errorf("a mail that cites nothing: %v", got)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	base := []string{"Message-ID: <1@x>", "From: a@example.com", "Subject: s", "", "text"}
	through := func(trace ...string) string { return read(mail(append(trace, base...)...)).Identity }
	first := through("Received: by one", "Delivered-To: support@example.com", "X-Spam-Score: 1")
	if second := through("Received: by two", "Received: by three", "Return-Path: <x@y>", "Authentication-Results: z"); second != first {
		t.Error("trace headers change the identity")
	}
	if other := read(mail("Received: by one", "Message-ID: <1@x>", "From: a@example.com", "Subject: s", "", "other")).Identity; other == first {
		t.Error("the same Message-ID with other content has the same identity")
	}
	if other := read(mail("Received: by one", "Message-ID: <2@x>", "From: a@example.com", "Subject: s", "", "text")).Identity; other == first {
		t.Error("another Message-ID has the same identity")
	}
}
