package survey_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/helpdesktest"
	"github.com/helpdeskgo/helpdesk/notify/survey"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = as(ticket.Client("42", "Ann", "ann@example.com"))
	bob = as(ticket.Staff("7", "Bob <b>", "bob@desk.example"))
)

func as(a ticket.Actor) context.Context { return ticket.WithActor(context.Background(), a) }

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// world is a desk with an answer, and its page on a server.
type world struct {
	*helpdesktest.Desk
	t      testing.TB
	ticket *ticket.Ticket
	answer *ticket.Message
	link   string
	base   string
	log    bytes.Buffer
	client *http.Client
}

func newWorld(t testing.TB, s ticket.SettingsPatch, o *survey.Options, draft ticket.ReplyDraft) *world {
	t.Helper()
	s.SurveyInMail = new(true)
	sealer := must(helpdesk.NewSealer(bytes.Repeat([]byte{7}, 32)))(t)
	w := &world{t: t, Desk: helpdesktest.New(t, &helpdesktest.Options{Config: helpdesk.Config{Settings: s, Sealer: sealer}})}
	if o == nil {
		o = &survey.Options{}
	}
	o.Logger = slog.New(slog.NewTextHandler(&w.log, nil))
	mux := http.NewServeMux()
	mux.Handle("/a/survey/", http.StripPrefix("/a/survey", survey.Handler(w.Ratings(), o)))
	mux.Handle("/plain/", survey.Handler(w.Ratings(), o))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.base = server.URL + "/a/survey"
	w.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	w.ticket = must(w.CreateTicket(ann, ticket.Draft{Subject: `Lamp <script>alert(1)</script> & "more"`, Body: "Broken."}))(t)
	if draft.Body == "" {
		draft.Body = "A new one is on its way."
	}
	w.answer = must(w.Reply(bob, w.ticket.ID, draft))(t)
	w.link = must(w.Ratings().Survey(bob, w.answer.ID))(t)
	return w
}

// response is an answer with its page.
type response struct {
	*http.Response
	page string
}

func (w *world) do(method, to string, form url.Values, header ...string) response {
	w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := must(http.NewRequestWithContext(context.Background(), method, to, body))(w.t)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp := must(w.client.Do(r))(w.t)
	defer func() { _ = resp.Body.Close() }()
	return response{resp, string(must(io.ReadAll(resp.Body))(w.t))}
}

func (w *world) get(to string, header ...string) response {
	return w.do(http.MethodGet, to, nil, header...)
}

func (w *world) post(grade, comment string, header ...string) response {
	form := url.Values{"comment": {comment}}
	if grade != "" {
		form.Set("grade", grade)
	}
	return w.do(http.MethodPost, survey.URL(w.base, w.link, ""), form, header...)
}

func (w *world) ratings() []ticket.Rating {
	w.t.Helper()
	return must(w.Ratings().List(bob, ticket.RatingQuery{}))(w.t).Ratings
}

// elements are those of a page that have the name, each with its attributes, and what is in them as "".
func elements(t testing.TB, page, name string) (list []map[string]string) {
	t.Helper()
	root := must(html.Parse(strings.NewReader(page)))(t)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != name {
			continue
		}
		e := map[string]string{}
		for _, a := range n.Attr {
			e[a.Key] = a.Val
		}
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				e[""] += c.Data
			}
		}
		list = append(list, e)
	}
	return list
}

func chosen(t testing.TB, page string) (list []string) {
	t.Helper()
	for _, e := range elements(t, page, "input") {
		if _, checked := e["checked"]; checked {
			list = append(list, e["value"])
		}
	}
	return list
}

