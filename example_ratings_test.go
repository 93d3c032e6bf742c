package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Ratings: a link in the mail asks what the customer thinks of an answer. Following it votes for nothing.
func ExampleDesk_Ratings() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, &helpdesk.Config{Settings: ticket.SettingsPatch{SurveyInMail: new(true), RateTickets: new(true)}})
	check(err)
	defer desk.Stop(ctx)
	bob := ticket.WithActor(ctx, ticket.Staff("7", "Bob", "bob@desk.example"))
	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	t, err := desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)
	answer, err := desk.Reply(bob, t.ID, ticket.ReplyDraft{Body: "A new one is on its way."})
	check(err)

	link, err := desk.Ratings().Survey(bob, answer.ID) // stands in a URL of the host's, in the mail
	check(err)
	page, err := desk.Ratings().Show(ctx, link) // on GET
	check(err)
	fmt.Println("How was the answer of", page.Agent+"?", page.Grades)
	_, err = desk.Ratings().Rate(ctx, link, ticket.RatingDraft{Grade: "good", Comment: new("That was quick.")}) // on POST
	check(err)

	_, err = desk.Rate(ann, t.ID, ticket.RatingDraft{Grade: "neutral"}) // logged in, of the ticket as a whole
	check(err)
	list, err := desk.Ratings().List(bob, ticket.RatingQuery{Agent: "7"})
	check(err)
	fmt.Println(list.Ratings[0].Person.Name, list.Ratings[0].Grade, list.Ratings[0].Comment)
	sums, err := desk.Ratings().Sums(bob, ticket.RatingQuery{})
	check(err)
	fmt.Println(sums.Total, "ratings,", sums.Agents["7"]["good"], "good for Bob")
	// Output:
	// How was the answer of Bob? [bad neutral good]
	// Ann good That was quick.
	// 2 ratings, 1 good for Bob
}
