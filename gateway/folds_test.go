package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/ticket"
)

const answer = "Yes, it does.\n\n-- \nAnn\n\nOn Mon, 5 Jan 2026 at 09:00, Bob <bob@desk.example> wrote:\n> Does it work?\n"

// thread are the messages of the only ticket.
func (i *inbox) thread(t *testing.T) (id int64, list []*ticket.Message) {
	t.Helper()
	for tk, err := range i.AllTickets(staff(), ticket.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		id = tk.ID
	}
	list, err := i.Messages(staff(), id, ticket.MessageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Mail != nil && !m.Sealed && !ticket.Fits(m.Body, m.Mail.Folds) {
			t.Errorf("folds %v are not of %q", m.Mail.Folds, m.Body)
		}
	}
	return id, list
}

func wantReply(t *testing.T, m *ticket.Message, want string) {
	t.Helper()
	if got := m.Reply(); got != want {
		t.Errorf("reply is %q of %q, want %q", got, m.Body, want)
	}
}

func TestSplitShowsWhatIsQuoted(t *testing.T) {
	t.Parallel()
	t.Run("the first message of a ticket that was split off shows what it quotes", func(t *testing.T) {
		t.Parallel()
		i := newPolicy(t, gateway.Options{})
		i.box.add(letter(ann, "1@example.com", "Help", "", "please"))
		id := i.only(t, gateway.Opened).TicketID
		const body = "And another thing.\n\nOn 3 May 2024, at 10:00, Bob <bob@desk.example> wrote:\n> Is it red?\n\n-- \nAnn"
		i.box.add(letter(ann, "2@example.com", "Re: Help", "In-Reply-To: <1@example.com>\n", body))
		m := i.message(t, i.only(t, gateway.Answered).MessageID)
		if m.Reply() != "And another thing." {
			t.Fatalf("%q", m.Reply())
		}
		if _, err := i.Split(staff(), id, ticket.Split{Messages: []int64{m.ID}}); err != nil {
			t.Fatal(err)
		}
		if got := i.message(t, m.ID).Reply(); !strings.Contains(got, "Is it red?") || strings.Contains(got, "--") {
			t.Errorf("%q", got)
		}
	})
}

