package bearer_test

import (
	"errors"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/bearer"
)

func offering(list ...string) func(string) bool {
	return func(m string) bool {
		for _, l := range list {
			if l == m {
				return true
			}
		}
		return false
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		offers  []string
		user    string
		want    bearer.Exchange
		failure error
	}{
		"I29 the standard one goes first": {
			offers: []string{bearer.XOAuth2, bearer.OAuthBearer}, user: "a=b,c@shop.example",
			want: bearer.Exchange{Mechanism: bearer.OAuthBearer, Initial: "n,a=a=3Db=2Cc@shop.example,\x01host=mail.example\x01port=993\x01auth=Bearer tok\x01\x01", Last: "\x01"},
		},
		"I29 the older one where it is all there is": {
			offers: []string{"PLAIN", bearer.XOAuth2}, user: "a@shop.example",
			want: bearer.Exchange{Mechanism: bearer.XOAuth2, Initial: "user=a@shop.example\x01auth=Bearer tok\x01\x01"},
		},
		"I29 the standard one where a server says nothing": {
			user: "a", want: bearer.Exchange{Mechanism: bearer.OAuthBearer, Initial: "n,a=a,\x01host=mail.example\x01port=993\x01auth=Bearer tok\x01\x01", Last: "\x01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := bearer.New(c.user, "mail.example:993", "tok", offering(c.offers...))
			if got != c.want || err != nil {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	for _, token := range []string{"", "a\x01b", "a\r\nb"} {
		if _, err := bearer.New("a", "mail.example:993", token, offering()); !errors.Is(err, bearer.ErrToken) {
			t.Errorf("%q is a token: %v", token, err)
		}
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]string{
		`{"status":"401","schemes":"bearer","scope":"https://mail.example/"}`: "status 401, scope https://mail.example/",
		`{"status":"invalid_token"}`:                                          "status invalid_token",
		"no JSON":                                                             "no JSON",
		`{}`:                                                                  "{}",
	} {
		if got := bearer.Reason([]byte(told)); got != want {
			t.Errorf("%s: %q, want %q", told, got, want)
		}
	}
}
