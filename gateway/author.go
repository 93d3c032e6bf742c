package gateway

import (
	"regexp"
	"strings"
)

// viaName is the display name that a list writes over an author's: "Ann via Support", "'Ann' via Support".
var viaName = regexp.MustCompile(`(?i)^(.{1,200}?)\s+(?:via|über|par l'intermédiaire de|a través de|tramite|através de|through)\s+\S`)

// Author finds the person behind a mail whose From holds the address of a list, which lists write there because the
// author's domain forbids others to send in its name. The author comes from X-Original-From, X-Original-Sender or
// Reply-To, so it is as unproven as these are, whatever a server says of From: where via is not empty, believe the author
// nothing that needs a proof. via is the List-Id or the address of the list. For all other mails it
// returns From and "".
func Author(m *Mail) (author Address, via string) {
	match := viaName.FindStringSubmatch(m.From.Name)
	for _, name := range []string{"x-original-from", "x-original-sender", "original-from", "x-mailfrom"} {
		// Only the first two are written by lists alone.
		if !strings.HasPrefix(name, "x-original") && match == nil && !m.fromList() {
			continue
		}
		for _, value := range m.header.values(name) {
			if list, _ := parseAddresses(value, 1); len(list) > 0 && list[0].Email != m.From.Email {
				return named(list[0], match), m.listName()
			}
		}
	}
	if match == nil || len(m.ReplyTo) == 0 {
		return m.From, ""
	}
	for _, a := range m.ReplyTo { // the list may stand beside the author
		if a.Email != m.From.Email && !receives(m, a.Email) {
			return named(a, match), m.listName()
		}
	}
	return m.From, ""
}

// fromList reports a header that only lists write.
func (m *Mail) fromList() bool {
	for _, name := range []string{"list-id", "list-post", "mailing-list", "x-google-group-id"} {
		if m.header.has(name) {
			return true
		}
	}
	return strings.EqualFold(m.header.get("precedence"), "list")
}

// listName is the List-Id, or the address that the list wrote into From.
func (m *Mail) listName() string {
	if id := oneLine(decodeWords(m.header.get("list-id"))); id != "" {
		return listID(id)
	}
	return m.From.Email
}

func receives(m *Mail, email string) bool {
	for _, a := range m.To {
		if a.Email == email {
			return true
		}
	}
	return false
}

// named gives an address the name that stood before "via", if it has none.
func named(a Address, match []string) Address {
	if a.Name == "" && match != nil {
		a.Name = strings.Trim(match[1], "'\" ")
	}
	return a
}
