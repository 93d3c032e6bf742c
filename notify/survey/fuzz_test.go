package survey_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/notify/survey"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// asking is a desk that asks about what a fuzzer wrote.
type asking ticket.Survey

func (a asking) Show(context.Context, string) (ticket.Survey, error) { return ticket.Survey(a), nil }

func (a asking) Rate(_ context.Context, _ string, d ticket.RatingDraft) (ticket.Rating, error) {
	return ticket.Rating{}, ticket.Invalid("comment", ticket.FaultTooLong, "is %d bytes long", len(*d.Comment))
}

// FuzzPage has whatever people write, and browsers send, make a page that is nothing but the page.
func FuzzPage(f *testing.F) {
	f.Add("good", "de;q=0.5", "Lamp <b>", `"><script>alert(1)</script>`, "</textarea>")
	f.Add("", ",,;q=", "", "", "\x00\xff")
	f.Add("1", "ru-RU, en;q=1e309", "<!--", "]]>", "<style>")
	f.Fuzz(func(t *testing.T, grade, accept, subject, agent, comment string) {
		s := asking{MessageID: 1, Code: "A-1", Subject: subject, Agent: agent, Grades: []string{"good", grade}, Changeable: true, Rating: &ticket.Rating{Grade: grade, Comment: comment}}
		h := survey.Handler(s, nil)
		get := httptest.NewRequest(http.MethodGet, "/x?"+url.Values{"grade": {grade}}.Encode(), nil)
		post := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(url.Values{"grade": {grade}, "comment": {comment}}.Encode()))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, r := range []*http.Request{get, post} {
			r.Header["Accept-Language"] = []string{accept}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code >= 500 || len(rec.Body.String()) == 0 {
				t.Fatalf("%d", rec.Code)
			}
			page := rec.Body.String()
			for tag, n := range map[string]int{"script": 0, "b": 0, "form": 1, "textarea": 1, "input": 2, "style": 1, "title": 1} {
				if e := elements(t, page, tag); len(e) != n {
					t.Fatalf("%d <%s>: %s", len(e), tag, page)
				}
			}
		}
	})
}
