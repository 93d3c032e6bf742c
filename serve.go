package helpdesk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
// Errors are plain: 403 without the right or without an actor, 404 for what is not there or not theirs to see, 410 for
// a file of which only the name was kept, 503 for everything that may pass.
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
	h := w.Header()
	mediaType := servedType(f.Type)
	disposition := "attachment"
	if r.URL.Query().Has("inline") && slices.Contains(pictures, mediaType) {
		disposition = "inline"
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", contentDisposition(disposition, f.Name))
	h.Set("ETag", `"`+f.Blob+`"`)
	h.Set("Cache-Control", "private, no-cache") // kept, and asked about each time: rights change
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	late := &lateWriter{ResponseWriter: w}
	http.ServeContent(late, r, "", m.CreatedAt, c)
	failure := c.failure()
	switch {
	case late.begun:
	case failure != nil: // with the first byte: nothing is said yet
		for _, name := range []string{"Content-Disposition", "ETag", "Cache-Control", "Accept-Ranges", "Content-Range", "Content-Length", "Last-Modified"} {
			h.Del(name)
		}
		g.d.refuseFile(w, r, failure)
	default:
		late.begin()
	}
}

func (d *Desk) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	code := statusOf(err)
	if code == http.StatusServiceUnavailable {
		d.log(r.Context(), "serving a file failed", "path", r.URL.Path, "error", err)
	}
	http.Error(w, http.StatusText(code), code)
}

// lateWriter says nothing before there is something to say.
type lateWriter struct {
	http.ResponseWriter
	code  int
	begun bool
}

func (w *lateWriter) WriteHeader(code int) { w.code = code }

func (w *lateWriter) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

func (w *lateWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	if w.code != 0 {
		w.ResponseWriter.WriteHeader(w.code)
	}
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, errRemoved):
		return http.StatusGone
	case errors.Is(err, ticket.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ticket.ErrForbidden), errors.Is(err, ticket.ErrNoActor):
		return http.StatusForbidden
	}
	return http.StatusServiceUnavailable
}

// pictures may be shown in a page: no format of them holds scripts.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"}

// harmless are the other types that browsers may be told of: with nosniff and the sandbox they do nothing on their own.
var harmless = []string{
	"text/plain", "text/csv", "application/pdf", "application/zip", "application/json", "audio/mpeg", "audio/ogg", "audio/wav", "video/mp4", "video/webm",
	"application/msword", "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.oasis.opendocument.text",
}

// servedType is the media type that a browser is told: the sender's, if it is of the lists.
func servedType(claimed string) string {
	name, _, _ := strings.Cut(claimed, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "image/jpg" {
		name = "image/jpeg"
	}
	if slices.Contains(pictures, name) || slices.Contains(harmless, name) {
		return name
	}
	return "application/octet-stream"
}

// contentDisposition writes the header (RFC 6266), the name once in plain ASCII for old readers, and once as it is
// (RFC 8187, 3.2.3).
func contentDisposition(disposition, name string) string {
	name = fileName(name)
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	out := fmt.Sprintf(`%s; filename="%s"`, disposition, plain)
	if plain != name {
		out += "; filename*=UTF-8''" + extended(name)
	}
	return out
}

// extended escapes what is no attr-char (RFC 8187, 3.2.1).
func extended(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
