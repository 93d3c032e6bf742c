package notify

import (
	"context"
	"slices"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

const (
	mostRecent = 40 // messages that are looked through for what is quoted, and for what is answered
	moreRecent = 5  // that are read at first, beside those that are quoted
)

// gatherRecent reads the messages before the letter's own that its reader may read: as many as are quoted, and, for a mail,
// all since the last one that they got, for they may have written in between. What they wrote before that, it refers to.
func (n *Notifier) gatherRecent(ctx context.Context, l *Letter, f *gathered) (err error) {
	since := time.Time{}
	if l.Channel == Mail {
		if f.got, err = n.correspondence(ctx, l); err != nil {
			return err
		}
		for _, g := range f.got {
			since = g.At
		}
	}
	quoted := min(f.around.Settings.MailHistory, mostRecent)
	q := ticket.MessageQuery{Newest: true}
	if f.message != nil {
		if q.AfterSeq = f.message.Seq; q.AfterSeq == 1 {
			return nil
		}
	}
	if !f.staff {
		q.Kinds = []ticket.MessageKind{ticket.KindReply, ticket.KindThirdParty, ticket.KindConfided}
	}
	page := quoted + moreRecent
	for seen := 0; seen < mostRecent; seen, page = seen+page, 2*page {
		page = min(page, mostRecent-seen)
		q.Limit = page
		list, err := n.desk.Messages(ctx, f.ticket.ID, q)
		for _, m := range list {
			f.remember(n.doubted(ctx, f, m))
			q.AfterSeq = m.Seq
		}
		if err != nil || len(list) < page {
			return err
		}
		if len(f.recent) >= quoted && (l.Channel != Mail || list[len(list)-1].CreatedAt.Before(since)) {
			return nil
		}
	}
	return nil
}

// remember keeps a message that the reader may read.
func (f *gathered) remember(m *ticket.Message) {
	theirs := m.Author.Person().Is(f.person) || slices.ContainsFunc(slices.Concat(m.To, m.Cc), f.person.Is)
	if m.DeletedAt == nil && (f.staff || m.Kind.Public() && f.ticket.Concerns(f.person) || theirs && m.Kind != ticket.KindNote) {
		f.recent = append(f.recent, m)
	}
}
