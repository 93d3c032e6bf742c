package gateway

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// attach adds a leaf to the attachments.
func (g *gatherer) attach(p *part) {
	data, sound := p.content()
	if !sound {
		g.problems.add("an attachment's transfer encoding is damaged")
	}
	a := Attachment{
		Filename:  safeFilename(p.filename()),
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

// maxFilename is what common file systems take, in bytes.
const maxFilename = 255

// safeFilename makes a sender's file name safe for every file system and for the
// eye; empty if nothing of it remains.
func safeFilename(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), isDirection(r), r == '\uFFFD':
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, validText(name))
	name = strings.TrimLeft(strings.TrimRight(name, " ."), " .")
	stem, _, _ := strings.Cut(name, ".")
	if isReserved(stem) {
		name = "_" + name
	}
	return shortFilename(name)
}

// shortFilename cuts the stem and keeps the extension.
func shortFilename(name string) string {
	if len(name) <= maxFilename {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	end := maxFilename - len(ext)
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + ext
}

// isDirection reports invisible characters with which a name can pretend to end in
// another extension.
func isDirection(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r == 0x061C, r == 0xFEFF:
		return true
	}
	return false
}

// isReserved reports the device names of Windows.
func isReserved(stem string) bool {
	stem = strings.ToUpper(strings.TrimSpace(stem))
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '1' && stem[3] <= '9'
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
	case "message/rfc822":
		return ".eml"
	}
	return ".bin"
}
