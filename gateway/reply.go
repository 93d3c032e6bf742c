package gateway

import (
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/replytext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// SplitText returns the parts of a plain text that quote earlier messages or are a signature; [ticket.Unfolded] is the
// rest, which is new. Markers are the lines "reply above this line" that mails of the desk ever had, in any language;
// those of the form "##- … -##" are known without.
//
// Where somebody answers between quoted lines, the quotes are no folds: the answers mean nothing without. At most the
// first 256 KB are looked at; what lies beyond counts as new. It never fails, and takes linear time.
func SplitText(text string, markers ...string) []ticket.Fold {
	return replytext.Text(text, &replytext.Options{Markers: markers})
}

// SplitHTML makes plain text of an HTML body, and returns its folds, as SplitText does. What mail programs say in the
// mark-up of what they quote is regarded, too.
func SplitHTML(html string, markers ...string) (text string, folds []ticket.Fold) {
	return replytext.HTML(html, &replytext.Options{Markers: markers})
}

// Folds returns the folds of [Mail.Text], as SplitText does. The HTML of the mail helps to find them. A degraded mail
// has none, for its text is not what was written.
func (m *Mail) Folds(markers ...string) []ticket.Fold {
	if m.Degraded {
		return nil
	}
	return replytext.Split(m.Text, m.HTML, &replytext.Options{Markers: markers})
}

// folds are those of a mail, with the markers of the gateway.
func (g *Gateway) folds(m *Mail) []ticket.Fold {
	if m.folds != nil {
		return *m.folds
	}
	return m.Folds(g.opts.Markers...)
}

// cutFolded puts a line above a text and cuts both to a limit, and returns the folds of the text where they are then.
func cutFolded(above, text string, folds []ticket.Fold, limit int) (string, []ticket.Fold) {
	cut := cutText(above+text, limit)
	end := len(cut)
	if len(above)+len(text) > limit {
		end = len(strings.TrimSuffix(cut, "\n"+CutMarker))
	}
	var out []ticket.Fold
	for _, f := range folds {
		f.Start, f.End = f.Start+len(above), min(f.End+len(above), end)
		if f.Start < f.End {
			out = append(out, f)
		}
	}
	return cut, out
}
