package helpdesk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// filesRefused says why no files of this actor are taken (R01, M26); empty if they are.
func filesRefused(s ticket.Settings, a ticket.Actor) string {
	switch {
	case !s.Uploads:
		return "files are not taken"
	case !s.CustomerFiles && a.IsCustomer():
		return "files of customers are not taken"
	}
	return ""
}

// typeRefused says why a file of this name is not kept (M14); empty if it is. The name is a clean one: what follows its
// last dot is what systems go by.
func typeRefused(s ticket.Settings, name string) string {
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
	return fmt.Sprintf("files of type .%s are not taken", clip(ext, 50))
}

// checkFiles refuses what comes with files that are not taken. By mail the message is taken without them: see admit.
func checkFiles(e *ticket.ValidationError, s ticket.Settings, a ticket.Actor, files []ticket.Upload) {
	why := filesRefused(s, a)
	if why == "" || byMail(a) {
		return
	}
	if slices.ContainsFunc(files, func(u ticket.Upload) bool { return u.Missing == "" }) {
		e.Add("files", ticket.FaultNotAllowed, "%s: send the message without", why)
	}
}

// admit returns the files under clean names, those that the settings do not take with the reason: their names are kept,
// and nothing else.
func admit(s ticket.Settings, a ticket.Actor, files []ticket.Upload) []ticket.Upload {
	if len(files) == 0 {
		return nil
	}
	out := slices.Clone(files)
	for i := range out {
		u := &out[i]
		u.Name = fileName(u.Name)
		if u.Missing == "" {
			u.Missing = or(filesRefused(s, a), typeRefused(s, u.Name))
		}
	}
	return out
}

// cleanNames is done before anything looks at the files.
func cleanNames(files []ticket.Upload) {
	for i := range files {
		files[i].Name = fileName(files[i].Name)
	}
}

// checkFileTypes refuses what is no extension.
func checkFileTypes(e *ticket.ValidationError, field string, list *[]string) {
	for _, ext := range deref(list) {
		switch {
		case strings.HasPrefix(ext, "."):
			e.Add(field, ticket.FaultMalformed, "%q begins with a dot: write the extension alone, as in %q", ext, strings.TrimLeft(ext, "."))
		case ext == "", len(ext) > 50, strings.ContainsAny(ext, ". /\\"), ticket.FileName(ext) != ext:
			e.Add(field, ticket.FaultMalformed, "%q is no extension: write what follows the last dot of a file name", ext)
		}
	}
}