func TestPages(t *testing.T) {
	t.Parallel()
	t.Run("M25 GET asks, and writes nothing, however often a link is followed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
		before := len(must(w.History(bob, w.ticket.ID, ticket.EventQuery{}))(t))
		for _, grade := range []string{"", "good", "bad", "<script>", "none"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
				r := w.do(method, survey.URL(w.base, w.link, grade), nil)
				if r.StatusCode != 200 || method == http.MethodHead && r.page != "" {
					t.Fatalf("%s: %d", method, r.StatusCode)
				}
			}
		}
		if n := len(must(w.History(bob, w.ticket.ID, ticket.EventQuery{}))(t)); n != before || len(w.ratings()) > 0 {
			t.Errorf("%d new events, ratings %v", n-before, w.ratings())
		}
		page := w.get(survey.URL(w.base, w.link, "good")).page
		var grades []string
		for _, e := range elements(t, page, "input") {
			grades = append(grades, e["value"])
		}
		if !slices.Equal(grades, []string{"bad", "neutral", "good"}) || !slices.Equal(chosen(t, page), []string{"good"}) || len(elements(t, page, "textarea")) != 1 {
			t.Error(page)
		}
		if page = w.get(survey.URL(w.base, w.link, "none")).page; len(chosen(t, page)) > 0 {
			t.Error(page)
		}
	})
	t.Run("M25 POST records, and asks the browser to load the page anew, wherever it is mounted", func(t *testing.T) {
		t.Parallel()
		for _, base := range []string{"/a/survey", "/a/survey/", "/plain/", "/plain/deeper/still"} {
			w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
			at := must(url.Parse(survey.URL(strings.TrimSuffix(w.base, "/a/survey")+base, w.link, "good")))(t)
			r := w.do(http.MethodPost, at.String(), url.Values{"grade": {"good"}, "comment": {"Quick.\r\nAnd friendly."}})
			next := must(at.Parse(r.Header.Get("Location")))(t)
			if r.StatusCode != http.StatusSeeOther || next.Path != at.Path || next.RawQuery != "thanks" {
				t.Fatalf("%s: %d %s", base, r.StatusCode, next)
			}
			if all := w.ratings(); len(all) != 1 || all[0].Grade != "good" || all[0].Comment != "Quick.\nAnd friendly." || all[0].Agent != "7" || all[0].MessageID != w.answer.ID || all[0].Person.Email != "ann@example.com" {
				t.Errorf("%+v", all)
			}
			for range 2 {
				page := w.get(next.String()).page
				if h := elements(t, page, "h1"); h[0][""] != "Thank you!" || !strings.Contains(page, "Your rating: Good") || elements(t, page, "textarea")[0][""] != "Quick.\nAnd friendly." {
					t.Error(page)
				}
			}
			if n := len(w.ratings()); n != 1 {
				t.Errorf("%d ratings", n)
			}
		}
	})
	t.Run("M25 a rating is changed where that may be", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
		w.post("good", "Quick.")
		page := w.get(survey.URL(w.base, w.link, "")).page
		if !slices.Equal(chosen(t, page), []string{"good"}) || elements(t, page, "button")[0][""] != "Change" {
			t.Error(page)
		}
		if r := w.post("bad", ""); r.StatusCode != http.StatusSeeOther {
			t.Error(r.Status)
		}
		if all := w.ratings(); len(all) != 1 || all[0].Grade != "bad" || all[0].Comment != "" {
			t.Errorf("%+v", all)
		}
	})
	t.Run("M25 where it may not be, a comment comes once after the grade, and nothing more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{RatingChangeable: new(false)}, nil, ticket.ReplyDraft{})
		w.post("good", "")
		page := w.get(survey.URL(w.base, w.link, "bad")).page
		if len(elements(t, page, "input")) > 0 || len(elements(t, page, "textarea")) != 1 {
			t.Error(page)
		}
		if r := w.post("bad", "x"); r.StatusCode != http.StatusConflict || !strings.Contains(r.page, "cannot be changed") {
			t.Errorf("%d %s", r.StatusCode, r.page)
		}
		if r := w.post("", "Quick."); r.StatusCode != http.StatusSeeOther {
			t.Error(r.Status)
		}
		page = w.get(survey.URL(w.base, w.link, "bad")).page
		if len(elements(t, page, "form")) > 0 || !strings.Contains(page, "Quick.") {
			t.Error(page)
		}
		if all := w.ratings(); len(all) != 1 || all[0].Grade != "good" || all[0].Comment != "Quick." {
			t.Errorf("%+v", all)
		}
	})
	t.Run("M25 a form with a fault comes back with what was written", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
		long := strings.Repeat("é", ticket.MaxComment/2+1)
		for _, c := range []struct{ grade, comment, want string }{{"", "Hm.", "choose one of the grades"}, {"great", "Hm.", "choose one of the grades"}, {"good", long, "too long"}, {"good", "a\x00b", "could not be read"}} {
			r := w.post(c.grade, c.comment)
			if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(r.page, c.want) {
				t.Errorf("%q: %d %.900s", c.grade, r.StatusCode, r.page)
			}
			if got := elements(t, r.page, "textarea")[0][""]; len(got) < len(c.comment)-1 {
				t.Errorf("the comment is lost: %.100q", got)
			}
		}
		if r := w.do(http.MethodPost, survey.URL(w.base, w.link, ""), url.Values{"grade": {"good"}, "comment": {strings.Repeat("x", 100_000)}}); r.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("an endless form: %d", r.StatusCode)
		}
		if r := w.do(http.MethodPut, survey.URL(w.base, w.link, ""), nil); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
			t.Errorf("PUT: %d", r.StatusCode)
		}
		if len(w.ratings()) > 0 {
			t.Errorf("%+v", w.ratings())
		}
	})
}

