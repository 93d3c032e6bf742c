package template_test

import (
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/notify/template"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func Example() {
	set, err := template.New(template.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := &template.Facts{
		Ticket:        &ticket.Ticket{Code: "VEP-728-96190", Subject: "Lamp"},
		Brand:         ticket.Brand{Code: "shop", Name: "Example Shop"},
		Message:       &template.Turn{Author: "Bob", FromStaff: true, Text: "A new one is on its way."},
		SignedAs:      "Support",
		GuestURL:      "https://shop.example/t/1",
		CodeInSubject: true,
	}
	locale := set.Locale("shop", "de-AT", "en")
	letter, err := set.Render(template.CustomerMessage, "shop", locale, facts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(letter.Subject)
	fmt.Println(letter.Text)
	// Output:
	// [#VEP-728-96190] Lamp
	// Support hat auf Ihre Anfrage VEP-728-96190 geantwortet:
	//
	// A new one is on its way.
	//
	// Anfrage ansehen: https://shop.example/t/1
	//
	// Example Shop · VEP-728-96190
}

func ExampleSet_With() {
	set, err := template.New(template.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	own := template.Stored{Kind: template.Closed, Brand: "shop", Source: template.Source{Text: "Good bye, {{.customer_nme}}!"}}
	fmt.Println(set.Check(own, nil))

	own.Text = "Good bye, {{.customer_name}}!"
	if set, err = set.With([]template.Stored{own}, nil); err != nil {
		fmt.Println(err)
		return
	}
	letter, err := set.Render(template.Closed, "shop", "en", template.Sample(template.Closed))
	if err != nil {
		fmt.Println(err)
		return
	}
	first, _, _ := strings.Cut(letter.Text[strings.Index(letter.Text, "Good"):], "\n")
	fmt.Println(first)
	// Output:
	// invalid: text: line 1, column 13: ".customer_nme" is no variable: did you mean ".customer_name"?
	// Good bye, Ann Example!
}
