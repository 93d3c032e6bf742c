package row_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// FuzzDecode holds what reads documents to the rules of encoding/json, which has written them.
func FuzzDecode(f *testing.F) {
	doc, err := row.Encode(lamp())
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{doc, `{"ID":1,"id":2,"Subject":"a\u0000\ud800\xff","Nobody":[1,{}],"Tags":null,"Fields":{"a":null}}`, `{"ID":"1"}`, `{"CreatedAt":"2026-13-01"}`,
		`{"Subject":"a","Subject":"b","Requester":{"Name":1}}`, `[]`, `null`, `{"Spent":1e3}`, `{"SolvedAt":"2026-01-01T00:00:00.000001Z"} `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, kind := range []func() any{
			func() any { return new(ticket.Ticket) }, func() any { return new(ticket.Message) }, func() any { return new(ticket.Event) },
		} {
			want, got := kind(), kind()
			wrong, err := json.Unmarshal(doc, want), row.Decode(doc, got)
			if (wrong == nil) != (err == nil) {
				t.Fatalf("%T of %q: %v, where encoding/json says %v", got, doc, err, wrong)
			}
			if err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%T of %q:\n%+v, where encoding/json reads\n%+v", got, doc, got, want)
			}
		}
	})
}
