package gateway

import (
	"fmt"
	"slices"
)

// Action is what a mail is to become.
type Action string

// The actions.
const (
	Open   Action = "open"   // a new ticket
	Answer Action = "answer" // the customer's message in a ticket
	Staff  Action = "staff"  // an agent's message in a ticket
	Note   Action = "note"   // an internal, marked note in a ticket: its sender does not belong there
	Report Action = "report" // an internal note on a message of ours that could not be delivered, or only late
	Spam   Action = "spam"   // a new ticket in the Spam folder
	Hold   Action = "hold"   // quarantine, until somebody looks
	Drop   Action = "drop"   // nothing: it is recorded, and the raw mail kept for a while
	Refuse Action = "refuse" // a recorded refusal
)

// Strangers says what becomes of a mail that cites a ticket to which its sender does not belong.
type Strangers string

// The policies for them.
const (
	StrangersNote   Strangers = "note"   // an internal, marked note; the default
	StrangersOpen   Strangers = "open"   // a ticket of its own
	StrangersRefuse Strangers = "refuse" // a recorded refusal
)

// Newcomers says from whom a mail opens a ticket (I20).
type Newcomers string

// The policies for senders that are not registered.
const (
	NewcomersAccept  Newcomers = "accept"  // everybody; the default
	NewcomersMembers Newcomers = "members" // whose domain belongs to an organisation; others are held
	NewcomersHold    Newcomers = "hold"    // nobody: held, until somebody looks
	NewcomersRefuse  Newcomers = "refuse"  // nobody: a recorded refusal
	NewcomersIgnore  Newcomers = "ignore"  // nobody: recorded and not answered
)

// Policy is what a gateway has been told to do. The zero value is the default.
type Policy struct {
	Strangers Strangers
	Newcomers Newcomers
	// Colleagues lets somebody of the requester's organisation answer as the customer does.
	Colleagues bool
	// Trusted says that nothing but what this installation has proven itself comes to the mailbox: a From line proves who
	// sent it.
	Trusted bool
	// Sent says that the mailbox is a Sent folder.
	Sent Sent
}

// Standing is what somebody is to a ticket.
type Standing int

// What one can be.
const (
	Stranger    Standing = iota
	Colleague            // of the requester's organisation
	Participant          // the requester, or somebody in copy
)

// Thread is a ticket that a mail cites.
type Thread struct {
	Citation
	TicketID int64
	Sender   Standing // what the From address is to the ticket
	Given    bool     // the mail was sent to an address with a mark that the desk has given to the From address alone
	// Addressed says that the mail was sent to somebody who takes part in the ticket. It is looked up in Sent folders.
	Addressed bool
	// Note says that the mail answers the desk's letter about an internal note of the ticket.
	Note bool
}

// Facts are what the desk knows of what a mail says.
type Facts struct {
	Agent    string   // id of the agent whose address From is; empty if nobody's
	Relayed  bool     // a list stands in From, and the author only in a field that anybody can write: see Author
	Form     bool     // a web form has written the mail, and Reply-To says who filled it in: see Options.ContactForms
	Own      bool     // From is an address that the desk itself writes as
	Known    bool     // From is a registered customer
	Member   bool     // the domain of From belongs to an organisation
	Threads  []Thread // as Citations lists them; without those that lead nowhere
	Bounced  int64    // the ticket of the message, sent by the desk to that recipient, which a bounce tells of; 0 if none
	Pattern  string   // name of the spam pattern that matches; empty if none
	Filtered string   // what a spam filter says, if it calls the mail spam
	Crowd    string   // which cap the mail is above, as a sentence; empty if none: see Caps
	Repeats  int64    // the ticket of mails that were the same, if too many came; 0 if none
	Repeated Standing // what the From address is to that ticket
	Here     bool     // the desk has it: it has sent it, or found it in a Sent folder

	// Of a mail in a Sent folder, or from an agent's address:
	ToDesk    bool    // one of its recipients is the desk itself
	InCopy    bool    // it was written to somebody outside, and the desk is known to have a copy only
	Addressee Address // the first who is no agent and not the desk; or zero
}

