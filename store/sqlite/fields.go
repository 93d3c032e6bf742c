package sqlite

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// fieldValue is what a custom field is sorted by.
type fieldValue struct {
	field string
	key   ticket.FieldKey
}

// addFields adds to r what of the custom fields stands in indexes.
func (r *ticketRow) addFields(fields map[string]string) {
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		keys := ticket.KeysOf(fields[code])
		for _, k := range keys {
			r.facets = append(r.facets, facet{facetField, fieldFacet(code, k)})
		}
		if len(keys) > 0 {
			r.fields = append(r.fields, fieldValue{code, keys[0]})
		}
	}
}

// fieldFacet joins code and key so that no two pairs look alike.
func fieldFacet(code string, k ticket.FieldKey) string {
	return strconv.Itoa(len(code)) + ":" + code + string(k)
}

// changeFields writes what differs between two lists of values of one ticket; both are in the order of the codes.
func (s *session) changeFields(id int64, old, values []fieldValue) error {
	for _, v := range old {
		if slices.ContainsFunc(values, func(w fieldValue) bool { return w.field == v.field }) {
			continue
		}
		if _, err := s.exec("DELETE FROM {p}field_values WHERE ticket = ? AND field = ?", id, v.field); err != nil {
			return err
		}
	}
	for _, v := range values {
		if slices.Contains(old, v) {
			continue
		}
		_, err := s.exec(`INSERT INTO {p}field_values (ticket, field, value) VALUES (?1, ?2, ?3)
			ON CONFLICT (ticket, field) DO UPDATE SET value = ?3`, id, v.field, string(v.key))
		if err != nil {
			return err
		}
	}
	return nil
}

const fieldsToIndex = "fields to index"

// indexFields writes the rows of tickets that are older than the migration which made the table of the values.
func (s *session) indexFields() error {
	_, err := s.number("SELECT value FROM {p}meta WHERE key = ?", fieldsToIndex)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	for after := int64(0); err == nil; {
		var batch []*ticket.Ticket
		if batch, err = s.withFields(after); err != nil || len(batch) == 0 {
			break
		}
		for _, t := range batch {
			row := ticketRow{columns: ticketColumns{updated: micros(t.UpdatedAt)}}
			row.addFields(t.Fields)
			if err = errors.Join(s.changeFacets(t.ID, ticketRow{}, row), s.changeFields(t.ID, nil, row.fields)); err != nil {
				break
			}
			after = t.ID
		}
	}
	if err == nil {
		_, err = s.exec("DELETE FROM {p}meta WHERE key = ?", fieldsToIndex)
	}
	return classify("index custom fields", err)
}

// withFields returns some tickets with custom fields, in the order of their ids.
func (s *session) withFields(after int64) (out []*ticket.Ticket, err error) {
	err = s.each(func(rows *sql.Rows) error {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		t := new(ticket.Ticket)
		out = append(out, t)
		return decode(doc, t)
	}, `SELECT doc FROM {p}tickets WHERE id > ? AND json_extract(doc, '$.fields') IS NOT NULL ORDER BY id LIMIT 500`, after)
	return out, err
}
