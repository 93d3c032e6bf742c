// Package download hands what somebody attached to browsers so that none of them runs it: as an attachment under its name
// (RFC 6266), with a media type of a short list or none, without sniffing, in a sandbox without scripts.
package download

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Disposition is how a browser is to treat a file (RFC 6266, 4.2).
type Disposition string

// The dispositions.
const (
	Attachment Disposition = "attachment"
	Inline     Disposition = "inline" // in the page, if it is a picture of a common format
)

// SetHeader sets what a browser is told of a file. Its entity tag is the hash of the content.
func SetHeader(h http.Header, d Disposition, f ticket.File) {
	kind := mediaType(f.Type)
	if !slices.Contains(pictures, kind) {
		d = Attachment
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", contentDisposition(d, f.Name))
	h.Set("ETag", `"`+f.Blob+`"`)
	h.Set("Cache-Control", "private, no-cache") // kept, and asked about each time: rights change
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
}

// ClearHeader takes back what is true of the file alone, so that an error can be told instead.
func ClearHeader(h http.Header) {
	for _, name := range []string{"Content-Disposition", "ETag", "Cache-Control", "Accept-Ranges", "Content-Range", "Content-Length", "Last-Modified"} {
		h.Del(name)
	}
}

// pictures may be shown in a page: no format of them holds scripts.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"}

// harmless are the other types that browsers may be told of: with nosniff and the sandbox they do nothing on their own.
var harmless = []string{
	"text/plain", "text/csv", "application/pdf", "application/zip", "application/json", "audio/mpeg", "audio/ogg", "audio/wav", "video/mp4", "video/webm",
	"application/msword", "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.oasis.opendocument.text",
}

// mediaType is the media type that a browser is told: the sender's, if it is of the lists.
func mediaType(claimed string) string {
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
func contentDisposition(d Disposition, name string) string {
	name = cmp.Or(ticket.FileName(name), "file")
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	out := fmt.Sprintf(`%s; filename="%s"`, d, plain)
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
