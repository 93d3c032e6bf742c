package survey

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Desk is what the pages need of a desk; helpdesk.Ratings has it.
type Desk interface {
	Show(ctx context.Context, text string) (ticket.Survey, error)
	Rate(ctx context.Context, text string, draft ticket.RatingDraft) (ticket.Rating, error)
}

// Options tune the pages. The zero Options work, and so does nil.
type Options struct {
	// Locale is the language for browsers that ask for none of the four: "en" (the default), "de", "tr" or "ru". A query with
	// "lang" asks for one whatever the browser says.
	Locale string
	// Grade names a grade of the host's own scale for people. What it has no name for, it returns as "": then it is the
	// code. The grades that a new desk has are named in each language. Default: codes.
	Grade func(locale, code string) string
	// Logger is told of requests that the desk could not answer. Default: nobody is.
	Logger *slog.Logger
}

// URL is where the page of a link is, below base, where the handler is mounted. With a grade the page has it chosen already;
// it still takes a click.
func URL(base, link, grade string) string {
	u := strings.TrimSuffix(base, "/") + "/" + url.PathEscape(link)
	if grade != "" {
		u += "?grade=" + url.QueryEscape(grade)
	}
	return u
}

const (
	maxLink = 200      // bytes; links have 76
	maxForm = 64 << 10 // bytes
)

type handler struct {
	desk Desk
	opts Options
}

// Handler returns the pages. It may be mounted anywhere: the last segment of a path is the link.
//
// Errors have the status of ticket.HTTPStatus and a page that says what to do: 403 for links that do not open any more, 404
// where ticket or message is deleted, 409 for a rating that may not be changed, 422 for a wrong grade or too long a comment.
func Handler(d Desk, o *Options) http.Handler {
	h := &handler{desk: d}
	if o != nil {
		h.opts = *o
	}
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &view{text: texts(h.locale(r)), grade: h.opts.Grade}
	secure(w.Header(), v.Lang())
	link := path.Base(r.URL.Path)
	if len(link) > maxLink {
		link = ""
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.show(w, r, v, link)
	case http.MethodPost:
		h.rate(w, r, v, link)
	default:
		v.Fault = v.text.method
		w.Header().Set("Allow", "GET, HEAD, POST")
		h.answer(w, r, v, http.StatusMethodNotAllowed)
	}
}

// secure keeps the page from whatever it does not need: scripts, frames, other servers, caches and search engines. The link
// stands in its address, so that is told to nobody.
func secure(head http.Header, lang string) {
	head.Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash+"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	head.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Language", lang)
	head.Set("Vary", "Accept-Language")
}

func (h *handler) show(w http.ResponseWriter, r *http.Request, v *view, link string) {
	s, err := h.desk.Show(r.Context(), link)
	if err != nil {
		h.refuse(w, r, v, err)
		return
	}
	v.ask(s, r.URL.Query().Get("grade"))
	v.Thanks = v.Rated && r.URL.Query().Has("thanks")
	h.answer(w, r, v, http.StatusOK)
}

// rate records what the form says, and has the browser ask for the page again, so that it can be loaded anew.
func (h *handler) rate(w http.ResponseWriter, r *http.Request, v *view, link string) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		v.Fault = v.text.elsewhere
		h.answer(w, r, v, http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		v.Fault = v.text.malformed
		status := http.StatusBadRequest
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			status = http.StatusRequestEntityTooLarge
		}
		h.answer(w, r, v, status)
		return
	}
	draft := ticket.RatingDraft{Grade: r.PostForm.Get("grade")}
	if r.PostForm.Has("comment") {
		draft.Comment = new(strings.ReplaceAll(r.PostForm.Get("comment"), "\r\n", "\n"))
	}
	if _, err := h.desk.Rate(r.Context(), link, draft); err != nil {
		h.again(w, r, v, link, draft, err)
		return
	}
	to := "?thanks" // relative to wherever this is mounted
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to += "&lang=" + url.QueryEscape(lang)
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// again shows the form with what is wrong about it, and with what was written.
func (h *handler) again(w http.ResponseWriter, r *http.Request, v *view, link string, draft ticket.RatingDraft, err error) {
	if !errors.Is(err, ticket.ErrInvalid) && !errors.Is(err, ticket.ErrExists) {
		h.refuse(w, r, v, err)
		return
	}
	s, failed := h.desk.Show(r.Context(), link)
	if failed != nil {
		h.refuse(w, r, v, failed)
		return
	}
	v.ask(s, draft.Grade)
	if draft.Comment != nil && v.Asks() {
		v.Comment = *draft.Comment
	}
	v.Fault = v.text.fault(err)
	h.answer(w, r, v, ticket.HTTPStatus(err))
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, v *view, err error) {
	status := ticket.HTTPStatus(err)
	if status >= http.StatusInternalServerError && h.opts.Logger != nil && r.Context().Err() == nil {
		h.opts.Logger.ErrorContext(r.Context(), "helpdesk: survey: a request failed", "error", err) // not its path: the link is a right
	}
	v.Fault = v.text.fault(err)
	h.answer(w, r, v, status)
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request, v *view, status int) {
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		if h.opts.Logger != nil {
			h.opts.Logger.ErrorContext(r.Context(), "helpdesk: survey: the page cannot be made", "error", err)
		}
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// view is what a page shows.
type view struct {
	text  *text
	grade func(locale, code string) string

	Survey  ticket.Survey
	Grades  []choice // empty where none is taken
	Chosen  string   // the name of the grade that was given
	Comment string
	Rated   bool // there is a rating
	Writes  bool // a comment is taken
	Thanks  bool
	Fault   string
}

type choice struct {
	Code, Name string
	Chosen     bool
}

// ask fills the view with what a survey asks.
func (v *view) ask(s ticket.Survey, chosen string) {
	v.Survey, v.Writes = s, s.Changeable
	if s.Rating != nil {
		v.Rated, v.Chosen, v.Comment = true, v.name(s.Rating.Grade), s.Rating.Comment
		v.Writes = s.Changeable || s.Rating.Comment == "" // a comment may come after the grade
		if !slices.Contains(s.Grades, chosen) {
			chosen = s.Rating.Grade
		}
	}
	if !s.Changeable {
		return
	}
	for _, code := range s.Grades {
		v.Grades = append(v.Grades, choice{code, v.name(code), code == chosen})
	}
}

func (v *view) name(code string) string {
	if v.grade != nil {
		if name := v.grade(v.text.lang, code); name != "" {
			return name
		}
	}
	if name := v.text.grades[code]; name != "" {
		return name
	}
	return code
}

// Asks reports whether there is a form.
func (v *view) Asks() bool { return len(v.Grades) > 0 || v.Writes }

// Lang is the language of the page (BCP 47).
func (v *view) Lang() string { return v.text.lang }
