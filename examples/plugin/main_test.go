package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`[A-Z]{3}-\d{3}-\d{5}`).ReplaceAllString(out.String(), "CODE")
	want := `gate: helpdesk: create ticket: hook acme.crm at TicketClientCreateValidation: invalid: service: is missing: which order is it about?
CRM: attempt 1 fails
CRM: attempt 2 fails
CRM: recorded CODE: Delivery of ann@example.com under helpdesk-1
view: <aside class="crm"><h3>CRM</h3><p>buys lamps, &lt;b&gt;often&lt;/b&gt;</p></aside>
`
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}
