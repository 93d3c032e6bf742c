package ticket

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// FoldKind says what a fold holds.
type FoldKind string

// The kinds of folds.
const (
	FoldQuoted    FoldKind = "quoted"    // an earlier message, with the line that announces it
	FoldSignature FoldKind = "signature" // what the sender, or their telephone, puts below every message
)

// Fold is a part of a text that its readers know already, or need not know: bytes [Start, End) of it, on the boundaries
// of runes. Folds of one text ascend and do not overlap. Nothing is removed by them: whoever shows the text can open
// them.
type Fold struct {
	Kind  FoldKind `json:"kind"`
	Start int      `json:"start"`
	End   int      `json:"end"`
}

// Unfolded is the text without its folds, and without the white space around: what is new in it. A text without folds
// comes back as it is. Folds that are not of this text are not regarded.
func Unfolded(text string, folds []Fold) string {
	var b strings.Builder
	at := 0
	for _, f := range folds {
		if f.within(text, at) {
			b.WriteString(text[at:f.Start])
			at = f.End
		}
	}
	if at == 0 {
		return text
	}
	b.WriteString(text[at:])
	return strings.TrimSpace(b.String())
}

// Folded is what the folds of one kind hold, each without the white space around it, one below the other. Folds that are
// not of this text are not regarded.
func Folded(text string, folds []Fold, kind FoldKind) string {
	var parts []string
	at := 0
	for _, f := range folds {
		if !f.within(text, at) {
			continue
		}
		at = f.End
		if s := strings.TrimSpace(text[f.Start:f.End]); s != "" && f.Kind == kind {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

// within reports whether f is a part of text that begins at or after a place.
func (f Fold) within(text string, after int) bool {
	return f.Start >= after && f.Start < f.End && f.End <= len(text) && boundary(text, f.Start) && boundary(text, f.End)
}

// boundary reports whether a rune begins at i, or what is no rune, for texts need not be valid.
func boundary(s string, i int) bool {
	return i == 0 || i == len(s) || utf8.RuneStart(s[i]) || s[i-1] < utf8.RuneSelf
}

// Fits reports whether the folds are such of text: within it, on boundaries of runes, ascending, apart, of a known kind.
func Fits(text string, folds []Fold) bool {
	at := 0
	for _, f := range folds {
		if !f.within(text, at) || f.Kind != FoldQuoted && f.Kind != FoldSignature {
			return false
		}
		at = f.End
	}
	return true
}

// Reply is what is new in the message: its body without the folds of the mail that it came as.
func (m *Message) Reply() string {
	if m.Mail == nil {
		return m.Body
	}
	return Unfolded(m.Body, m.Mail.Folds)
}

// AsFirst is the mail as that of the first message of a ticket: what it quotes is new there, and is folded no more. Nil
// stays nil.
func (m *Mail) AsFirst() *Mail {
	c := m.clone()
	if c != nil {
		c.Folds = slices.DeleteFunc(c.Folds, func(f Fold) bool { return f.Kind == FoldQuoted })
	}
	return c
}
