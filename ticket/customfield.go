package ticket

import (
	"maps"
	"slices"
)

// FieldType says what a custom field holds.
type FieldType string

// The types of custom fields (M48). What is stored is always text.
const (
	FieldText     FieldType = "text"      // one line
	FieldArea     FieldType = "multiline" // several lines
	FieldNumber   FieldType = "number"    // decimal, as in -12.5
	FieldDate     FieldType = "date"      // 2026-11-21
	FieldCheckbox FieldType = "checkbox"  // "1", or empty
	FieldSelect   FieldType = "select"    // the value of one option
	FieldMulti    FieldType = "multi"     // the values of several options, one a line
)

// Option is a choice of a select field.
type Option struct {
	Value  string `json:"value"`
	Name   string `json:"name"`
	Labels Label  `json:"labels,omitempty"`
}

// FieldCondition makes a field matter only where another field has one of Values; without Values, any.
type FieldCondition struct {
	Field  string   `json:"field"`
	Values []string `json:"values,omitempty"`
}

// Field is an entry of the catalogue: a custom field of tickets. Code is immutable.
//
// A value can be given where the field is active and for the ticket's brand and department, and is refused elsewhere,
// but left out of what customers and mails bring; a value that a ticket has stays with it when the ticket moves or the
// field changes, unseen by the forms there. When says where a field is asked for, and refuses nothing.
type Field struct {
	Code         string    `json:"code"`
	Name         string    `json:"name"`
	Labels       Label     `json:"labels,omitempty"`
	Description  string    `json:"description,omitempty"`
	Descriptions Label     `json:"descriptions,omitempty"`
	Type         FieldType `json:"type"`
	Options      []Option  `json:"options,omitempty"` // of select and multi
	Inactive     bool      `json:"inactive,omitempty"`
	Brands       []string  `json:"brands,omitempty"`      // empty means all
	Departments  []string  `json:"departments,omitempty"` // empty means all

	Visible          bool            `json:"visible,omitempty"`  // customers see it
	Editable         bool            `json:"editable,omitempty"` // customers may fill it in
	OnForm           bool            `json:"on_form,omitempty"`  // stands on contact forms
	Required         bool            `json:"required,omitempty"` // customers must fill it in
	RequiredForStaff bool            `json:"required_for_staff,omitempty"`
	RequiredToSolve  bool            `json:"required_to_solve,omitempty"` // staff who solve or close must have filled it in (X28)
	When             *FieldCondition `json:"when,omitempty"`
	Sort             int             `json:"sort,omitempty"`
}

// Clone returns a deep copy.
func (f Field) Clone() Field {
	f.Labels, f.Descriptions = maps.Clone(f.Labels), maps.Clone(f.Descriptions)
	f.Brands, f.Departments, f.Options = slices.Clone(f.Brands), slices.Clone(f.Departments), slices.Clone(f.Options)
	for i := range f.Options {
		f.Options[i].Labels = maps.Clone(f.Options[i].Labels)
	}
	if f.When != nil {
		f.When = &FieldCondition{Field: f.When.Field, Values: slices.Clone(f.When.Values)}
	}
	return f
}
