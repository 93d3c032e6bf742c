package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// headed is a small mail with the given header lines before the usual ones.
func headed(text string, lines ...string) []byte {
	all := slices.Clone(lines)
	for _, usual := range []string{"From: Ann <ann@example.com>", "Subject: The lamp", "Message-ID: <1@example.com>"} {
		name, _, _ := strings.Cut(usual, ":")
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+":") }) {
			all = append(all, usual)
		}
	}
	return mail(append(all, "", text)...)
}

// natureCase is one mail: what it is, whether it may be answered, and whether it may reopen, as "kind answer reopen".
type natureCase struct {
	name, text string
	lines      []string
	want       string
}

const nothing = " no no" // no answer, no reopening

var natureCases = []natureCase{
	{"a person", "It flickers.", nil, "human yes yes"},
	{"a person's answer", "Yes.", []string{"In-Reply-To: <9@desk>", "Subject: Re: The lamp"}, "human yes yes"},
	{"automatic is denied", "x", []string{"Auto-Submitted: no"}, "human yes yes"},
	{"automatic is denied with a comment", "x", []string{"Auto-Submitted: No (of course)"}, "human yes yes"},
	{"Auto-Submitted: auto-replied", "x", []string{"Auto-Submitted: auto-replied (vacation)"}, "auto_reply" + nothing},
	{"Auto-Submitted with parameters", "x", []string{"Auto-Submitted: Auto-Replied; owner-email=\"a@b.example\""}, "auto_reply" + nothing},
	{"Auto-Submitted: auto-generated", "x", []string{"Auto-Submitted: auto-generated"}, "auto_generated" + nothing},
	{"Auto-Submitted: auto-notified", "x", []string{"Auto-Submitted: auto-notified; owner-email=\"a@b.example\""}, "auto_generated" + nothing},
	{"generated, but an answer", "x", []string{"Auto-Submitted: auto-generated", "In-Reply-To: <9@desk>"}, "auto_reply" + nothing},
	{"X-Autoreply", "x", []string{"X-Autoreply: yes"}, "auto_reply" + nothing},
	{"X-Autoreply: no", "x", []string{"X-Autoreply: no"}, "human yes yes"},
	{"X-Autorespond", "x", []string{"X-Autorespond: back on Monday"}, "auto_reply" + nothing},
	{"X-Autoresponder", "x", []string{"X-AutoResponder: 1"}, "auto_reply" + nothing},
	{"Precedence: auto_reply", "x", []string{"Precedence: auto_reply"}, "auto_reply" + nothing},
	{"a notice of absence that calls itself generated", "x", []string{"Subject: Automatic reply: Your lamp", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"}, "auto_reply" + nothing},
	{"ServiceNow", "x", []string{"X-ServiceNow-Generated: true"}, "auto_generated" + nothing},
	{"a parcel that could not be delivered", "It could not be delivered to my address. Why?", []string{"Subject: Delivery problem"}, "human yes yes"},
	{"a parcel that came back", "My parcel was not delivered to me.", []string{"Subject: Returned to sender"}, "human yes yes"},
	{"a person who asks about bounces", "I get \"550 5.1.1 user unknown\", and cannot write to your shop.", []string{"Subject: Undelivered mail returned to sender"}, "human yes yes"},
	{"a bounce of a service that looks like a person", "Your message could not be delivered to the following recipient:\r\n\r\nbob@example.net\r\n550 5.1.1 user unknown", []string{"Subject: Undelivered mail", "From: reports@service.example"}, "bounce" + nothing},
	{"Precedence: bulk", "x", []string{"Precedence: Bulk"}, "auto_generated" + nothing},
	{"Precedence: junk", "x", []string{"Precedence: junk"}, "auto_generated" + nothing},
	{"Precedence: list", "x", []string{"Precedence: list"}, "list no yes"},
	{"Precedence: first-class", "x", []string{"Precedence: first-class"}, "human yes yes"},
	{"a list", "x", []string{"List-Id: Lamp friends <lamps.example.org>"}, "list no yes"},
	{"a newsletter", "x", []string{"List-Unsubscribe: <mailto:off@example.org>", "Precedence: bulk", "From: no-reply@shop.example"}, "list no yes"},
	{"a robot on a list", "x", []string{"List-Id: <builds.example.org>", "Auto-Submitted: auto-generated"}, "auto_generated" + nothing},
	{"X-Auto-Response-Suppress forbids, and proves nothing", "x", []string{"X-Auto-Response-Suppress: OOF, AutoReply"}, "human no yes"},
	{"X-Auto-Response-Suppress: None", "x", []string{"X-Auto-Response-Suppress: None"}, "human yes yes"},
	{"X-Loop forbids", "x", []string{"X-Loop: desk@example.com"}, "human no yes"},
	{"another desk's loop header", "x", []string{"X-Helpdesk-Loop: 77"}, "human no yes"},
	{"an empty return path", "x", []string{"Return-Path: <>"}, "auto_generated" + nothing},
	{"an empty return path, and an answer", "x", []string{"Return-Path: <>", "References: <9@desk>"}, "auto_reply" + nothing},
	{"no-reply", "x", []string{"From: Shop <no-reply@shop.example>"}, "auto_generated" + nothing},
	{"do-not-reply with a brand", "x", []string{"From: lamps.do-not-reply@shop.example"}, "auto_generated" + nothing},
	{"no-reply in French", "x", []string{"From: ne-pas-repondre@boutique.example"}, "auto_generated" + nothing},
	{"postmaster", "A new rule is in place.", []string{"From: postmaster@example.com"}, "auto_generated" + nothing},
	{"no sender at all", "x", []string{"From: somebody"}, "human no yes"},
	{"cron", "x", []string{"X-Cron-Env: <HOME=/root>"}, "auto_generated" + nothing},
	{"a read receipt", "", []string{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b"}, "auto_reply" + nothing},
	{"a complaint", "", []string{"Content-Type: multipart/report; report-type=feedback-report; boundary=b"}, "auto_generated" + nothing},
	{"vacation by Exchange", "x", []string{"Subject: Automatic reply: The lamp", "X-Auto-Response-Suppress: All"}, "auto_reply" + nothing},
	{"vacation that dropped every header, with the subject's Re", "Bin weg.", []string{"Subject: Abwesenheitsnotiz: Re: [#VEP-728-96190] Lampe"}, "auto_reply" + nothing},
	{"vacation that dropped every header, with a code", "x", []string{"Subject: Out of Office: [#VEP-728-96190] The lamp"}, "auto_reply" + nothing},
	{"vacation in French, by reference", "x", []string{"Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_la_lampe?=", "References: <9@desk>"}, "auto_reply" + nothing},
	{"vacation in Japanese, by reference", "x", []string{"Subject: =?utf-8?B?6Ieq5YuV6L+U5L+h?=: x", "In-Reply-To: <9@desk>"}, "auto_reply" + nothing},
	{"vacation by its text", "Hello,\r\nI am currently out of the office and will be back on Monday.", []string{"Subject: Out of office"}, "auto_reply" + nothing},
	{"vacation in Spanish by its text", "Hola, estaré fuera de la oficina hasta el lunes.", []string{"Subject: Respuesta automatica: la lampara", "Content-Type: text/plain; charset=utf-8"}, "auto_reply" + nothing},
	{"a question about vacation notices", "How do I switch it on?", []string{"Subject: Out of office: does not work"}, "human yes yes"},
	{"an answer to a vacation notice", "Enjoy.", []string{"Subject: Re: Out of office", "In-Reply-To: <9@desk>"}, "human yes yes"},
	{"a car", "Der Reifen ist platt.", []string{"Subject: Auto: Reifen"}, "human yes yes"},
	{"our own echo", "x", []string{"X-Helpdesk-Loop: i-1"}, "own_echo" + nothing},
	{"our own echo by its id", "x", []string{"Message-ID: <" + marked(marks, "ann@example.com").MessageID + ">"}, "own_echo" + nothing},
	{"from an own address, unproven", "x", []string{"From: desk@example.com"}, "human no yes"},
	{"allowed monitoring", "x", []string{"From: alarm@monitor.example", "Auto-Submitted: auto-generated"}, "auto_generated no yes"},
	{"an allowed domain", "x", []string{"From: no-reply@ours.example"}, "auto_generated no yes"},
	{"not an allowed domain", "x", []string{"From: no-reply@notours.example"}, "auto_generated" + nothing},
	{"more than 50 hops", "x", slices.Repeat([]string{"Received: by one"}, 51), "human no yes"},
}

func TestClassify(t *testing.T) {
	t.Parallel()
	policy := gateway.NaturePolicy{
		Own: []string{"Desk@example.com"}, Marks: marks,
		Allow: []string{"alarm@monitor.example", "@ours.example"},
	}
	for _, c := range natureCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := gateway.Classify(read(headed(c.text, c.lines...)), policy)
			if got := natureLine(n); got != c.want {
				t.Errorf("%s, want %s; evidence %q", got, c.want, n.Evidence)
			}
			if plain := len(n.Evidence) == 0; plain != (c.want == "human yes yes") {
				t.Errorf("evidence %q", n.Evidence)
			}
		})
	}
}

func natureLine(n gateway.Nature) string {
	word := map[bool]string{true: "yes", false: "no"}
	return fmt.Sprintf("%s %s %s", n.Kind, word[n.MayAutoRespond], word[n.MayReopen])
}

func TestEvidenceIsSafe(t *testing.T) {
	t.Parallel()
	m := read(headed("x", "X-Autoreply: =?utf-8?Q?yes=0A<b>=E2=80=AE"+strings.Repeat("y", 500)+"?="))
	n := gateway.Classify(m, gateway.NaturePolicy{})
	if len(n.Evidence) != 1 || len([]rune(n.Evidence[0])) != 160 || strings.ContainsAny(n.Evidence[0], "\n\u202e") {
		t.Errorf("evidence %q", n.Evidence)
	}
}

func TestAuthor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		lines           []string
		author, via, id string
	}{
		{"X22 nobody rewrote anything", nil, "Ann <ann@example.com>", "", ""},
		{"X22 a Reply-To is no author", []string{"Reply-To: eva@example.com"}, "Ann <ann@example.com>", "", ""},
		{"X22 a group that tells the author", []string{"From: 'Eva Example' via Support <support@example.org>", "X-Original-From: Eva Example <eva@example.net>",
			"X-Original-Sender: other@example.net", "List-Id: <support.example.org>"}, "Eva Example <eva@example.net>", "support.example.org", "support.example.org"},
		{"X22 a group that tells the sender", []string{"From: Support <support@example.org>", "X-Original-Sender: eva@example.net"}, " <eva@example.net>", "support@example.org", "support@example.org"},
		{"X22 a list that leaves Reply-To", []string{"From: Eva via Lamps <lamps@example.org>", "Reply-To: lamps@example.org, eva@example.net", "To: lamps@example.org", "Precedence: list"},
			"Eva <eva@example.net>", "lamps@example.org", "lamps@example.org"},
		{"X22 a list that hides the author", []string{"From: Eva via Lamps <lamps@example.org>", "List-Id: Lamps <lamps.example.org>"}, "Eva via Lamps <lamps@example.org>", "", "lamps.example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := read(headed("x", c.lines...))
			a, via := gateway.Author(m)
			if got := a.Name + " <" + a.Email + ">"; got != c.author || via != c.via {
				t.Errorf("author %s via %q, want %s via %q", got, via, c.author, c.via)
			}
			n := gateway.Classify(m, gateway.NaturePolicy{})
			if n.List != c.id {
				t.Errorf("list %q, want %q", n.List, c.id)
			}
			lists := strings.Contains(strings.Join(c.lines, " "), "List-Id") || strings.Contains(strings.Join(c.lines, " "), "Precedence")
			if (n.Kind == gateway.KindList) != lists {
				t.Errorf("%s: a group that hands mail on is no list", n.Kind)
			}
		})
	}
}

func TestControlHeaders(t *testing.T) {
	t.Parallel()
	m := read(headed("x", "X-Helpdesk-Priority: high", "x-HELPDESK-actor: eva", "X-Helpdesk: no field of ours"))
	bare := m.WithoutControlHeaders()
	if bare.Header("X-Helpdesk-Priority") != nil || bare.Header("X-Helpdesk-Actor") != nil || bare.Header("X-Helpdesk") == nil || bare.Text != "x" {
		t.Errorf("left: %v", bare)
	}
	if m.Header("X-Helpdesk-Priority") == nil {
		t.Error("the original was changed")
	}
	if plain := read(headed("x")); plain.WithoutControlHeaders() != plain {
		t.Error("a mail without such fields was copied")
	}
}
