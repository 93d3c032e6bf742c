package gateway_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

var update = flag.Bool("update", false, "write docs/MAIL.md anew")

// ours, theirs and code are the ways to cite a ticket that differ in what they are worth.
var (
	ours   = gateway.Citation{By: gateway.ByOwnID, Value: "1.2.abc@desk.example"}
	theirs = gateway.Citation{By: gateway.ByInReplyTo, Value: "1@mail.example"}
	code   = gateway.Citation{By: gateway.BySubject, Value: "ABC-123-45678"}
)

// sentBy is a mail as far as Decide looks at it.
func sentBy(address string) *gateway.Mail {
	return gateway.Read([]byte("From: "+address+"\r\nSubject: s\r\n\r\ntext"), received, nil)
}

func human() gateway.Nature {
	return gateway.Nature{Kind: gateway.KindHuman, MayAutoRespond: true, MayReopen: true}
}

func dmarc(result string) gateway.Authenticity {
	return gateway.Authenticity{Server: "mx.desk.example", DMARC: result, Domain: "example.com"}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	thread := func(c gateway.Citation, s gateway.Standing) []gateway.Thread {
		return []gateway.Thread{{Citation: c, TicketID: 7, Sender: s}}
	}
	given := func(c gateway.Citation) []gateway.Thread {
		return []gateway.Thread{{Citation: c, TicketID: 7, Given: true}}
	}
	robot := gateway.Nature{Kind: gateway.KindAutoReply, Evidence: []string{"Auto-Submitted: auto-replied"}}
	for name, c := range map[string]struct {
		nature gateway.Nature
		auth   string
		facts  gateway.Facts
		policy gateway.Policy
		want   gateway.Action
		ticket int64
		opens  string // which of MayAutoRespond and MayReopen hold
	}{
		"X05 a stranger writes":                                {nature: human(), want: gateway.Open, opens: "answer"},
		"X05 a customer answers":                               {nature: human(), facts: gateway.Facts{Known: true, Threads: thread(theirs, gateway.Participant)}, want: gateway.Answer, ticket: 7, opens: "answer reopen"},
		"X05 the first ticket to which the sender belongs":     {nature: human(), facts: gateway.Facts{Threads: append(thread(ours, gateway.Stranger), gateway.Thread{Citation: code, TicketID: 8, Sender: gateway.Participant})}, want: gateway.Answer, ticket: 8, opens: "answer reopen"},
		"X05 an absence notice reopens nothing":                {nature: robot, facts: gateway.Facts{Threads: thread(theirs, gateway.Participant)}, want: gateway.Answer, ticket: 7},
		"X05 our own mail comes back":                          {nature: gateway.Nature{Kind: gateway.KindOwnEcho}, facts: gateway.Facts{Own: true}, want: gateway.Drop},
		"X05 mail goes round in a circle":                      {nature: gateway.Nature{Kind: gateway.KindHuman, Hops: gateway.MaxHops + 1, MayReopen: true}, want: gateway.Hold},
		"M40 a mail from an own address, not ours":             {nature: human(), facts: gateway.Facts{Own: true}, want: gateway.Hold},
		"M40 an agent answers from an own address":             {nature: human(), auth: "pass", facts: gateway.Facts{Own: true, Agent: "7", Threads: thread(ours, gateway.Stranger)}, want: gateway.Staff, ticket: 7, opens: "answer reopen"},
		"X21 a bounce of ours":                                 {nature: gateway.Nature{Kind: gateway.KindBounce}, facts: gateway.Facts{Bounced: 7}, want: gateway.Report, ticket: 7},
		"X21 a delay of ours":                                  {nature: gateway.Nature{Kind: gateway.KindDelayNotice}, facts: gateway.Facts{Bounced: 7}, want: gateway.Report, ticket: 7},
		"X21 a bounce of what we never sent is only mail":      {nature: gateway.Nature{Kind: gateway.KindBounce}, want: gateway.Open},
		"M64 an agent's address alone proves nothing":          {nature: human(), facts: gateway.Facts{Agent: "7", Threads: thread(ours, gateway.Stranger)}, want: gateway.Note, ticket: 7},
		"M64 an agent's address and a trusted server":          {nature: human(), auth: "pass", facts: gateway.Facts{Agent: "7", Threads: thread(ours, gateway.Stranger)}, want: gateway.Staff, ticket: 7, opens: "answer reopen"},
		"M64 an agent's address and their mark":                {nature: human(), facts: gateway.Facts{Agent: "7", Threads: given(ours)}, want: gateway.Staff, ticket: 7, opens: "answer reopen"},
		"M64 an agent's address in a trusted mailbox":          {nature: human(), facts: gateway.Facts{Agent: "7", Threads: thread(ours, gateway.Stranger)}, policy: gateway.Policy{Trusted: true}, want: gateway.Staff, ticket: 7, opens: "answer reopen"},
		"I20 a stranger cites a code":                          {nature: human(), facts: gateway.Facts{Threads: thread(code, gateway.Stranger)}, want: gateway.Note, ticket: 7},
		"I20 and is to have a ticket of their own":             {nature: human(), facts: gateway.Facts{Threads: thread(code, gateway.Stranger)}, policy: gateway.Policy{Strangers: gateway.StrangersOpen}, want: gateway.Open, opens: "answer"},
		"I20 and is to be refused":                             {nature: human(), facts: gateway.Facts{Threads: thread(code, gateway.Stranger)}, policy: gateway.Policy{Strangers: gateway.StrangersRefuse}, want: gateway.Refuse, ticket: 7},
		"I20 a colleague, by default":                          {nature: human(), facts: gateway.Facts{Threads: thread(theirs, gateway.Colleague)}, want: gateway.Note, ticket: 7},
		"I20 a colleague, where they may":                      {nature: human(), facts: gateway.Facts{Threads: thread(theirs, gateway.Colleague)}, policy: gateway.Policy{Colleagues: true}, want: gateway.Answer, ticket: 7, opens: "answer reopen"},
		"I20 newcomers are held":                               {nature: human(), policy: gateway.Policy{Newcomers: gateway.NewcomersHold}, want: gateway.Hold},
		"I20 newcomers are refused":                            {nature: human(), policy: gateway.Policy{Newcomers: gateway.NewcomersRefuse}, want: gateway.Refuse},
		"I20 newcomers are ignored":                            {nature: human(), policy: gateway.Policy{Newcomers: gateway.NewcomersIgnore}, want: gateway.Drop},
		"I20 members only, and it is one":                      {nature: human(), facts: gateway.Facts{Member: true}, policy: gateway.Policy{Newcomers: gateway.NewcomersMembers}, want: gateway.Open, opens: "answer"},
		"I20 members only, and it is none":                     {nature: human(), policy: gateway.Policy{Newcomers: gateway.NewcomersMembers}, want: gateway.Hold},
		"I20 a registered customer always":                     {nature: human(), facts: gateway.Facts{Known: true}, policy: gateway.Policy{Newcomers: gateway.NewcomersRefuse}, want: gateway.Open, opens: "answer"},
		"X22 a member of a list, in a ticket":                  {nature: human(), facts: gateway.Facts{Known: true, Relayed: true, Threads: thread(theirs, gateway.Participant)}, want: gateway.Note, ticket: 7},
		"X22 an agent, by way of a list":                       {nature: human(), auth: "pass", facts: gateway.Facts{Agent: "7", Relayed: true, Threads: thread(ours, gateway.Stranger)}, policy: gateway.Policy{Trusted: true}, want: gateway.Note, ticket: 7},
		"X22 somebody by way of a list":                        {nature: human(), facts: gateway.Facts{Relayed: true}, want: gateway.Open, opens: "answer"},
		"M73 a participant by way of a web form is a stranger": {nature: human(), facts: gateway.Facts{Form: true, Threads: thread(ours, gateway.Participant)}, want: gateway.Note, ticket: 7},
		"M50 a pattern matches":                                {nature: human(), facts: gateway.Facts{Known: true, Pattern: "pills"}, want: gateway.Spam},
		"M50 a filter says so":                                 {nature: human(), facts: gateway.Facts{Filtered: "X-Spam-Flag: YES"}, want: gateway.Spam},
		"M50 a customer's answer is none":                      {nature: human(), facts: gateway.Facts{Pattern: "pills", Threads: thread(theirs, gateway.Participant)}, want: gateway.Answer, ticket: 7, opens: "answer reopen"},
		"M50 a stranger's spam is no note":                     {nature: human(), facts: gateway.Facts{Pattern: "pills", Threads: thread(code, gateway.Stranger)}, want: gateway.Spam},
		"X11 a forged customer":                                {nature: human(), auth: "fail", facts: gateway.Facts{Known: true, Threads: thread(code, gateway.Participant)}, want: gateway.Note, ticket: 7},
		"X11 a forged newcomer is not answered":                {nature: human(), auth: "fail", want: gateway.Open},
		"M64 an agent's address and another's mark":            {nature: human(), facts: gateway.Facts{Agent: "7", Threads: thread(ours, gateway.Stranger)}, want: gateway.Note, ticket: 7},
		"M63 an agent answers an internal note":                {nature: human(), facts: gateway.Facts{Agent: "7", Threads: []gateway.Thread{{Citation: ours, TicketID: 7, Given: true, Note: true}}}, want: gateway.Staff, ticket: 7, opens: "answer"},
		"M64 their mark is for its own ticket":                 {nature: human(), facts: gateway.Facts{Agent: "7", Threads: append(thread(theirs, gateway.Stranger), gateway.Thread{Citation: ours, TicketID: 8, Given: true})}, want: gateway.Staff, ticket: 8, opens: "answer reopen"},
		"M64 their mark, but a server says it is forged":       {nature: human(), auth: "fail", facts: gateway.Facts{Agent: "7", Threads: given(ours)}, want: gateway.Note, ticket: 7},
		"X05 too many come":                                    {nature: human(), facts: gateway.Facts{Crowd: "too many"}, want: gateway.Open},
		"X05 too many of the same come":                        {nature: human(), facts: gateway.Facts{Crowd: "too many", Repeats: 9, Repeated: gateway.Participant}, want: gateway.Answer, ticket: 9, opens: "reopen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := gateway.Decide(sentBy("ann@example.com"), c.nature, dmarc(c.auth), c.facts, c.policy)
			var opens []string
			if got.MayAutoRespond {
				opens = append(opens, "answer")
			}
			if got.MayReopen {
				opens = append(opens, "reopen")
			}
			if got.Action != c.want || got.TicketID != c.ticket || strings.Join(opens, " ") != c.opens || got.Reason == "" {
				t.Errorf("%+v", got)
			}
			if len(c.nature.Evidence) > 0 && !strings.Contains(strings.Join(got.Evidence, "\n"), c.nature.Evidence[0]) {
				t.Errorf("the evidence is lost: %q", got.Evidence)
			}
		})
	}
	t.Run("X05 what an agent answers to a note, and what their mail program answers, is internal", func(t *testing.T) {
		t.Parallel()
		answers := func(n gateway.Nature, note bool) gateway.Decision {
			f := gateway.Facts{Agent: "7", Threads: []gateway.Thread{{Citation: ours, TicketID: 7, Given: true, Note: note}}}
			return gateway.Decide(sentBy("ann@example.com"), n, dmarc(""), f, gateway.Policy{})
		}
		for what, d := range map[string]gateway.Decision{"a note": answers(human(), true), "an absence notice": answers(robot, false)} {
			if d.Action != gateway.Staff || !d.Internal || d.MayReopen {
				t.Errorf("%s: %+v", what, d)
			}
		}
		if d := answers(human(), false); d.Internal {
			t.Errorf("an answer to the customer: %+v", d)
		}
	})
	t.Run("X11 nobody knows who sent it", func(t *testing.T) {
		t.Parallel()
		m := gateway.Read([]byte("Subject: s\r\n\r\ntext"), received, nil)
		got := gateway.Decide(m, human(), dmarc(""), gateway.Facts{Threads: thread(theirs, gateway.Participant)}, gateway.Policy{})
		if got.Action != gateway.Note {
			t.Errorf("%+v", got)
		}
	})
}

