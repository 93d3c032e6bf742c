package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// Files says why no files of somebody are taken (R01, M26).
func Files(s ticket.Settings, a ticket.Actor) string {
	switch {
	case !s.Uploads:
		return "files are not taken"
	case !s.CustomerFiles && a.IsCustomer():
		return "files of customers are not taken"
	}
	return ""
}

// shownType is how much of an extension a reason shows, in bytes.
const shownType = 50

// FileType says why a file of a name is not kept (M14). The name is a clean one: what follows its last dot is what systems
// go by.
func FileType(s ticket.Settings, name string) string {
	ext := ticket.Extension(name)
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(e string) bool { return strings.ToLower(e) == ext })
	}
	if !has(s.BlockedFileTypes) && (len(s.FileTypes) == 0 || has(s.FileTypes)) {
		return ""
	}
	if ext == "" {
		return "files without a type in their name are not taken"
	}
	if len(ext) > shownType {
		ext = strings.ToValidUTF8(ext[:shownType], "") + "…"
	}
	return fmt.Sprintf("files of type .%s are not taken", ext)
}
