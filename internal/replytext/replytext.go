// Package replytext finds out what of a mail is new: which parts of its text quote earlier messages, and which are a
// signature. The rest is the reply.
//
// It folds and never deletes: the results are ranges over the text. Where it is in doubt it leaves text to be
// seen, for a reader can skip a quotation, but will not look for an answer that was folded away. Two rules follow
// from that. Where somebody answers between quoted lines, the quotes stay, for the answers mean nothing without
// them; and where nothing would be left to see, only what is surely quoted is folded.
//
// A text is read in lines, each a few times and up to a limit, so that the time is linear. The steps stand in one file
// each:
//
//   - lines.go: the text as lines, with the depth of quotation that ">" and the mark-up show;
//   - cuts.go: where a mail begins that is quoted to its end, as a marker (markers.go), a line such as "Original
//     Message" (separators.go), a block of header fields (headers.go) or a line such as "On … wrote:" (attributions.go)
//     says;
//   - quotes.go: which of the quotes above that are answered below, or between;
//   - signatures.go, disclaimers.go, armour.go: what stands below an answer, and around one;
//   - markup.go, align.go: what HTML says of all that, for its own text and for the plain text beside it.
//
// The words of many languages stand in words.go and noticewords.go.
package replytext

import (
	"strings"

	"github.com/helpdeskgo/helpdesk/internal/htmltext"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// limit is how much of a text is looked at, in bytes, and lineLimit how much of one line. What lies beyond counts
// as new. A line costs lineCost bytes more than it has, for the sake of texts that are all line ends.
const limit, lineLimit, lineCost = 256 << 10, 1000, 16

// Options tune what is found; nil and the zero value are good.
type Options struct {
	// Markers are the lines "reply above this line" that mails of this desk ever had, in any language. Those of the form
	// "##- … -##" are known without.
	Markers []string
}

// Text returns the folds of a plain text, ascending and apart.
func Text(text string, o *Options) []ticket.Fold {
	return read(text, hints{}, o)
}

// HTML makes plain text of HTML, and returns its folds: those that the mark-up of the mail programs shows, and
// those that the text does.
func HTML(source string, o *Options) (text string, folds []ticket.Fold) {
	text, marks := htmltext.Marked(source, label)
	return text, read(text, hintsOf(text, marks), o)
}

// Split returns the folds of the plain text of a mail that brings HTML, too, or from whose HTML the text was made.
func Split(text, html string, o *Options) []ticket.Fold {
	if strings.TrimSpace(html) == "" {
		return Text(text, o)
	}
	derived, marks := htmltext.Marked(html, label)
	h := hintsOf(derived, marks)
	if same := shared(text, derived); same == len(derived) || same > limit {
		return clip(read(derived, h, o), min(same, len(text)))
	}
	if cut, ok := transfer(text, derived, read(derived, h, o)); ok {
		return read(text, hints{tails: []int{cut}}, o)
	}
	return Text(text, o)
}

// shared is how many bytes two texts have in common at their beginning.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// clip leaves out what lies beyond the end.
func clip(folds []ticket.Fold, end int) []ticket.Fold {
	for i := range folds {
		if folds[i].End > end {
			folds[i].End = end
			if folds[i].Start >= end {
				return folds[:i]
			}
			return folds[:i+1]
		}
	}
	return folds
}

// read finds the folds of a text.
func read(text string, h hints, o *Options) []ticket.Fold {
	if o == nil {
		o = &Options{}
	}
	p := newPage(text, h)
	p.findGroupWise()
	p.findArmour()
	p.findMarkers(o.Markers)
	p.findCut()
	p.mendWraps()
	p.findSignatures()
	p.judgeQuotes()
	p.keepSomething()
	return p.folds()
}
