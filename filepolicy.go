package helpdesk

import (
	"slices"

	"github.com/helpdeskgo/helpdesk/internal/policy"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// checkFiles refuses what comes with files that are not taken. By mail the message is taken without them: see admit.
func checkFiles(e *ticket.ValidationError, s ticket.Settings, a ticket.Actor, files []ticket.Upload) {
	why := policy.Files(s, a)
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
			u.Missing = or(policy.Files(s, a), policy.FileType(s, u.Name))
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
