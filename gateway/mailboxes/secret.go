package mailboxes

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Secret is a password or a token: it goes in, and never comes out. The zero Secret of a definition that is saved leaves
// what is stored as it is. In JSON it is written as {"set": "2026-01-05T09:00:00Z", "times": 1}, when it was given and how often, and read as the text itself, or as what
// was written.
type Secret struct {
	text string
	mark
}

// mark is what is shown of a secret that is stored.
type mark struct {
	Set   time.Time `json:"set,omitzero"`
	Times int       `json:"times,omitempty"` // it was set
}

// NewSecret returns a secret that is to be stored.
func NewSecret(text string) Secret { return Secret{text: text} }

// Stored says when a secret was stored that a definition has; the zero time means that it has none.
func (s Secret) Stored() time.Time { return s.Set }

// IsZero reports whether there is neither a new secret nor a stored one.
func (s Secret) IsZero() bool { return s.text == "" && s.Set.IsZero() }

// String masks it.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return "[secret]"
}

// Format masks it, however it is printed.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue masks it.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON says when it was stored.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.mark) }

// UnmarshalJSON takes a new secret as its text.
func (s *Secret) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		*s = Secret{}
		return json.Unmarshal(b, &s.mark)
	}
	var text string
	err := json.Unmarshal(b, &text)
	*s = Secret{text: text}
	return err
}
