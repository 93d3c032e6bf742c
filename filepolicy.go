package helpdesk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
			u.Missing = cmp.Or(policy.Files(s, a), policy.FileType(s, u.Name))
		}
	}
	return out
}

// trying has the verb of ctx check only: it reads no contents, and goes by what is said of them.
func (d *Desk) trying(ctx context.Context) {
	if f, _ := ctx.Value(foundKey{d}).(*found); f != nil {
		f.trying = true
	}
}

// checkContents refuses files that nothing could be read of. Where nothing will be read, it looks at what is said of
// them instead. already is what the ticket has in files.
func (d *Desk) checkContents(ctx context.Context, e *ticket.ValidationError, s ticket.Settings, a ticket.Actor, already int64, files []ticket.Upload) {
	if f, _ := ctx.Value(foundKey{d}).(*found); f != nil && f.trying {
		if !byMail(a) {
			checkDeclared(e, s, d.cfg.Limits, already, files)
		}
		return
	}
	for _, u := range files {
		if u.Content == nil && u.Missing == "" {
			e.Add("files", ticket.FaultRequired, "%q has no content: set Upload.Content, or say in Missing why", u.Name)
		}
	}
}

// checkDeclared holds names and sizes to the policies and limits that a write holds the contents to. A write keeps the
// name of a file whose type is blocked; whoever still chooses is told.
func checkDeclared(e *ticket.ValidationError, s ticket.Settings, l ticket.Limits, already int64, files []ticket.Upload) {
	var total int64
	for _, u := range files {
		if u.Missing != "" {
			continue
		}
		if why := policy.FileType(s, u.Name); why != "" {
			e.Add("files", ticket.FaultNotAllowed, "%q would not be kept: %s", u.Name, why)
			continue
		}
		size := declared(u)
		if size > l.File {
			e.Add("files", ticket.FaultTooLarge, "%s", fileOver(l, u.Name))
			continue // and not for all of them, too
		}
		total += size
	}
	switch {
	case total > l.UploadSize:
		e.Add("files", ticket.FaultTooLarge, "%s", filesOver(l))
	case already+total > l.TicketFiles:
		e.Add("files", ticket.FaultTooLarge, "%s", ticketFull(l))
	}
}

// declared is how long a file is, as far as that is known unread.
func declared(u ticket.Upload) int64 {
	if known, ok := u.Content.(interface{ Len() int }); ok && u.Size == 0 {
		return int64(known.Len())
	}
	return u.Size
}

func fileOver(l ticket.Limits, name string) string {
	return fmt.Sprintf("%q is larger than %s: send a smaller one", name, byteSize(l.File))
}

func filesOver(l ticket.Limits) string {
	return fmt.Sprintf("are larger than %s together: send fewer or smaller ones", byteSize(l.UploadSize))
}

func ticketFull(l ticket.Limits) string {
	return fmt.Sprintf("of the ticket would be larger than %s together: send fewer or smaller ones, or open another ticket", byteSize(l.TicketFiles))
}

// byteSize is a number of bytes for people, with a step of 1,024 and one decimal, rounded down.
func byteSize(n int64) string {
	unit, size := "bytes", int64(1)
	for _, u := range []string{"KB", "MB", "GB", "TB"} {
		if n < size<<10 {
			break
		}
		unit, size = u, size<<10
	}
	tenths := n/size*10 + n%size*10/size
	return strings.TrimSuffix(strconv.FormatFloat(float64(tenths)/10, 'f', 1, 64), ".0") + " " + unit
}

// cleanNames is done before anything looks at the files.
func cleanNames(files []ticket.Upload) {
	for i := range files {
		files[i].Name = fileName(files[i].Name)
	}
}
