package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// File is everything that rules are made of, to be kept beside a program's source, or brought to another desk. Its entries
// have no versions.
type File struct {
	Calendars []calendar.Calendar `json:"calendars,omitempty"`
	Policies  []sla.Policy        `json:"policies,omitempty"`
	Rules     []Rule              `json:"rules,omitempty"`
	Macros    []Macro             `json:"macros,omitempty"`
	AutoClose []AutoClose         `json:"auto_close,omitempty"`
	Recurring []Recurring         `json:"recurring,omitempty"`

	// LookBack has an import take Since of each entry as the file has it; otherwise it is when the entry comes. An Export does
	// not set it.
	LookBack bool `json:"look_back,omitempty"`
}

// MaxFile is the longest file that is read, in bytes.
const MaxFile = 4 << 20

// ParseFile reads a file in YAML, of which JSON is a part. Names that a file does not have are refused, and so are anchors and
// aliases: a short file could stand for a very long one. It may have lists and mappings in each other 100 deep, 1,000 names in
// one mapping, and 400,000 names, values and signs. Errors: ticket.ErrInvalid, with the place.
func ParseFile(b []byte) (f File, err error) {
	if len(b) > MaxFile {
		return f, failed("read a file", ticket.Invalid("", ticket.FaultTooLarge, "is longer than %d bytes", MaxFile))
	}
	body, err := readYAML(b)
	if err == nil {
		err = unasked(body)
	}
	if err != nil {
		return f, misread(err)
	}
	var doc bytes.Buffer
	if err := toJSON(&doc, body); err != nil {
		return f, misread(err)
	}
	d := json.NewDecoder(&doc)
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		if m := fits(body, reflect.TypeFor[File](), ""); m != nil { // JSON knows no place
			err = m
		}
		return File{}, misread(err)
	}
	return f, nil
}

// misread is what a file is refused with that cannot be read: with the place, where it is known.
func misread(err error) error {
	const form = "line %d, column %d: %s"
	var at yaml.Error
	var m *misfit
	switch {
	case errors.As(err, &m):
		err = ticket.Invalid("", ticket.FaultMalformed, form, m.at.Position.Line, m.at.Position.Column, m.Error())
	case errors.As(err, &at) && at.GetToken() != nil:
		p := at.GetToken().Position
		err = ticket.Invalid("", ticket.FaultMalformed, form, p.Line, p.Column, at.GetMessage()+unquoted(at.GetMessage()))
	default:
		err = ticket.Invalid("", ticket.FaultMalformed, "%v", err)
	}
	return failed("read a file", err)
}

// unquoted says what to do where a text begins with quotes that do not hold all of it, as conditions often do.
func unquoted(message string) string {
	if !strings.Contains(message, "not allowed in this context") {
		return ""
	}
	return `: put the whole of it in single quotes, as in when: '"vip" in ticket.tags'`
}

// YAML writes the file as ParseFile reads it: the same to the byte. It is one that ParseFile takes, if it is not beyond its
// bounds.
func (f File) YAML() ([]byte, error) {
	b, err := json.Marshal(f)
	if err == nil {
		b, err = toYAML(b)
	}
	return b, failed("write a file", err)
}

// section is one list of a file, and the verbs for its entries.
type section struct {
	read   func(ctx context.Context, f *File) error
	write  func(ctx context.Context, f *File) error // all of the file's
	others func(ctx context.Context, is, want *File) error
}

