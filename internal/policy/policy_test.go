package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/internal/policy"
	"github.com/helpdeskgo/helpdesk/ticket"
)

var (
	ann = ticket.Client("42", "Ann", "ann@example.com")
	gus = ticket.Guest("Gus", "gus@example.com")
	bob = ticket.Staff("7", "Bob", "bob@desk.example")
)

func TestEntry(t *testing.T) {
	t.Parallel()
	open := ticket.DefaultSettings()
	open.CustomerSection, open.LoginRequired, open.GuestTickets = true, false, true
	shut := ticket.Settings{LoginRequired: true}
	linked := gus
	linked.Ticket = 9
	for name, c := range map[string]struct {
		settings ticket.Settings
		who      ticket.Actor
		enters   string
		opens    string
	}{
		"an open desk, a client":     {open, ann, "", ""},
		"an open desk, a guest":      {open, gus, "", ""},
		"a closed one, a client":     {shut, ann, "staff only", ""},
		"a closed one, a guest":      {shut, gus, "login", "no guest"},
		"a closed one, a guest link": {shut, linked, "", "no guest"},
		"a closed one, a mail":       {shut, gus.Via(ticket.ChannelEmail), "", ""},
		"a closed one, an agent":     {shut, bob, "", ""},
	} {
		t.Run("R04 M26 "+name, func(t *testing.T) {
			t.Parallel()
			says(t, "entry", policy.Entry(c.settings, c.who), c.enters)
			says(t, "opening", policy.Opening(c.settings, c.who), c.opens)
		})
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit ticket.CustomerEdit
		on   ticket.Ticket
		want string
	}{
		"while it is open":          {ticket.EditWhileOpen, ticket.Ticket{Class: ticket.ClassOpen, LastReplyBy: ticket.ActorStaff}, ""},
		"solved":                    {ticket.EditWhileOpen, ticket.Ticket{Class: ticket.ClassSolved}, "the ticket is solved"},
		"until staff reply":         {ticket.EditUntilReply, ticket.Ticket{Class: ticket.ClassNew, LastReplyBy: ticket.ActorGuest}, ""},
		"when staff have":           {ticket.EditUntilReply, ticket.Ticket{Class: ticket.ClassOpen, LastReplyBy: ticket.ActorStaff}, "staff have replied"},
		"until a reply, and closed": {ticket.EditUntilReply, ticket.Ticket{Class: ticket.ClassClosed, LastReplyBy: ticket.ActorClient}, "the ticket is closed"},
		"never":                     {ticket.EditNever, ticket.Ticket{Class: ticket.ClassOpen}, "no customer"},
		"nobody said":               {"", ticket.Ticket{Class: ticket.ClassOpen}, "no customer"},
		"locked":                    {ticket.EditWhileOpen, ticket.Ticket{Class: ticket.ClassOpen, Locked: true}, "locked"},
	} {
		t.Run("R03 "+name, func(t *testing.T) {
			t.Parallel()
			says(t, "edit", policy.Edit(ticket.Settings{CustomerEdit: c.edit}, &c.on), c.want)
		})
	}
}

func TestReopening(t *testing.T) {
	t.Parallel()
	reopen := ticket.Settings{AfterClose: ticket.AfterCloseReopen, SilentStatuses: []string{"rejected"}}
	refuse := ticket.Settings{AfterClose: ticket.AfterCloseRefuse}
	for name, c := range map[string]struct {
		settings ticket.Settings
		on       ticket.Ticket
		want     error
	}{
		"what is open":                {refuse, ticket.Ticket{Class: ticket.ClassOpen, Locked: true}, nil},
		"what is solved":              {refuse, ticket.Ticket{Class: ticket.ClassSolved}, nil},
		"closed, which may reopen":    {reopen, ticket.Ticket{Class: ticket.ClassClosed}, nil},
		"closed, which may not":       {refuse, ticket.Ticket{Class: ticket.ClassClosed}, ticket.ErrClosed},
		"a status that nobody leaves": {reopen, ticket.Ticket{Class: ticket.ClassSolved, Status: "rejected"}, ticket.ErrClosed},
		"locked":                      {reopen, ticket.Ticket{Class: ticket.ClassClosed, Locked: true}, ticket.ErrLocked},
	} {
		t.Run("R07 "+name, func(t *testing.T) {
			t.Parallel()
			if got := policy.Reopening(c.settings, &c.on); !errors.Is(got, c.want) {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := ticket.Settings{Uploads: true, CustomerFiles: true, BlockedFileTypes: []string{"EXE", ""}}
	t.Run("R01 M26 who sends files", func(t *testing.T) {
		t.Parallel()
		says(t, "taken", policy.Files(s, ann), "")
		says(t, "of customers", policy.Files(ticket.Settings{Uploads: true}, gus), "of customers")
		says(t, "of staff", policy.Files(ticket.Settings{Uploads: true}, bob), "")
		says(t, "none", policy.Files(ticket.Settings{CustomerFiles: true}, bob), "are not taken")
	})
	for name, want := range map[string]string{
		"a.txt": "", "a.exe": "type .exe", "A.Exe": "type .exe", "a.exe.txt": "", "README": "without a type", "a." + strings.Repeat("é", 60): "",
	} {
		t.Run("M14 "+name, func(t *testing.T) {
			t.Parallel()
			says(t, "type", policy.FileType(s, name), want)
		})
	}
	t.Run("M14 of a list of types no other is kept, and a long one is shown in part", func(t *testing.T) {
		t.Parallel()
		s := ticket.Settings{FileTypes: []string{"pdf", "exe"}, BlockedFileTypes: []string{"exe"}}
		says(t, "listed", policy.FileType(s, "a.pdf"), "")
		says(t, "blocked all the same", policy.FileType(s, "a.exe"), "type .exe")
		says(t, "long", policy.FileType(s, "a."+strings.Repeat("é", 60)), "type ."+strings.Repeat("é", 25)+"… are")
	})
}

// says holds a reason against a part of it; empty means that there is none.
func says(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) || (want == "") != (got == "") {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
