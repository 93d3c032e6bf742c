package ticket

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Valid reports whether t is a type of the desk's.
func (t FieldType) Valid() bool {
	switch t {
	case FieldText, FieldArea, FieldNumber, FieldDate, FieldCheckbox, FieldSelect, FieldMulti:
		return true
	}
	return false
}

// HasOptions reports whether fields of the type choose among options.
func (t FieldType) HasOptions() bool { return t == FieldSelect || t == FieldMulti }

// ParseOptions reads options as a settings page writes them: one a line, "value | name". A line without a bar is both.
// Empty lines are left out.
func ParseOptions(text string) []Option {
	var out []Option
	for line := range strings.Lines(text) {
		value, name, both := strings.Cut(line, "|")
		value, name = strings.TrimSpace(value), strings.TrimSpace(name)
		if !both || name == "" {
			name = value
		}
		if value != "" {
			out = append(out, Option{Value: value, Name: name})
		}
	}
	return out
}

// Option returns the option with the value.
func (f Field) Option(value string) (Option, bool) {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == value })
	if i < 0 {
		return Option{}, false
	}
	return f.Options[i], true
}

// Serves reports whether the field is there for a place.
func (f Field) Serves(brand, department string) bool {
	return !f.Inactive && (len(f.Brands) == 0 || slices.Contains(f.Brands, brand)) && (len(f.Departments) == 0 || slices.Contains(f.Departments, department))
}

// Matters reports whether the field's condition holds for these values.
func (f Field) Matters(values map[string]string) bool {
	if f.When == nil {
		return true
	}
	lines := linesOf(values[f.When.Field])
	if len(f.When.Values) == 0 {
		return len(lines) > 0
	}
	return slices.ContainsFunc(lines, func(v string) bool { return slices.Contains(f.When.Values, v) })
}

// Wants reports whether the field is for the ticket's place, matters there, and is empty.
func (f Field) Wants(t *Ticket) bool {
	return f.Serves(t.Brand, t.Department) && f.Matters(t.Fields) && t.Fields[f.Code] == ""
}

// Text is a value as people read it: the names of options in the locale, all else as it is. Several are joined by
// commas. A checkbox is "1" or empty.
func (f Field) Text(value, brand, locale string) string {
	if !f.Type.HasOptions() {
		return value
	}
	lines := linesOf(value)
	for i, v := range lines {
		if o, ok := f.Option(v); ok {
			lines[i] = o.Labels.In(brand, locale, o.Name)
		}
	}
	return strings.Join(lines, ", ")
}

// Normal returns a value as it is stored, so that equal values are equal texts, or what is wrong with it, and nil where
// nothing is. The empty value is always right.
func (f Field) Normal(value string) (normal string, wrong *FieldError) {
	if strings.TrimSpace(value) == "" {
		return "", nil
	}
	switch f.Type {
	case FieldNumber:
		return f.normalNumber(strings.TrimSpace(value))
	case FieldDate:
		day, err := time.Parse(time.DateOnly, strings.TrimSpace(value))
		if err != nil {
			return "", f.wrong(FaultMalformed, "%q is no date: write it as 2026-11-21", clip(value, 40))
		}
		return day.Format(time.DateOnly), nil
	case FieldCheckbox:
		return f.normalCheck(value)
	case FieldSelect:
		v := strings.TrimSpace(value)
		if _, ok := f.Option(v); !ok {
			return "", f.wrong(FaultUnknown, "%q is no option: use one of %s", clip(v, 40), f.values())
		}
		return v, nil
	case FieldMulti:
		return f.normalMulti(value)
	case FieldText:
		if strings.ContainsAny(strings.TrimSpace(value), "\r\n") {
			return "", f.wrong(FaultMalformed, "holds a line break: remove it")
		}
		return strings.TrimSpace(value), nil
	}
	return value, nil
}

func (f Field) wrong(fault Fault, format string, args ...any) *FieldError {
	return &FieldError{Field: "fields." + f.Code, Fault: fault, Message: fmt.Sprintf(format, args...)}
}

// normalNumber writes a decimal number without what says nothing: a plus, zeros at either end.
func (f Field) normalNumber(s string) (normal string, wrong *FieldError) {
	digits, minus := strings.CutPrefix(s, "-")
	if !minus {
		digits = strings.TrimPrefix(s, "+")
	}
	whole, frac, point := strings.Cut(digits, ".")
	if whole == "" || strings.Trim(whole+frac, "0123456789") != "" || (point && frac == "") {
		return "", f.wrong(FaultMalformed, "%q is no number: write it as -12.5", clip(s, 40))
	}
	if len(digits) > 30 {
		return "", f.wrong(FaultTooLong, "has more than 30 digits: round it")
	}
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	if whole == "" {
		whole = "0"
	}
	if frac != "" {
		whole += "." + frac
	}
	if minus && whole != "0" {
		whole = "-" + whole
	}
	return whole, nil
}

func (f Field) normalCheck(s string) (normal string, wrong *FieldError) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "on", "yes":
		return "1", nil
	case "0", "false", "off", "no":
		return "", nil
	}
	return "", f.wrong(FaultMalformed, "%q is no checkbox's value: use 1 or 0", clip(s, 40))
}

// normalMulti puts the chosen values into the order of the options.
func (f Field) normalMulti(value string) (normal string, wrong *FieldError) {
	chosen := linesOf(value)
	for _, v := range chosen {
		if _, ok := f.Option(v); !ok {
			return "", f.wrong(FaultUnknown, "%q is no option: use some of %s", clip(v, 40), f.values())
		}
	}
	var out []string
	for _, o := range f.Options {
		if slices.Contains(chosen, o.Value) {
			out = append(out, o.Value)
		}
	}
	return strings.Join(out, "\n"), nil
}

func (f Field) values() string {
	out := make([]string, len(f.Options))
	for i, o := range f.Options {
		out[i] = o.Value
	}
	return strings.Join(out, ", ")
}

func linesOf(value string) []string {
	var out []string
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// clip shortens what a message quotes.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