// Decision is what a mail is to become, and why.
type Decision struct {
	Action   Action
	TicketID int64   // of Answer, Staff, Note and Report
	By       CitedBy // how the mail names its ticket
	Agent    string  // of Staff
	Confided bool    // of Staff: it was not sent to the customer, who is not shown it
	Internal bool    // of Staff: it answers an internal note, or nobody has written it, and is a note
	// MayAutoRespond and MayReopen are as in Nature, and more careful: neither holds for what nobody has proven.
	MayAutoRespond, MayReopen bool
	Quiet                     string   // why nobody is to be told of it; empty as a rule
	Reason                    string   // one sentence
	Evidence                  []string // what the reason rests on; the sender's text, escape it where it is shown
}

// Decide says what becomes of a mail. It is pure: the same mail, facts and policy give the same decision.
//
// The order is that of what does the most harm if it is overlooked: loops, echoes, bounces; then the ticket that the mail
// belongs to; then whether it may open one.
func Decide(m *Mail, n Nature, auth Authenticity, f Facts, p Policy) Decision {
	c := chooser{m: m, nature: n, auth: auth, facts: f, policy: p}
	d := c.choose()
	d.Evidence = append(slices.Clip(n.Evidence), d.Evidence...)
	if f.Filtered != "" {
		d.Evidence = append(d.Evidence, f.Filtered)
	}
	if auth.DMARC != "" && auth.DMARC != "none" {
		d.Evidence = append(d.Evidence, "dmarc="+auth.DMARC)
	}
	if d.Agent == "" { // whom an agent answers is told, however many there are
		d.Quiet = f.Crowd
	}
	proper := d.Action == Open || d.Action == Answer || d.Action == Staff
	d.MayAutoRespond = n.MayAutoRespond && proper && !c.forged() && d.Quiet == "" && p.Sent == SentNone
	d.MayReopen = n.MayReopen && (d.Action == Answer || d.Action == Staff) && !d.Internal
	return d
}

// chooser is one decision in the making.
type chooser struct {
	m      *Mail
	nature Nature
	auth   Authenticity
	facts  Facts
	policy Policy
}

// forged reports whether a server that is trusted says that the sender is somebody else.
func (c *chooser) forged() bool { return c.auth.DMARC == "fail" }

// agent is the agent who has proven to have sent the mail, with the proof, and the tickets for which it counts; empty if
// none has. A From line proves nothing. A mark counts in its own ticket: who has been shown one mail must not have all.
func (c *chooser) agent() (id, proof string, threads []Thread) {
	f := c.facts
	switch {
	case f.Agent == "" || f.Relayed || f.Form || c.forged(): // what a server has checked, or sent, is another's address
		return "", "", nil
	case c.auth.Proves(c.m):
		return f.Agent, "a trusted server has checked the sender (DMARC)", f.Threads
	case c.policy.Trusted:
		return f.Agent, "the mailbox is trusted", f.Threads
	}
	for _, t := range f.Threads {
		if t.Given {
			return f.Agent, "it bears the mark that this agent was given for the ticket", []Thread{t}
		}
	}
	return "", "", nil
}

func (c *chooser) choose() Decision {
	switch n := c.nature; {
	case n.Kind == KindOwnEcho:
		return Decision{Action: Drop, Reason: "it is the desk's own mail, come back"}
	case n.Hops > MaxHops:
		return Decision{Action: Hold, Reason: fmt.Sprintf("it has passed more than %d servers: mail goes round in a circle", MaxHops)}
	case c.facts.Here:
		return Decision{Action: Drop, Reason: "the desk has it already, as a message of staff"}
	case c.policy.Sent != SentNone:
		return c.sent()
	case (n.Kind == KindBounce || n.Kind == KindDelayNotice) && c.facts.Bounced != 0:
		return Decision{Action: Report, TicketID: c.facts.Bounced, By: ByOwnID, Reason: "it says what became of a message that the desk has sent"}
	}
	if agent, proof, threads := c.agent(); agent != "" {
		return c.fromStaff(agent, proof, threads)
	}
	if c.facts.Own {
		return Decision{Action: Hold, Reason: "it claims to be from an address of the desk, and nothing proves that"}
	}
	if d, ok := c.thread(); ok {
		return d
	}
	return c.newcomer()
}

