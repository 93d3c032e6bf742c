package template

import (
	"cmp"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Options are what a set is made of besides the templates that are built in.
type Options struct {
	// FS are templates of the host's own; earlier ones win over later ones. Files are <locale>/<kind>.subject, .text and
	// .html, layout.text and layout.html likewise, and <locale>/words with what the layout says; the same below
	// brand/<brand>, and without a locale for all. Other files are not looked at.
	FS []fs.FS
}

// Set is all templates. It does not change, and is safe for concurrent use.
type Set struct {
	names   names
	blocks  *htmltemplate.Template
	words   map[place]words
	locales []map[place]string // how hosts write those that there are: in files, and in the store
	shelves []shelf            // the files: those of the host first, the built-in ones last
	stored  shelf
	zones   *sync.Map // of time, by name: reading one takes longer than a letter does
}

// New reads all templates and checks them. The error names each file in which something is wrong, with line and column.
func New(o Options) (*Set, error) {
	blocks, err := htmltemplate.New("blocks").Parse(blockSource)
	if err != nil {
		return nil, fmt.Errorf("parse the blocks of templates: %w", err)
	}
	s := &Set{names: newNames(), blocks: blocks, words: map[place]words{}, locales: []map[place]string{{}, {}}, stored: shelf{}, zones: &sync.Map{}}
	own, err := fs.Sub(builtin, "builtin")
	if err != nil {
		return nil, fmt.Errorf("open the built-in templates: %w", err)
	}
	var errs []error
	for _, from := range slices.Backward(append(slices.Clone(o.FS), own)) { // the last first: words lie over each other
		read, err := s.readShelf(from)
		errs = append(errs, err)
		s.shelves = slices.Insert(s.shelves, 0, read)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read templates:\n%w", err)
	}
	return s, nil
}

// With returns the set with stored templates over its own, in the place of those that it had stored. Fields are the
// catalogue's; a variable of a field that has gone says nothing.
//
// The set is good also where there is an error: it lacks the templates that the error names, which were changed without
// Check.
func (s *Set) With(stored []Stored, fields []ticket.Field) (*Set, error) {
	out := *s
	out.stored, out.locales = shelf{}, []map[place]string{s.locales[0], {}}
	var errs []error
	for _, t := range stored {
		p := place{t.Brand, canonical(t.Locale)}
		c, err := s.candidate(t, append(slices.Clone(fields), gone(t.Source, s.names, fields)...))
		if err != nil {
			errs = append(errs, fmt.Errorf("template %s for brand %q and locale %q: %w", t.Kind, t.Brand, t.Locale, err))
			continue
		}
		*out.stored.at(t.Kind, p) = *c
		if t.Source != (Source{}) && t.Locale != "" {
			out.locales[1][p] = t.Locale
		}
	}
	return &out, errors.Join(errs...)
}

// Check says what is wrong with a template before it is stored: of which part, with line and column, and what may have
// been meant. Errors: *ticket.ValidationError.
func (s *Set) Check(t Stored, fields []ticket.Field) error {
	_, err := s.candidate(t, fields)
	return err
}

// candidate compiles a stored template.
func (s *Set) candidate(t Stored, fields []ticket.Field) (*candidate, error) {
	var e ticket.ValidationError
	if !t.Kind.Valid() {
		e.Add("kind", ticket.FaultUnknown, "%q is no template: did you mean %q?", t.Kind, nearest.Of(string(t.Kind), kindNames()))
		return nil, e.Err()
	}
	if strings.ContainsFunc(t.Locale, func(r rune) bool { return !strings.ContainsRune(localeLetters, r) }) || len(t.Locale) > 35 {
		e.Add("locale", ticket.FaultMalformed, "%q is no locale: it is one as en or de-AT (BCP 47)", t.Locale)
	}
	if fields == nil {
		fields = []ticket.Field{}
	}
	c := &candidate{disabled: t.Disabled}
	for _, p := range []struct {
		name, source string
		into         **part
	}{{"subject", t.Subject, &c.subject}, {"text", t.Text, &c.text}, {"html", t.HTML, &c.html}} {
		if p.source == "" {
			continue
		}
		compiled, problems := s.compile(string(t.Kind)+"."+p.name, p.source, t.Kind, p.name == "html", fields)
		for _, problem := range problems {
			e.Add(p.name, problem.fault, "%s", problem)
		}
		*p.into = compiled
	}
	return c, e.Err()
}

const localeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// compile parses and checks a part, and executes it once with facts that are made up.
func (s *Set) compile(file, source string, k Kind, html bool, fields []ticket.Field) (*part, []problem) {
	of := k
	if k == layout {
		of = CustomerMessage
	}
	p, problems := compile(file, source, scope{names: s.names, fields: fields, layout: k == layout, html: html, sample: func(p *part) error {
		_, err := p.execute(s.view(Sample(of), of, "", "en"))
		return err
	}})
	if k != layout || len(problems) > 0 {
		return p, problems
	}
	for _, name := range []string{"content", "marker", "hidden_code"} {
		if _, ok := p.refs[name]; !ok {
			problems = append(problems, problem{1, 1, ticket.FaultRequired, "a layout needs {{." + name + "}}, or what letters say is lost, or answers do not find their tickets: add it"})
		}
	}
	return p, problems
}

// gone are fields that a source still names and the catalogue does not have any more.
func gone(src Source, n names, fields []ticket.Field) []ticket.Field {
	var out []ticket.Field
	for _, source := range []string{src.Subject, src.Text, src.HTML} {
		tree, p := parseSource(source)
		if p != nil {
			continue
		}
		c := &checker{source: source, scope: scope{names: n}, refs: map[string]entry{}, uses: map[string]bool{}}
		c.check(tree)
		for name := range c.refs {
			if _, ok := n.find(name, slices.Concat(fields, []ticket.Field{{}}), true); !ok {
				out = append(out, ticket.Field{Code: strings.TrimPrefix(name, "f_")})
			}
		}
	}
	return out
}

// Locale returns the language of a letter: the first of those wanted in which there is anything at the brand, as
// written there; "de-AT" may be served by "de". Where there is none it is "en".
func (s *Set) Locale(brand string, wanted ...string) string {
	for _, w := range wanted {
		w = canonical(w)
		for _, p := range []place{{brand, w}, {"", w}, {brand, language(w)}, {"", language(w)}} {
			if name := cmp.Or(s.locales[1][p], s.locales[0][p]); name != "" && p.locale != "" {
				return name
			}
		}
	}
	return "en"
}

// places are where a template is looked for, the most particular first.
func places(brand, locale string) []place {
	locale = canonical(locale)
	lang := language(locale)
	list := []place{{brand, locale}, {brand, lang}, {"", locale}, {"", lang}, {brand, ""}, {"", ""}}
	out := list[:0]
	for _, p := range list {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// wordsOf are what a layout says at a place.
func (s *Set) wordsOf(brand, locale string) words {
	for _, p := range append(places(brand, locale), place{"", "en"}) {
		if w, ok := s.words[p]; ok {
			return w
		}
	}
	return nil
}

// Disabled reports whether letters of a kind are not sent: the most particular stored template says so.
func (s *Set) Disabled(k Kind, brand, locale string) bool {
	for _, p := range places(brand, locale) {
		if c := s.stored[k][p]; c != nil {
			return c.disabled
		}
	}
	return false
}

// zone returns a time zone; UTC for one that is not known.
func (s *Set) zone(name string) *time.Location {
	if z, ok := s.zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	s.zones.Store(name, z)
	return z
}

// Markers are the lines "reply above this line" of the built-in templates, in every language. The gateway finds them
// without being told; those of a host's own words are for its option Markers.
func Markers() []string {
	var out []string
	files, err := fs.Glob(builtin, "builtin/*/words")
	if err != nil {
		return nil
	}
	for _, f := range files {
		source, err := fs.ReadFile(builtin, f)
		if err != nil {
			continue
		}
		if w, err := parseWords(f, string(source), nil); err == nil {
			out = append(out, w["marker"])
		}
	}
	return out
}
