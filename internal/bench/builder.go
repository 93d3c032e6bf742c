package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// builder draws tickets; the same ones for the same number of them.
type builder struct {
	*writer
	n, made    int
	start      time.Time
	span       time.Duration // from the first ticket to the last
	department *rand.Zipf
	agent      *rand.Zipf
	tag        *rand.Zipf
}

func newBuilder(n int) *builder {
	r := rand.New(rand.NewPCG(uint64(n), 4))
	return &builder{
		writer: newWriter(r), n: n, start: time.Date(2023, 1, 2, 8, 0, 0, 0, time.UTC), span: 3 * 365 * 24 * time.Hour,
		department: rand.NewZipf(r, 1.2, 2, bigDepartments-1), agent: rand.NewZipf(r, 1.1, 4, agents-1), tag: rand.NewZipf(r, 1.3, 1, uint64(len(tags)-1)),
	}
}

func (b *builder) batch(ctx context.Context, tx store.Tx, size int) error {
	for i := range size {
		id, err := tx.NewID(ctx, "ticket")
		if err != nil {
			return err
		}
		lang := b.language()
		t := b.ticket(id, b.made+i)
		t.Subject = b.line(lang)
		if err := b.write(ctx, tx, t, lang, []int{1, 7, 2, 6, 3, 5, 4, 4}[(b.made+i)%8]); err != nil {
			return err
		}
	}
	return nil
}

// chance is true that many times of a hundred.
func (b *builder) chance(percent int) bool { return b.IntN(100) < percent }

// ticket draws number i of n, which come in the order of time.
func (b *builder) ticket(id int64, i int) *ticket.Ticket {
	age := 1 - float64(i)/float64(b.n)
	created := b.start.Add(time.Duration((1-age)*float64(b.span)) + time.Duration(b.Int64N(int64(time.Hour))))
	updated := created.Add(time.Duration(b.ExpFloat64() * float64(5*24*time.Hour)))
	t := &ticket.Ticket{
		ID: id, Code: fmt.Sprintf("T-%07d", id), Brand: brands[[]int{0, 0, 0, 0, 0, 0, 0, 1, 1, 2}[b.IntN(10)]], Department: departments[b.department.Uint64()],
		Priority: []string{"low", "medium", "medium", "medium", "high"}[b.IntN(5)], Channel: []ticket.Channel{ticket.ChannelEmail, ticket.ChannelEmail, ticket.ChannelContactForm, ticket.ChannelAccount, ticket.ChannelAPI}[b.IntN(5)],
		CreatedAt: ticket.Time(created), UpdatedAt: ticket.Time(updated), LastReplyAt: ticket.Time(created.Add(updated.Sub(created) * 9 / 10)),
		LastReplyBy: []ticket.ActorKind{ticket.ActorClient, ticket.ActorStaff}[b.IntN(2)], UnreadByStaff: b.chance(5), UnreadByClient: b.chance(10),
	}
	if b.chance(2) {
		t.Department = departments[bigDepartments+b.IntN(len(departments)-bigDepartments)]
	}
	b.state(t, age)
	b.people(t)
	for b.chance(30) && len(t.Tags) < 3 {
		t.Tags = append(t.Tags, tags[b.tag.Uint64()])
	}
	if b.chance(50) {
		t.Fields = map[string]string{"size": strconv.Itoa(b.IntN(1000))}
	}
	return t
}

// state draws folder, status and assignee: six of ten tickets are in the archive, above all the old ones, and most are
// closed.
func (b *builder) state(t *ticket.Ticket, age float64) {
	status := []int{0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4}[b.IntN(12)]
	switch t.Folder = ticket.Inbox; {
	case b.Float64() < 1.2*age:
		t.Folder, status = ticket.Archive, 4
		if b.chance(8) {
			status = 3
		}
	case b.chance(4):
		t.Folder = ticket.Spam
	}
	t.Status, t.Class = statuses[status].Code, statuses[status].Class
	if t.Class.Done() {
		t.SolvedAt = new(t.UpdatedAt)
	}
	if t.Class == ticket.ClassClosed {
		t.ClosedAt = new(t.UpdatedAt)
	}
	if !b.chance([]int{70, 10, 2, 2, 2}[status]) {
		t.Assignee = agentID(int(b.agent.Uint64()))
	}
}

// people draws who takes part: one of n/5 customers, some of whom write often, and of n/50 organisations.
func (b *builder) people(t *ticket.Ticket) {
	customer := int(math.Pow(b.Float64(), 1.5) * float64(max(b.n/5, 1)))
	t.Requester = customerOf(customer)
	if customer%5 < 3 {
		t.Organisation = organisationOf(customer % max(b.n/50, 1))
	}
	if b.chance(15) {
		t.Participants = []ticket.Person{customerOf(b.IntN(max(b.n/5, 1)))}
	}
	if b.chance(10) {
		t.Watchers = []string{agentID(int(b.agent.Uint64()))}
	}
}

func customerOf(n int) ticket.Person {
	id := strconv.Itoa(n)
	return ticket.Person{ID: "c" + id, Name: "Customer " + id, Email: "c" + id + "@example.com"}
}

func organisationOf(n int) string { return "org" + strconv.Itoa(n) }

// write stores a ticket with its messages, the first and the last of their events, and its code.
func (b *builder) write(ctx context.Context, tx store.Tx, t *ticket.Ticket, lang, messages int) error {
	client := ticket.Client(t.Requester.ID, t.Requester.Name, t.Requester.Email)
	staff := ticket.Staff(t.Assignee, "Agent "+t.Assignee, t.Assignee+"@desk.example")
	if t.Assignee == "" {
		staff = ticket.Staff(agentID(0), "Agent 0", agentID(0)+"@desk.example")
	}
	for seq := range messages {
		id, err := tx.NewID(ctx, "message")
		if err != nil {
			return err
		}
		m := &ticket.Message{ID: id, TicketID: t.ID, Seq: int64(seq + 1), Kind: ticket.KindReply, Author: client, Body: b.prose(lang), Format: ticket.Plain,
			CreatedAt: ticket.Time(t.CreatedAt.Add(t.UpdatedAt.Sub(t.CreatedAt) * time.Duration(seq) / time.Duration(messages)))}
		if seq%2 == 1 {
			if m.Author = staff; b.chance(15) {
				m.Kind = ticket.KindNote
			}
		}
		if err := tx.PutMessage(ctx, m); err != nil {
			return err
		}
		if seq == 0 || seq == messages-1 {
			if err := b.event(ctx, tx, t, m); err != nil {
				return err
			}
		}
	}
	t.Seq = int64(messages)
	if _, err := tx.Reserve(ctx, "code", t.Code, t.ID); err != nil {
		return err
	}
	return tx.PutTicket(ctx, t)
}

func (b *builder) event(ctx context.Context, tx store.Tx, t *ticket.Ticket, m *ticket.Message) error {
	id, err := tx.NewID(ctx, "event")
	if err != nil {
		return err
	}
	t.EventSeq++
	t.Version++
	e := &ticket.Event{ID: id, Type: ticket.EventCreated, TicketID: t.ID, MessageID: m.ID, Seq: t.EventSeq, Version: t.Version, At: m.CreatedAt, Actor: m.Author, Kind: m.Kind}
	if m.Seq > 1 {
		e.Type, e.Changes = ticket.EventReplied, []ticket.Change{{Field: "status", Old: "open", New: t.Status}}
	}
	return tx.PutEvent(ctx, e)
}
