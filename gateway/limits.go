package gateway

import (
	"cmp"
	"time"
)

// Limits bound what reading one mail may cost. What they cut is named in
// [Mail.Problems], and cut text ends with [CutMarker]. A zero field means its
// default.
type Limits struct {
	// Mail is the largest raw mail that is parsed, in bytes; a larger one is
	// degraded. Default 50 MB.
	Mail int
	// File is the largest attachment whose content is kept, in bytes after
	// decoding. Default 25 MB.
	File int
	// Text and HTML are the largest bodies, in bytes, marker included. Default
	// 1 MB each.
	Text, HTML int
	// Parts is the largest number of MIME parts, Depth that of multiparts within
	// each other. Defaults 500 and 20.
	Parts, Depth int
	// HeaderBytes is the largest header block of the mail, Field the largest
	// single field in it, in bytes. Defaults 1 MB and 128 KB.
	HeaderBytes, Field int
	// Recipients is the largest number of addresses kept per header. Default 1,000.
	Recipients int
	// References is the largest number of ids kept per header; the newest stay.
	// Default 200.
	References int
	// Subject is the longest subject, in runes. Default 500.
	Subject int
	// DegradedText is the size of the text of a degraded mail, in bytes. Default
	// 64 KB.
	DegradedText int
	// Time is how long parsing may take before the mail is degraded. Default 10 s.
	Time time.Duration
}

// CutMarker ends every text that a limit has cut.
const CutMarker = "[… cut: the rest is over the size limit]"

func (l Limits) withDefaults() Limits {
	return Limits{
		Mail:         cmp.Or(l.Mail, 50<<20),
		File:         cmp.Or(l.File, 25<<20),
		Text:         cmp.Or(l.Text, 1<<20),
		HTML:         cmp.Or(l.HTML, 1<<20),
		Parts:        cmp.Or(l.Parts, 500),
		Depth:        cmp.Or(l.Depth, 20),
		HeaderBytes:  cmp.Or(l.HeaderBytes, 1<<20),
		Field:        cmp.Or(l.Field, 128<<10),
		Recipients:   cmp.Or(l.Recipients, 1000),
		References:   cmp.Or(l.References, 200),
		Subject:      cmp.Or(l.Subject, 500),
		DegradedText: cmp.Or(l.DegradedText, 64<<10),
		Time:         cmp.Or(l.Time, 10*time.Second),
	}
}
