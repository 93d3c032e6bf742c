package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// messageIDs extracts the ids from a Message-ID, In-Reply-To or References value
// (RFC 5322 §3.6.4) without their angle brackets. White space that folding left
// within an id is dropped. Without any bracket, the words with an @ count. No id
// is empty, none comes twice.
func messageIDs(values []string) []string {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		id = strings.Join(strings.Fields(oneLine(id)), "")
		if id != "" && len(id) <= 998 && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, value := range values {
		value = unescaped(value)
		if !strings.Contains(value, "<") {
			for _, word := range strings.Fields(value) {
				if strings.Contains(word, "@") {
					add(strings.Trim(word, "<>,;\""))
				}
			}
			continue
		}
		for rest := value; ; {
			_, after, open := strings.Cut(rest, "<")
			id, next, closed := strings.Cut(after, ">")
			if !open || !closed {
				break
			}
			add(id[strings.LastIndexByte(id, '<')+1:])
			rest = next
		}
	}
	return ids
}

// messageID is the mail's own id, or one derived from its raw bytes.
func messageID(h header, raw []byte) (id string, derived bool) {
	values := h.values("message-id")
	if ids := messageIDs(values); len(ids) > 0 {
		return ids[0], false
	}
	for _, v := range values { // an id without brackets and without an @
		if words := strings.Fields(oneLine(v)); len(words) == 1 && strings.Trim(words[0], "<>") != "" && len(words[0]) <= 998 {
			return strings.Trim(words[0], "<>"), false
		}
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]) + "@derived.invalid", true
}

// written are the fields that the author's program writes (RFC 5322 §3.6.1 to
// §3.6.6, MIME, and the marks of automatic mail). All others may be added or
// changed on the way.
var written = []string{
	"from", "sender", "reply-to", "to", "cc", "date", "subject", "in-reply-to", "references",
	"content-type", "content-transfer-encoding", "content-disposition",
	"resent-from", "resent-to", "resent-date", "resent-message-id",
	"auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-loop",
}

// identity hashes what the author wrote: the fields above as they stand, and the
// body byte for byte. In doubt two mails are different, so that none is lost: a
// copy with a damaged header is not the sound mail, and one that never passed a
// server, such as a draft, is not the one that did.
func identity(id string, c cleaned) string {
	h := scanHeader(c.header)
	sum := sha256.New()
	fmt.Fprintln(sum, c.mended, h.has("received"))
	for _, name := range written {
		for _, value := range h.values(name) {
			sum.Write([]byte(name + ":" + value + "\n"))
		}
	}
	sum.Write([]byte("\n"))
	sum.Write(c.body)
	return id + " " + hex.EncodeToString(sum.Sum(nil))
}
