package gateway

import (
	"fmt"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// attach adds a leaf to the attachments.
func (g *gatherer) attach(p *part) {
	data, sound := p.content()
	if !sound {
		g.problems.add("an attachment's transfer encoding is damaged")
	}
	a := Attachment{
		Filename:  ticket.FileName(validText(p.filename())),
		MediaType: p.media.name,
		ContentID: p.contentID(),
		Inline:    p.disposition().name == "inline" && strings.HasPrefix(p.media.name, "image/"),
		Size:      len(data),
		Data:      data,
	}
	if a.Data == nil {
		a.Data = []byte{}
	}
	if a.Filename == "" {
		a.Filename = fmt.Sprintf("attachment-%d%s", len(g.attachments)+1, extension(a.MediaType))
	}
	if a.Size > g.limits.File {
		a.Data, a.Omitted = nil, true
		g.problems.add("an attachment over the size limit is left out")
	}
	g.attachments = append(g.attachments, a)
	g.locations = append(g.locations, strings.TrimSpace(p.header.get("content-location")))
}

// extension is the usual file name extension of a media type. The list is our own,
// for the system's differs from machine to machine.
func extension(mediaType string) string {
	switch mediaType {
	case "image/jpeg", "image/jpg", "image/pjpeg":
		return ".jpg"
	case "image/png", "image/gif", "image/bmp", "image/webp", "image/heic", "application/pdf", "application/zip", "text/csv", "audio/wav", "video/mp4":
		_, sub, _ := strings.Cut(mediaType, "/")
		return "." + sub
	case "image/svg+xml":
		return ".svg"
	case "image/tiff":
		return ".tif"
	case "text/plain", "message/delivery-status", "message/disposition-notification", "text/rfc822-headers":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	case "text/vcard", "text/x-vcard", "text/directory":
		return ".vcf"
	case "text/xml", "application/xml":
		return ".xml"
	case "application/json":
		return ".json"
	case "application/msword":
		return ".doc"
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return ".docx"
	case "application/vnd.ms-excel":
		return ".xls"
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return ".xlsx"
	case "application/pgp-signature":
		return ".asc"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return ".p7s"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return ".p7m"
	case "audio/mpeg":
		return ".mp3"
	case "message/rfc822", "message/global", "message/partial":
		return ".eml"
	}
	if strings.HasPrefix(mediaType, "text/") || strings.HasPrefix(mediaType, "message/") {
		return ".txt"
	}
	return ".bin"
}
