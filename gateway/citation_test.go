package gateway_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

type codes struct{ pattern *regexp.Regexp }

func (c codes) Find(text string) []string { return c.pattern.FindAllString(text, -1) }

type ownHost string

func (h ownHost) Own(id string) bool { return strings.HasSuffix(id, "@"+string(h)) }

func TestCitations(t *testing.T) {
	t.Parallel()
	finder := codes{regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`)}
	m := read(mail("From: a@example.com", "Message-ID: <me@x>",
		"Subject: AW: [#VEP-728-96190] Re: [#ABC-111-22222] SV: [#VEP-728-96190]",
		"In-Reply-To: <5@x> <own2@desk> <me@x> <>", "References: <1@x> <own1@desk> <5@x> <6@x>", "", "x"))
	for _, c := range []struct {
		name  string
		codes gateway.CodeFinder
		own   gateway.IDChecker
		want  string
	}{
		{"all", finder, ownHost("desk"), "[{own_message_id own2@desk} {own_message_id own1@desk} {in_reply_to 5@x} {references 6@x} {references 1@x} {subject_code VEP-728-96190} {subject_code ABC-111-22222}]"},
		{"none are ours", nil, nil, "[{in_reply_to 5@x} {in_reply_to own2@desk} {references 6@x} {references own1@desk} {references 1@x}]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(gateway.Citations(m, c.codes, c.own)); got != c.want {
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
