package helpdesk

import (
	"net/http"

	"github.com/helpdeskgo/helpdesk/internal/download"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Serve answers a request with an attachment, given the message and the file's place in Message.Files. Who asks
// stands in the request's context (ticket.WithActor); rights are those of Open. Ranges and conditional requests
// work (RFC 9110, 13 and 14): the entity tag is the hash of the content.
//
// What somebody attached is handed on as a download that no browser runs: as an attachment under its name (RFC 6266),
// with a media type of a short list or none, without sniffing, in a sandbox without scripts, and for this reader's
// cache alone. A query with "inline" shows pictures of the common formats in the page; everything else stays a
// download, HTML and SVG above all. Serve files under a host name of their own where you can.
//
// Errors are plain, with the status that ticket.HTTPStatus has for those of Open: 401 without an actor, 403 without the
// right, 404 for what is not there or not theirs to see, 410 for a file of which only the name was kept, 503 for what may
// pass, 500 for what is not of the desk, as an error of the host's BlobStore.
func (g Files) Serve(w http.ResponseWriter, r *http.Request, messageID int64, n int) {
	c, m, f, err := g.d.openFile(r.Context(), messageID, n)
	if err != nil {
		g.d.refuseFile(w, r, err)
		return
	}
	defer func() {
		if err := c.Close(); err != nil {
			g.d.log(r.Context(), "closing a file failed", "message", messageID, "file", n, "error", err)
		}
	}()
	disposition := download.Attachment
	if r.URL.Query().Has("inline") {
		disposition = download.Inline
	}
	download.SetHeader(w.Header(), disposition, f)
	late := &download.LateWriter{ResponseWriter: w}
	http.ServeContent(late, r, "", m.CreatedAt, c)
	failure := c.Failure()
	switch {
	case late.Begun():
	case failure != nil: // with the first byte: nothing is said yet
		download.ClearHeader(w.Header())
		g.d.refuseFile(w, r, failure)
	default:
		late.Begin()
	}
}

func (d *Desk) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	code := ticket.HTTPStatus(err)
	if code >= http.StatusInternalServerError {
		d.log(r.Context(), "serving a file failed", "path", r.URL.Path, "error", err)
	}
	http.Error(w, http.StatusText(code), code)
}