func TestSafety(t *testing.T) {
	t.Parallel()
	t.Run("M25 what people wrote is text on the page, and the page has no script, cookie or other server", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
		w.post("good", `</textarea><script>alert(1)</script>`)
		r := w.get(survey.URL(w.base, w.link, "") + "?grade=%22%3E%3Cscript%3E")
		for _, tag := range []string{"script", "b", "img", "link", "a", "iframe"} {
			if e := elements(t, r.page, tag); len(e) > 0 {
				t.Errorf("it has <%s>: %v", tag, e)
			}
		}
		if !strings.Contains(elements(t, r.page, "main")[0][""], `Bob <b>`) || elements(t, r.page, "textarea")[0][""] != `</textarea><script>alert(1)</script>` {
			t.Error(r.page)
		}
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Set-Cookie": "", "Content-Type": "text/html; charset=utf-8", "Content-Language": "en",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		csp := r.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "style-src 'sha256-"} {
			if !strings.Contains(csp, want) {
				t.Errorf("policy %q has no %s", csp, want)
			}
		}
	})
	t.Run("M25 a form from another site records nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
		for _, site := range []string{"cross-site", "same-site", "x"} {
			if r := w.post("good", "", "Sec-Fetch-Site", site); r.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %d", site, r.StatusCode)
			}
		}
		if len(w.ratings()) > 0 {
			t.Errorf("%+v", w.ratings())
		}
		for _, site := range []string{"same-origin", "none"} {
			if r := w.post("good", site, "Sec-Fetch-Site", site, "Origin", "null"); r.StatusCode != http.StatusSeeOther {
				t.Errorf("%s: %d", site, r.StatusCode)
			}
		}
	})
	t.Run("M25 of an encrypted answer the page shows nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{Body: "Password-one.", Encrypted: true})
		r := w.get(survey.URL(w.base, w.link, ""))
		if r.StatusCode != 200 || strings.Contains(r.page, "Password") {
			t.Errorf("%d %s", r.StatusCode, r.page)
		}
		if r = w.post("bad", ""); r.StatusCode != http.StatusSeeOther || len(w.ratings()) != 1 {
			t.Errorf("%d", r.StatusCode)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		want   string
		spoil  func(w *world)
	}{
		"expired":           {403, "expired", func(w *world) { w.Clock.Advance(31 * 24 * time.Hour) }},
		"revoked":           {403, "no longer valid", func(w *world) { must(0, w.GuestLinks().Revoke(bob, w.ticket.ID))(w.t) }},
		"damaged":           {403, "incomplete", func(w *world) { w.link = w.link[:len(w.link)-1] }},
		"endless":           {403, "incomplete", func(w *world) { w.link = strings.Repeat(w.link, 50) }},
		"missing":           {403, "incomplete", func(w *world) { w.link = "" }},
		"of a deleted one":  {404, "nothing to rate", func(w *world) { must(0, w.DeleteTicket(bob, w.ticket.ID))(w.t) }},
		"of a message gone": {404, "nothing to rate", func(w *world) { must(w.DeleteMessage(bob, w.answer.ID))(w.t) }},
		"switched off": {403, "not asking", func(w *world) {
			must(0, w.Settings().Update(bob, ticket.DeskLayer, ticket.SettingsPatch{SurveyInMail: new(false)}))(w.t)
		}},
		"of a desk that is stopped": {503, "try again later", func(w *world) { must(0, w.Stop(context.Background()))(w.t) }},
	} {
		t.Run("M25 a link that is "+name+" says so, and records nothing", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ticket.SettingsPatch{}, nil, ticket.ReplyDraft{})
			link := w.link
			c.spoil(w)
			for _, r := range []response{w.get(survey.URL(w.base, w.link, "good")), w.post("good", "x")} {
				if r.StatusCode != c.status || !strings.Contains(r.page, c.want) || len(elements(t, r.page, "form")) > 0 || strings.Contains(r.page, "Lamp") {
					t.Errorf("%d %s", r.StatusCode, r.page)
				}
			}
			if c.status == 503 {
				if text := w.log.String(); !strings.Contains(text, "survey") || strings.Contains(text, link) {
					t.Errorf("the log says %q", text)
				}
			} else if len(w.ratings()) > 0 {
				t.Errorf("%+v", w.ratings())
			}
		})
	}
	t.Run("M25 an error that is not the desk's is told to the log, and to nobody else", func(t *testing.T) {
		t.Parallel()
		var log bytes.Buffer
		h := survey.Handler(failing{}, &survey.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/x", nil))
		if rec.Code != 500 || strings.Contains(rec.Body.String(), "secret") || !strings.Contains(log.String(), "secret") {
			t.Errorf("%d %s, log %s", rec.Code, rec.Body, log.String())
		}
	})
}

