package gateway_test

import (
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/gateway"
)

func ExampleRead() {
	raw := []byte("From: =?utf-8?Q?J=C3=BCrgen?= <juergen@example.com>\r\n" +
		"Subject: =?utf-8?Q?Kaffeem=C3=BChle?=\r\n" +
		"In-Reply-To: <1@desk.example>\r\n" +
		"Content-Type: text/html; charset=utf-8\r\n\r\n" +
		"<p>Sie <b>rattelt</b>.</p><script>alert(1)</script>")
	m := gateway.Read(raw, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), nil)
	fmt.Println(m.From.Name, m.From.Email)
	fmt.Println(m.Subject)
	fmt.Println(m.Text)
	for _, c := range gateway.Citations(m, nil, nil) {
		fmt.Println(c.By, c.Value)
	}
	// Output:
	// Jürgen juergen@example.com
	// Kaffeemühle
	// Sie rattelt.
	// in_reply_to 1@desk.example
}
