package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/gateway"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// A host that sends mail itself puts the desk's marks into it. An answer that has lost all but one of them still finds its
// ticket, and a bounce of the mail is noted on the message that it carried.
func Example_marks() {
	ctx := ticket.WithActor(context.Background(), ticket.System("shop"))
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)
	t, err := desk.CreateTicket(ticket.WithActor(ctx, ticket.Guest("Ann", "ann@example.com")), ticket.Draft{Subject: "Lamp", Body: "It is broken."})
	check(err)
	answer, err := desk.Reply(ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@shop.example")), t.ID, ticket.ReplyDraft{Body: "Which one?"})
	check(err)

	marker, err := desk.Mail().Marker(ctx)
	check(err)
	marks, err := marker.Mark(ticket.Mark{TicketID: t.ID, MessageID: answer.ID, To: ticket.RecipientOf(t.ID, "ann@example.com")}, "support@shop.example")
	check(err)
	mail := fmt.Sprintf("From: <%s>\nTo: ann@example.com\nMessage-ID: <%s>\nSubject: Re: Lamp\n\n%s\n\n%s\n", marks.Address, marks.MessageID, answer.Body, marks.Code)
	_ = mail // is sent

	box := letterbox{
		"From: ann@example.com\nTo: " + marks.Address + "\nSubject: (no idea)\nMessage-ID: <1@example.com>\n\nThe red one.\n",
		"From: mailer-daemon@example.com\nSubject: Undelivered\nMessage-ID: <2@example.com>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
			"--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.2.2\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <" + marks.MessageID + ">\n\n--b--\n",
	}
	support, err := gateway.New("support", desk.Mail(), s, nil)
	check(err)
	outcomes, err := support.Poll(ctx, box)
	check(err)
	for _, o := range outcomes {
		fmt.Println(o.Result, o.TicketID == t.ID, o.By)
	}
	u, err := desk.Mail().Undeliverable(ctx, "ann@example.com")
	check(err)
	fmt.Println(u.Recipient, u.Status, u.Permanent)
	check(desk.Mail().Deliverable(ctx, "ann@example.com")) // she has made room
	check(desk.Mail().RotateKey(ctx))                      // once a year, say: the marks of the last year still count
	// Output:
	// answered true address_mark
	// noted true own_message_id
	// ann@example.com 5.2.2 true
}
