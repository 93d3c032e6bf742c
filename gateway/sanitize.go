package gateway

import "github.com/helpdeskgo/helpdesk/internal/safehtml"

// SanitizeOptions say what a page shows of a mail's HTML besides text; nil and the zero
// value show nothing that is fetched from anywhere.
type SanitizeOptions struct {
	// Part returns the URL under which the page serves the file with this Content-ID
	// (RFC 2392, without angle brackets), or "" if there is none: then the picture's
	// description stands in its place. Default: none are shown.
	Part func(contentID string) string
	// RemoteImages shows pictures from http and https URLs, which tells their servers
	// who reads the mail, and when. The page's own Content-Security-Policy must allow
	// them, too.
	RemoteImages bool
	// NewWindow gives links target=_blank.
	NewWindow bool
}

// SafeHTML is HTML that [Sanitize] made safe to show.
type SafeHTML struct {
	// HTML belongs between the tags of a block element, such as a div. It is balanced:
	// it closes what it opens and nothing else.
	HTML string
	// Blocked counts the remote pictures that were left out, so that a page can offer to
	// show them.
	Blocked int
	// Cut says that the source was over 4 MB, and what follows is left out.
	Cut bool
}

// Sanitize makes the HTML of a mail ([Mail.HTML], ticket.Message.HTMLBody) safe to
// show within a page: text, pictures, tables, lists and links of http, https, mailto
// and tel remain, with the colours, fonts and margins of inline styles. Nothing in it
// runs, sends, fetches, moves over the page around it, or has a name by which the
// page could find it: no id, class or data attribute. Links get
// rel="noopener noreferrer nofollow". opts may be nil.
//
// It never fails, and takes time and memory in proportion to the size of source,
// however its tags nest. Sanitising again with the same options changes nothing,
// except that URLs of Part are not known as such. A Content-Security-Policy is a
// second wall and worth having; the box that shows the result should have
// `overflow: auto; contain: content`. For plain text, see ticket.TextHTML.
func Sanitize(source string, opts *SanitizeOptions) SafeHTML {
	if opts == nil {
		opts = &SanitizeOptions{}
	}
	r := safehtml.Sanitize(source, safehtml.Options{Part: opts.Part, RemoteImages: opts.RemoteImages, NewWindow: opts.NewWindow})
	return SafeHTML{HTML: r.HTML, Blocked: r.Blocked, Cut: r.Cut}
}
