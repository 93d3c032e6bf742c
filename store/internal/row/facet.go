package row

import (
	"maps"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// The kinds of facets.
const (
	FacetTag         = iota + 1
	FacetParticipant // the address, normal
	FacetWatcher
	FacetRelated
	FacetField // one of the keys of a custom field
)

// Facet is one of the things of which a ticket has several.
type Facet struct {
	Kind  int
	Value string
}

// OfRelated joins kind and id of what a ticket is about so that no two pairs look alike.
func OfRelated(r ticket.Ref) Facet {
	return Facet{FacetRelated, strconv.Itoa(len(r.Kind)) + ":" + r.Kind + r.ID}
}

// OfField joins a field's code and one of its keys so that no two pairs look alike.
func OfField(code string, k ticket.FieldKey) Facet {
	return Facet{FacetField, strconv.Itoa(len(code)) + ":" + code + string(k)}
}

// Field is what a custom field is sorted by: the key of the first line of its value.
type Field struct {
	Code string
	Key  ticket.FieldKey
}

// addFields adds what of the custom fields can be found, and sorted by.
func (r *Row) addFields(fields map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		keys := ticket.KeysOf(fields[code])
		for _, k := range keys {
			r.Facets = append(r.Facets, OfField(code, k))
		}
		if len(keys) > 0 {
			r.Fields = append(r.Fields, Field{code, keys[0]})
		}
	}
}