// TestX11SpoofMatrix writes who is believed what as a table, which docs/MAIL.md shows.
func TestX11SpoofMatrix(t *testing.T) {
	t.Parallel()
	t.Run("X11 the spoof matrix stands in the documentation", func(t *testing.T) {
		const path = "../docs/MAIL.md"
		const begin, end = "<!-- matrix -->\n", "<!-- /matrix -->\n"
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(doc), begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			t.Fatalf("%s has no place for the matrix", path)
		}
		want := before + begin + matrix() + end + after
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if want != string(doc) {
			t.Errorf("%s is not what Decide does: go test ./gateway -run SpoofMatrix -update", path)
		}
	})
}

func matrix() string {
	var b strings.Builder
	b.WriteString("| From is | the mail cites | nothing checked | DMARC pass | DMARC fail |\n|---|---|---|---|---|\n")
	senders := []struct {
		name     string
		facts    gateway.Facts
		standing gateway.Standing
	}{
		{"the requester, or in copy", gateway.Facts{Known: true}, gateway.Participant},
		{"of the requester's organisation", gateway.Facts{Known: true}, gateway.Colleague},
		{"somebody else", gateway.Facts{}, gateway.Stranger},
		{"in copy, by a list or a web form", gateway.Facts{Known: true, Form: true}, gateway.Participant},
		{"an agent", gateway.Facts{Agent: "7"}, gateway.Stranger},
		{"an address of the desk", gateway.Facts{Own: true}, gateway.Stranger},
	}
	for _, s := range senders {
		for _, cites := range []struct {
			name  string
			cite  *gateway.Citation
			given bool
		}{{"nothing", nil, false}, {"a code in its subject", &code, false}, {"a customer's Message-ID", &theirs, false}, {"a mark of the desk", &ours, false}, {"one that the agent was given", &ours, true}} {
			if cites.given && s.facts.Agent == "" {
				continue
			}
			f := s.facts
			if cites.cite != nil {
				f.Threads = []gateway.Thread{{Citation: *cites.cite, TicketID: 7, Sender: s.standing, Given: cites.given}}
			}
			fmt.Fprintf(&b, "| %s | %s |", s.name, cites.name)
			for _, auth := range []string{"none", "pass", "fail"} {
				d := gateway.Decide(sentBy("ann@example.com"), human(), dmarc(auth), f, gateway.Policy{})
				fmt.Fprintf(&b, " %s |", shown[d.Action])
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

var shown = map[gateway.Action]string{
	gateway.Open: "new ticket", gateway.Answer: "the customer's answer", gateway.Staff: "**an agent's answer**", gateway.Note: "marked note", gateway.Hold: "held",
}

// FuzzDecide shows what holds for every mail: an agent's rights need proof, a stranger's mail is nobody's answer, robots
// reopen nothing, and there is a reason for everything.
func FuzzDecide(f *testing.F) {
	f.Add([]byte("From: ann@example.com\r\nSubject: Re: x\r\n\r\ntext"), uint16(0), "pass")
	f.Add([]byte("From: bob@desk.example\r\nAuto-Submitted: auto-replied\r\n\r\ntext"), uint16(0xffff), "fail")
	f.Add([]byte("Return-Path: <>\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x--"), uint16(0x155), "none")
	f.Fuzz(func(t *testing.T, raw []byte, bits uint16, result string) {
		bit := func(n int) bool { return bits>>n&1 == 1 }
		m := gateway.Read(raw, received, nil)
		n := gateway.Classify(m, gateway.NaturePolicy{})
		facts := gateway.Facts{Own: bit(0), Known: bit(1), Member: bit(2), Relayed: bit(3), Form: bit(15)}
		if bit(4) {
			facts.Agent = "7"
		}
		if bit(5) {
			facts.Repeats = 8
		}
		if bit(6) {
			facts.Bounced = 9
		}
		if bit(7) {
			facts.Pattern = "p"
		}
		for i, c := range []gateway.Citation{ours, theirs, code} {
			if bit(8 + i) {
				facts.Threads = append(facts.Threads, gateway.Thread{Citation: c, TicketID: int64(i + 1), Sender: gateway.Standing(bits >> 11 & 3 % 3), Given: bit(15) && c.By.Marked()})
			}
		}
		policy := gateway.Policy{Trusted: bit(13), Colleagues: bit(14)}
		auth := gateway.Authenticity{DMARC: result}
		d := gateway.Decide(m, n, auth, facts, policy)
		if d.Reason == "" || shownAs(d.Action) == "" {
			t.Errorf("%+v", d)
		}
		proven := facts.Agent != "" && !facts.Relayed && !facts.Form && result != "fail" && (policy.Trusted || auth.Proves(m) || slices.ContainsFunc(facts.Threads, func(t gateway.Thread) bool { return t.Given }))
		if (d.Action == gateway.Staff || d.Agent != "") && !proven {
			t.Errorf("an agent without proof: %+v", d)
		}
		if d.Action == gateway.Answer && (facts.Agent != "" || facts.Relayed || facts.Form && !policy.Trusted || m.FromUnknown || len(facts.Threads) == 0) && d.TicketID != facts.Repeats {
			t.Errorf("nobody's answer: %+v", d)
		}
		if d.MayReopen && !n.MayReopen || d.MayAutoRespond && !n.MayAutoRespond {
			t.Errorf("more than the mail allows: %+v of %+v", d, n)
		}
		if (d.TicketID != 0) != (d.Action == gateway.Answer || d.Action == gateway.Staff || d.Action == gateway.Note || d.Action == gateway.Report || d.Action == gateway.Refuse && d.By != "") {
			t.Errorf("%+v", d)
		}
	})
}

// shownAs is the name of an action that there is.
func shownAs(a gateway.Action) string {
	switch a {
	case gateway.Open, gateway.Answer, gateway.Staff, gateway.Note, gateway.Report, gateway.Spam, gateway.Hold, gateway.Drop, gateway.Refuse:
		return string(a)
	}
	return ""
}