// list makes a section of the verbs for one kind of entry, of that name in the file.
func list[T any](name string, of func(*File) *[]T, head func(*T) (code string, version *int64), all func(context.Context) ([]T, error), save func(context.Context, T) (T, error), remove func(context.Context, string) error) section {
	return section{
		read: func(ctx context.Context, f *File) (err error) {
			to := of(f)
			*to, err = all(ctx)
			for i := range *to {
				_, version := head(&(*to)[i])
				*version = 0
			}
			return err
		},
		write: func(ctx context.Context, f *File) error {
			var faults ticket.ValidationError
			first := map[string]int{}
			for i, v := range *of(f) {
				code, version := head(&v)
				*version = AnyVersion
				if before, twice := first[code]; twice {
					faults.Add(fmt.Sprintf("%s[%d].code", name, i), ticket.FaultConflicting, "%q is that of %s[%d], too: one of them would be lost", code, name, before)
					continue
				}
				first[code] = i
				_, err := save(ctx, v)
				if err := within(&faults, err, fmt.Sprintf("%s[%d]", name, i), code); err != nil {
					return err
				}
			}
			return faults.Err()
		},
		others: func(ctx context.Context, is, want *File) error {
			code := func(v T) string { c, _ := head(&v); return c }
			for _, v := range *of(is) {
				if len(*of(want)) == 0 || slices.ContainsFunc(*of(want), func(w T) bool { return code(w) == code(v) }) {
					continue
				}
				if err := remove(ctx, code(v)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// within gathers what is wrong with an entry of a file, under its place and its code. Any other error is returned.
func within(all *ticket.ValidationError, err error, place, code string) error {
	var faults *ticket.ValidationError
	if !errors.As(err, &faults) {
		return err
	}
	for _, f := range faults.Fields {
		f.Field = strings.TrimSuffix(place+"."+f.Field, ".")
		f.Message += fmt.Sprintf(" (in %q)", code)
		all.Fields = append(all.Fields, f)
	}
	return nil
}

// sections are those of a file, each after what it names.
func (r *Rules) sections() []section {
	return []section{
		list("calendars", func(f *File) *[]calendar.Calendar { return &f.Calendars }, func(v *calendar.Calendar) (string, *int64) { return v.Code, &v.Version }, r.Calendars().List, r.Calendars().Save, r.Calendars().Delete),
		list("policies", func(f *File) *[]sla.Policy { return &f.Policies }, func(v *sla.Policy) (string, *int64) { return v.Code, &v.Version }, r.Policies().List, r.Policies().Save, r.Policies().Delete),
		list("rules", func(f *File) *[]Rule { return &f.Rules }, func(v *Rule) (string, *int64) { return v.Code, &v.Version }, r.List,
			r.save, r.Delete),
		list("macros", func(f *File) *[]Macro { return &f.Macros }, func(v *Macro) (string, *int64) { return v.Code, &v.Version }, r.Macros().List, r.Macros().Save, r.Macros().Delete),
		list("auto_close", func(f *File) *[]AutoClose { return &f.AutoClose }, func(v *AutoClose) (string, *int64) { return v.Code, &v.Version }, r.AutoCloses().List, r.AutoCloses().Save, r.AutoCloses().Delete),
		list("recurring", func(f *File) *[]Recurring { return &f.Recurring }, func(v *Recurring) (string, *int64) { return v.Code, &v.Version }, r.RecurringTickets().List, r.RecurringTickets().Save, r.RecurringTickets().Delete),
	}
}

// Export returns everything that stands in the store. Errors: ticket.ErrNoActor; ticket.ErrForbidden for who may not
// configure the desk.
func (r *Rules) Export(ctx context.Context) (f File, err error) {
	err = r.reading(ctx, func(ctx context.Context, _ store.Reader) error {
		f = File{}
		for _, p := range r.sections() {
			if err := p.read(ctx, &f); err != nil {
				return err
			}
		}
		return nil
	})
	return f, failed("export", err)
}

// Import saves what a file has, in place of entries of the same codes: all of it or nothing. With replace, entries of the
// kinds that it has, but not of its codes, are deleted. What is new here, or was inactive, is active from now on, or later if
// its Since says so, and what is active already keeps its Since, unless the file says LookBack. It returns the warnings that
// there are then. Errors: as those of Save of each; what is wrong is said of all entries at once.
func (r *Rules) Import(ctx context.Context, f File, replace bool) (warnings []Warning, err error) {
	warnings, err = r.take(ctx, f, replace)
	return warnings, failed("import", err)
}

func (r *Rules) take(ctx context.Context, f File, replace bool) (warnings []Warning, err error) {
	var back []Warning
	err = r.configuring(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		var here File
		if here, back, err = r.beginHere(ctx, tx, f); err != nil {
			return err
		}
		sections := r.sections()
		var faults ticket.ValidationError
		for _, p := range sections {
			err := p.write(ctx, &here)
			var more *ticket.ValidationError
			switch {
			case errors.As(err, &more):
				faults.Fields = append(faults.Fields, more.Fields...)
			case err != nil:
				return err
			}
		}
		if err := faults.Err(); err != nil {
			return err
		}
		if !replace {
			return nil
		}
		is, err := r.Export(ctx)
		for _, p := range slices.Backward(sections) { // what names others goes before them
			if err == nil {
				err = p.others(ctx, &is, &f)
			}
		}
		return err
	})
	if err == nil {
		warnings, err = r.Warnings(ctx)
		warnings = append(back, warnings...)
	}
	return warnings, err
}
