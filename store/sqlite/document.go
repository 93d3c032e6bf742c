package sqlite

import "encoding/json"

// nullable is how a raw document stands in a column.
func nullable(doc json.RawMessage) any {
	if doc == nil {
		return nil
	}
	return string(doc)
}