// fromStaff answers in the most trustworthy ticket that is cited, or opens one.
func (c *chooser) fromStaff(agent, proof string, threads []Thread) Decision {
	if len(threads) > 0 {
		t := threads[0]
		d := Decision{Action: Staff, TicketID: t.TicketID, By: t.By, Agent: agent, Reason: "an agent answers: " + proof}
		if c.facts.InCopy && !t.Addressed {
			d.Confided, d.Reason = true, "an agent writes to somebody else about the ticket, with a copy for the desk: "+proof
		} else if t.Note {
			d.Internal, d.Reason = true, "an agent answers an internal note: "+proof
		} else if k := c.nature.Kind; k == KindAutoReply || k == KindAutoGenerated { // which tells customers nothing
			d.Internal, d.Reason = true, "an agent's mail program answers: "+proof
		}
		return d
	}
	return Decision{Action: Open, Agent: agent, Reason: "an agent writes, and cites no ticket: " + proof}
}

// thread finds the ticket that the mail belongs to: the first that is cited to which the sender belongs, or else the first.
func (c *chooser) thread() (Decision, bool) {
	for _, t := range c.facts.Threads {
		if why := c.belongs(t); why != "" {
			return Decision{Action: Answer, TicketID: t.TicketID, By: t.By, Reason: why}, true
		}
	}
	if len(c.facts.Threads) == 0 {
		return Decision{}, false
	}
	return c.strange(c.facts.Threads[0])
}

// belongs says why the mail is taken for the customer's own message in a ticket; empty if it is not.
func (c *chooser) belongs(t Thread) string {
	switch {
	case c.m.FromUnknown || c.facts.Relayed || c.facts.Agent != "": // an agent's address counts with proof only
		return ""
	case c.facts.Form && !c.policy.Trusted: // anybody types anybody's address into a form
		return ""
	case c.forged() && !t.By.Marked(): // who has our mail has been written to, whatever servers make of the answer
		return ""
	case t.Sender == Participant:
		return "its sender takes part in the ticket"
	case t.Sender == Colleague && c.policy.Colleagues:
		return "its sender is of the requester's organisation"
	}
	return ""
}

// strange is what becomes of a mail that cites a ticket of others.
func (c *chooser) strange(t Thread) (Decision, bool) {
	why := "its sender does not belong to the ticket that it cites"
	switch {
	case c.facts.Agent != "":
		why = "it claims to be from an agent, and nothing proves that"
	case c.m.FromUnknown:
		why = "nobody knows who sent it"
	case c.facts.Relayed:
		why = "it comes by way of a list, and nothing proves who has written it"
	case c.facts.Form && !c.policy.Trusted:
		why = "it comes from a web form, and nothing proves who filled it in"
	case c.forged():
		why = "a trusted server says that its sender is forged (DMARC)"
	case c.facts.Filtered != "" || c.facts.Pattern != "":
		return Decision{}, false // strangers' spam is no note
	}
	switch c.policy.Strangers {
	case StrangersOpen:
		return Decision{}, false
	case StrangersRefuse:
		return Decision{Action: Refuse, TicketID: t.TicketID, By: t.By, Reason: why}, true
	}
	return Decision{Action: Note, TicketID: t.TicketID, By: t.By, Reason: why}, true
}

// newcomer says whether a mail that belongs to no ticket opens one.
func (c *chooser) newcomer() Decision {
	switch f := c.facts; {
	case f.Repeats != 0 && c.belongs(Thread{TicketID: f.Repeats, Sender: f.Repeated}) != "":
		return Decision{Action: Answer, TicketID: f.Repeats, Reason: "it has come before, and then too often"}
	case f.Repeats != 0:
		return Decision{Action: Note, TicketID: f.Repeats, Reason: "it has come before, and then too often; and nothing proves who sent it"}
	case f.Pattern != "":
		return Decision{Action: Spam, Reason: "the spam pattern " + f.Pattern + " matches"}
	case f.Filtered != "":
		return Decision{Action: Spam, Reason: "a spam filter calls it spam"}
	case f.Known:
		return Decision{Action: Open, Reason: "a registered customer writes"}
	case f.Member && c.policy.Newcomers == NewcomersMembers:
		return Decision{Action: Open, Reason: "somebody of a known organisation writes"}
	}
	const why = "its sender is not registered"
	switch c.policy.Newcomers {
	case NewcomersHold, NewcomersMembers:
		return Decision{Action: Hold, Reason: why}
	case NewcomersRefuse:
		return Decision{Action: Refuse, Reason: why}
	case NewcomersIgnore:
		return Decision{Action: Drop, Reason: why}
	}
	return Decision{Action: Open, Reason: "it cites no ticket that is here"}
}