type failing struct{}

func (failing) Show(context.Context, string) (ticket.Survey, error) {
	return ticket.Survey{}, errors.New("the secret of the database")
}

func (failing) Rate(context.Context, string, ticket.RatingDraft) (ticket.Rating, error) {
	return ticket.Rating{}, errors.New("the secret of the database")
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	t.Run("M25 the page speaks as its query says, as the browser asks, or as the host does", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ticket.SettingsPatch{}, &survey.Options{Locale: "tr"}, ticket.ReplyDraft{})
		page := survey.URL(w.base, w.link, "")
		for _, c := range []struct{ query, accept, lang, button string }{
			{"", "", "tr", "Gönder"}, {"", "fr, es;q=0.5", "tr", "Gönder"}, {"", "de-AT", "de", "Absenden"}, {"", "fr, en;q=0.3, RU-ru;q=0.8", "ru", "Отправить"},
			{"", "en;q=0, de;q=x, ru;q=2", "tr", "Gönder"}, {"?lang=en", "de", "en", "Send"}, {"?lang=xx", "de", "de", "Absenden"}, {"", strings.Repeat(",;q=", 1000), "tr", "Gönder"},
		} {
			r := w.get(page+c.query, "Accept-Language", c.accept)
			if e := elements(t, r.page, "html")[0]; e["lang"] != c.lang || r.Header.Get("Content-Language") != c.lang || elements(t, r.page, "button")[0][""] != c.button || r.Header.Get("Vary") == "" {
				t.Errorf("%+v: %v %s", c, e["lang"], r.page)
			}
		}
		r := w.do(http.MethodPost, page+"?lang=de", url.Values{"grade": {"good"}})
		if to := r.Header.Get("Location"); to != "?thanks&lang=de" {
			t.Errorf("it goes to %s", to)
		}
	})
	t.Run("M25 grades of a host's own scale have the names that it gives them", func(t *testing.T) {
		t.Parallel()
		name := func(locale, code string) string {
			if code == "5" {
				return "★★★★★ " + locale
			}
			return ""
		}
		w := newWorld(t, ticket.SettingsPatch{RatingGrades: &[]string{"1", "5"}}, &survey.Options{Grade: name}, ticket.ReplyDraft{})
		var labels []string
		for _, e := range elements(t, w.get(survey.URL(w.base, w.link, "")).page, "label") {
			labels = append(labels, strings.TrimSpace(e[""]))
		}
		if !slices.Equal(labels[:2], []string{"1", "★★★★★ en"}) {
			t.Errorf("%q", labels)
		}
	})
}
