package gateway

import (
	"fmt"
	"net/url"
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

// addFile adds what was within a part to the attachments. An empty type is guessed
// from the name.
func (g *gatherer) addFile(name, kind, contentID string, data []byte) {
	if len(g.attachments) >= g.limits.Parts {
		g.problems.add("files over the limit are left out")
		return
	}
	media := repairType(parseMediaType(kind).name)
	if media == "" || media == "application/octet-stream" {
		media = typeOfName(name)
	}
	g.attach(&part{
		header: header{
			{"content-disposition", "attachment; filename*=utf-8''" + url.PathEscape(validText(name))},
			{"content-id", oneLine(contentID)},
		},
		media: mediaType{name: media},
		body:  data,
	})
}

// typeOfName is the media type that the extension of a name stands for. The list is
// our own, as that of extension is.
func typeOfName(name string) string {
	name = strings.ToLower(name)
	for _, media := range []string{
		"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/tiff", "application/pdf", "application/zip", "text/csv", "text/plain",
		"text/html", "text/calendar", "text/vcard", "application/json", "application/msword", "application/vnd.ms-excel", "message/rfc822",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		if strings.HasSuffix(name, extension(media)) || media == "image/jpeg" && strings.HasSuffix(name, ".jpeg") {
			return media
		}
	}
	return "application/octet-stream"
}

// dataFork is the file of a multipart/appledouble (RFC 1740 §5). What stands beside it
// holds icons and the like, which nobody but an old Macintosh can read.
func dataFork(p *part) *part {
	name := ""
	var files []*part
	for _, c := range p.children {
		if c.media.name == "application/applefile" {
			name = c.filename()
			continue
		}
		files = append(files, c)
	}
	if len(files) == 0 {
		files = p.children
	}
	for _, f := range files {
		if name != "" && f.filename() == "" {
			f.header = append(header{{"content-disposition", "attachment; filename*=utf-8''" + url.PathEscape(name)}}, f.header...)
		}
	}
	return &part{media: mediaType{name: "multipart/mixed"}, children: files}
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
