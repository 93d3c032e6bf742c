package template

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/nearest"
)

//go:embed builtin
var builtin embed.FS

// layout is the kind of what stands around every letter.
const layout Kind = "layout"

// place is where a template counts: at a brand or at all, in a locale or in all.
type place struct{ brand, locale string }

// candidate is a template with the parts that it has.
type candidate struct {
	subject, text, html *part
	disabled            bool
}

// shelf is what one source of templates has: a file system, or the store.
type shelf map[Kind]map[place]*candidate

func (s shelf) at(k Kind, p place) *candidate {
	if s[k] == nil {
		s[k] = map[place]*candidate{}
	}
	c := s[k][p]
	if c == nil {
		c = &candidate{}
		s[k][p] = c
	}
	return c
}

// placeOf reads the directory of a file: <locale>, brand/<brand>, brand/<brand>/<locale>, or the root, which is for all.
func placeOf(dir string) (place, error) {
	if dir == "." {
		return place{}, nil
	}
	parts := strings.Split(dir, "/")
	switch {
	case parts[0] != "brand" && len(parts) == 1:
		return place{locale: canonical(parts[0])}, nil
	case parts[0] == "brand" && len(parts) == 2:
		return place{brand: parts[1]}, nil
	case parts[0] == "brand" && len(parts) == 3:
		return place{brand: parts[1], locale: canonical(parts[2])}, nil
	}
	return place{}, fmt.Errorf("%s: is no directory of templates: use <locale>, brand/<brand>, or brand/<brand>/<locale>", dir)
}

// canonical is a locale as it is looked up.
func canonical(locale string) string { return strings.ToLower(strings.ReplaceAll(locale, "_", "-")) }

// reader reads the files of one file system into a set.
type reader struct {
	set  *Set
	from fs.FS
	into shelf
	errs []error
}

// readShelf reads and checks every template of a file system.
func (s *Set) readShelf(from fs.FS) (shelf, error) {
	r := reader{set: s, from: from, into: shelf{}}
	err := fs.WalkDir(from, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			r.file(file)
		}
		return nil
	})
	return r.into, errors.Join(append(r.errs, err)...)
}

func (r *reader) file(file string) {
	name, ending := path.Base(file), path.Ext(file)
	switch {
	case name == "words":
		r.words(file)
	case ending == ".subject" || ending == ".text" || ending == ".html":
		r.part(file, Kind(strings.TrimSuffix(name, ending)), ending)
	}
}

func (r *reader) fail(err error) { r.errs = append(r.errs, err) }

func (r *reader) part(file string, k Kind, ending string) {
	if !k.Valid() && (k != layout || ending == ".subject") {
		r.fail(fmt.Errorf("%s: %q is no template: did you mean %q?", file, k, nearest.Of(string(k), kindNames(layout))))
		return
	}
	p, err := placeOf(path.Dir(file))
	if err != nil {
		r.fail(err)
		return
	}
	source, err := fs.ReadFile(r.from, file)
	if err != nil {
		r.fail(err)
		return
	}
	compiled, problems := r.set.compile(file, string(source), k, ending == ".html", nil)
	for _, problem := range problems {
		r.fail(fmt.Errorf("%s:%d:%d: %s", file, problem.line, problem.column, problem.text))
	}
	c := r.into.at(k, p)
	switch ending {
	case ".subject":
		c.subject = compiled
	case ".text":
		c.text = compiled
	case ".html":
		c.html = compiled
	}
	if p.locale != "" {
		r.set.locales[0][p] = path.Base(path.Dir(file))
	}
}

// words reads a file of words over those that are known for its place.
func (r *reader) words(file string) {
	p, err := placeOf(path.Dir(file))
	if err != nil || p.locale == "" {
		r.fail(errors.Join(err, fmt.Errorf("%s: words stand in the directory of a locale", file)))
		return
	}
	source, err := fs.ReadFile(r.from, file)
	if err != nil {
		r.fail(err)
		return
	}
	w, err := parseWords(file, string(source), r.set.wordsOf(p.brand, p.locale))
	if err != nil {
		r.fail(err)
		return
	}
	r.set.words[p] = w
	r.set.locales[0][p] = path.Base(path.Dir(file))
}

// kindNames are those of templates, and more.
func kindNames(more ...Kind) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, k := range append(Kinds(), more...) {
			if !yield(string(k)) {
				return
			}
		}
	}
}
