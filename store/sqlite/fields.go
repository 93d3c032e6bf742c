package sqlite

import (
	"database/sql"
	"errors"
	"slices"

	"github.com/helpdeskgo/helpdesk/store/internal/row"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// changeFields writes what differs between two lists of values of one ticket; both are in the order of the codes.
func (s *session) changeFields(id int64, old, values []row.Field) error {
	for _, v := range old {
		if slices.ContainsFunc(values, func(w row.Field) bool { return w.Code == v.Code }) {
			continue
		}
		if _, err := s.exec("DELETE FROM {p}field_values WHERE ticket = ? AND field = ?", id, v.Code); err != nil {
			return err
		}
	}
	for _, v := range values {
		if slices.Contains(old, v) {
			continue
		}
		_, err := s.exec(`INSERT INTO {p}field_values (ticket, field, value) VALUES (?1, ?2, ?3)
			ON CONFLICT (ticket, field) DO UPDATE SET value = ?3`, id, v.Code, string(v.Key))
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
			now := row.Of(t)
			now.Facets = slices.DeleteFunc(now.Facets, func(f row.Facet) bool { return f.Kind != row.FacetField }) // others are there
			if err = errors.Join(s.changeFacets(t.ID, row.Row{}, now), s.changeFields(t.ID, nil, now.Fields)); err != nil {
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
		return row.Decode(doc, t)
	}, `SELECT doc FROM {p}tickets WHERE id > ? AND json_extract(doc, '$.fields') IS NOT NULL ORDER BY id LIMIT 500`, after)
	return out, err
}
