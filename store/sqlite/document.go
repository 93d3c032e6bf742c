package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// encode writes v as the JSON of a document column.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // half of all mail is angle brackets
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("sqlite: write a document: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func decode(doc []byte, v any) error {
	if err := json.Unmarshal(doc, v); err != nil {
		return fmt.Errorf("sqlite: read a document: %w", err)
	}
	return nil
}

// micros is how a time stands in a column.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

// moment returns t as the desk keeps it.
func moment(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(ticket.Time(*t))
}

// nullable is how a raw document stands in a column.
func nullable(doc json.RawMessage) any {
	if doc == nil {
		return nil
	}
	return string(doc)
}

func pageSize(limit int) int {
	if limit <= 0 {
		return ticket.DefaultPage
	}
	return min(limit, ticket.MaxPage)
}
