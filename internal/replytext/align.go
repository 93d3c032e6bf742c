package replytext

import (
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// anchor is how many letters and digits at most tell a place in a text, and minAnchor how many at least.
const anchor, minAnchor = 48, 12

// transfer finds in the plain text of a mail the place at which, in the text of its HTML, the quoted rest begins. Some
// programs quote in HTML only, and in a language that is not known here. ok is false where nothing is quoted to the end,
// or the place is not plain to see.
func transfer(text, derived string, folds []ticket.Fold) (cut int, ok bool) {
	if len(folds) == 0 {
		return 0, false
	}
	last := folds[len(folds)-1]
	if last.Kind != ticket.FoldQuoted || last.End != len(derived) || last.Start == 0 {
		return 0, false
	}
	from, to := skeletonOf(newPage(derived[last.Start:], hints{})), skeletonOf(newPage(text, hints{}))
	want := from.letters[:min(len(from.letters), anchor)]
	want = strings.ToValidUTF8(want, "") // not half a letter
	if len(want) < minAnchor {
		return 0, false
	}
	at := strings.Index(to.letters, want)
	if at < 0 || strings.LastIndex(to.letters, want) != at && !strings.HasPrefix(to.letters[at:], from.letters[:min(len(from.letters), 4*anchor)]) {
		return 0, false
	}
	return to.places[at], true
}