func TestFoldsOfMessages(t *testing.T) {
	t.Parallel()
	answered := func(t *testing.T, o *helpdesktest.Options) *inbox {
		i := newInbox(t, o)
		i.box.add(letter(ann, "one@example.com", "Lamp", "", answer), letter(ann, "two@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", answer))
		i.poll(t)
		return i
	}
	t.Run("the first mail of a ticket is never stripped of what it quotes", func(t *testing.T) {
		t.Parallel()
		_, list := answered(t, nil).thread(t)
		if first := list[0].Reply(); !strings.Contains(first, "> Does it work?") || strings.Contains(first, "-- \nAnn") {
			t.Errorf("reply is %q", first)
		}
		wantReply(t, list[1], "Yes, it does.")
		if list[0].Body != list[1].Body || !strings.Contains(list[1].Body, "> Does it work?") {
			t.Errorf("folding took something away: %q", list[1].Body)
		}
	})
	t.Run("an edited message has no folds, and its old version keeps them", func(t *testing.T) {
		t.Parallel()
		i := answered(t, nil)
		_, list := i.thread(t)
		if _, err := i.EditMessage(staff(), list[1].ID, "Yes.\n\n> Does it work?\n"); err != nil {
			t.Fatal(err)
		}
		_, edited := i.thread(t)
		wantReply(t, edited[1], "Yes.\n\n> Does it work?\n")
		old, err := i.Revisions(staff(), list[1].ID)
		if err != nil || len(old) != 1 {
			t.Fatalf("%d versions, %v", len(old), err)
		}
		wantReply(t, old[0], "Yes, it does.")
	})
	t.Run("X25 a redacted body has no folds, and one that had nothing of it keeps them", func(t *testing.T) {
		t.Parallel()
		i := answered(t, nil)
		i.box.add(letter(ann, "three@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", "The number is 4111.\n\n> quoted\n"))
		i.poll(t)
		id, _ := i.thread(t)
		if found, err := i.Redact(staff(), id, "4111", "quoted", "signature"); err != nil || !found {
			t.Fatal(found, err)
		}
		_, list := i.thread(t)
		wantReply(t, list[1], "Yes, it does.")
		wantReply(t, list[2], "The number is "+helpdesk.Redacted+".\n\n> "+helpdesk.Redacted)
	})
	t.Run("a deleted message has none", func(t *testing.T) {
		t.Parallel()
		i := answered(t, nil)
		_, list := i.thread(t)
		if _, err := i.DeleteMessage(staff(), list[1].ID); err != nil {
			t.Fatal(err)
		}
		_, list = i.thread(t)
		if len(list[1].Mail.Folds) != 0 {
			t.Errorf("it has %v", list[1].Mail.Folds)
		}
	})
	t.Run("a body that a filter changed has none", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, nil)
		i.Hooks().TicketReplyDraft.Bind("acme", func(_ context.Context, in *hooks.Replying) error {
			in.Draft.Body = "ACME: " + in.Draft.Body
			return nil
		})
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"), letter(ann, "two@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", answer))
		i.poll(t)
		_, list := i.thread(t)
		if !strings.HasPrefix(list[1].Reply(), "ACME: Yes") || len(list[1].Mail.Folds) != 0 {
			t.Errorf("folds %v of %q", list[1].Mail.Folds, list[1].Body)
		}
	})
	t.Run("folds are of the body as it was cut", func(t *testing.T) {
		t.Parallel()
		i := newInbox(t, &helpdesktest.Options{Config: helpdesk.Config{Limits: ticket.Limits{Body: 300}}})
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"), letter(ann, "two@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", answer+strings.Repeat("> ü und so weiter\n", 50)))
		i.poll(t)
		_, list := i.thread(t)
		if got := list[1].Reply(); !strings.HasPrefix(got, "Yes, it does.") || !strings.HasSuffix(got, gateway.CutMarker) || strings.Contains(got, ">") {
			t.Errorf("reply is %q", got)
		}
	})
	t.Run("R12 a marker that only the gateway's options know", func(t *testing.T) {
		t.Parallel()
		d := helpdesktest.New(t, nil)
		g, err := gateway.New("support", d.Mail(), d.Store, &gateway.Options{Markers: []string{"Svara ovanför den här raden"}})
		if err != nil {
			t.Fatal(err)
		}
		i := &inbox{d, g, &box{validity: 1}}
		i.box.add(letter(ann, "one@example.com", "Lamp", "", "x"), letter(ann, "two@example.com", "Lamp", "In-Reply-To: <one@example.com>\n", "Ja.\n\nSvara ovanför\nden här raden\n\nx"))
		i.poll(t)
		_, list := i.thread(t)
		wantReply(t, list[1], "Ja.")
	})
	t.Run("only a mail's own folds are taken", func(t *testing.T) {
		t.Parallel()
		i := answered(t, nil)
		id, _ := i.thread(t)
		for _, folds := range [][]ticket.Fold{{{Kind: ticket.FoldQuoted, Start: 0, End: 9}}, {{Kind: "other", Start: 0, End: 1}}, {{Kind: ticket.FoldQuoted, Start: 1, End: 2}}, {{Kind: ticket.FoldQuoted, Start: -1, End: 2}}} {
			_, err := i.Reply(staff(), id, ticket.ReplyDraft{Body: "ütf", Mail: &ticket.Mail{Folds: folds}})
			if err == nil {
				t.Errorf("%v was taken", folds)
			}
		}
	})
}

func ExampleSplitText() {
	text := "Yes, thank you.\n\nOn 5 Jan 2026, at 09:00, Bob <bob@desk.example> wrote:\n> Does it work?\n"
	fmt.Println(ticket.Unfolded(text, gateway.SplitText(text)))
	// Output:
	// Yes, thank you.
}

func ExampleSplitHTML() {
	text, folds := gateway.SplitHTML(`<p>Yes.</p><div class="gmail_quote">5 Jan, Bob:<blockquote>Does it work?</blockquote></div>`)
	fmt.Println(ticket.Unfolded(text, folds))
	// Output:
	// Yes.
}
