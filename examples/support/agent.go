package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// agent is somebody at the terminal, with what they look at.
type agent struct {
	desk  *helpdesk.Desk
	actor ticket.Actor
	out   io.Writer
	paint func(colour, text string) string

	query   ticket.Query  // of the last list
	search  ticket.Search // the last search
	more    string        // how the last list or search goes on: "list" or "search", or empty
	current int64         // the ticket that was opened last
}

// verb is a command.
type verb struct {
	name  string
	args  string
	least int // arguments
	help  string
	do    func(a *agent, ctx context.Context, args []string) error
}

// verbs are all commands, in the order of help. ID is a number or a code.
var verbs []verb

func init() { // help lists the verbs, and is one of them
	verbs = []verb{
		{"list", "[FILTER…]", 0, "tickets: mine, unassigned, unread, deleted, status:, class:, department:, assignee: (an id, me or none), tag:, priority:, folder:, sort:", (*agent).list},
		{"search", "WORDS…", 1, "find: words, \"phrases\", begin*, -without, and filters as from: or status:", (*agent).find},
		{"more", "", 0, "the next page of the last list or search", (*agent).nextPage},
		{"count", "", 0, "the numbers beside the lists", (*agent).count},
		{"open", "ID", 1, "a ticket with its messages", (*agent).open},
		{"next", "", 0, "the ticket after the one that is open, in the last list", (*agent).after},
		{"prev", "", 0, "the one before", (*agent).before},
		{"history", "ID", 1, "who changed what", (*agent).history},
		{"reply", "ID TEXT…", 2, "answer the customer", (*agent).reply},
		{"note", "ID TEXT…", 2, "a note for colleagues: @name mentions one", (*agent).note},
		{"mentions", "", 0, "the notes that mention you", (*agent).mentions},
		{"status", "ID STATUS [NOTE…]", 1, "set the status; without one it says which may follow", (*agent).status},
		{"close", "ID [NOTE…]", 1, "close it", (*agent).close},
		{"assign", "ID [AGENT]", 1, "give it to somebody, or take it yourself; to none, nobody has it", (*agent).assign},
		{"priority", "ID PRIORITY", 2, "set the priority", (*agent).priority},
		{"move", "ID FOLDER", 2, "to inbox, archive or spam", (*agent).move},
		{"tag", "ID [+TAG|-TAG]…", 2, "add and remove tags", (*agent).tag},
		{"link", "ID KIND OTHER", 3, "as related, duplicate, original, parent, child, blocks or blocked_by", (*agent).link},
		{"merge", "ID SOURCE…", 2, "put other tickets into one", (*agent).merge},
		{"split", "ID NUMBER…", 2, "make messages, by their numbers, a ticket of their own", (*agent).split},
		{"undo", "ID", 1, "undo the merge of a ticket that was merged, or the split of one that was split off", (*agent).undo},
		{"time", "start|stop|log|list [ID] [1h30m] [NOTE…]", 1, "working time", (*agent).time},
		{"view", "NAME | save NAME | delete NAME", 0, "saved lists; without a name, which there are; save keeps the last list", (*agent).view},
		{"mass", "VERB [ARG] FILTER…", 2, "close, assign, tag, delete or restore all tickets of a filter", (*agent).mass},
		{"help", "", 0, "this; quit ends", (*agent).help},
	}
}

func (a *agent) help(context.Context, []string) error {
	var rows [][]string
	for _, v := range verbs {
		rows = append(rows, []string{v.name + " " + v.args, v.help})
	}
	a.table(nil, rows, nil)
	return nil
}

// id reads a number or a code.
func (a *agent) id(ctx context.Context, s string) (int64, error) {
	if n, err := strconv.ParseInt(strings.TrimPrefix(s, "#"), 10, 64); err == nil {
		return n, nil
	}
	t, err := a.desk.TicketByCode(ctx, s)
	if errors.Is(err, ticket.ErrNotFound) {
		return 0, fmt.Errorf("%q is neither the number nor the code of a ticket that you may see", s)
	}
	if err != nil {
		return 0, err
	}
	return t.ID, nil
}

// say prints a line about a ticket.
func (a *agent) say(t *ticket.Ticket, format string, args ...any) error {
	fmt.Fprintf(a.out, "#%d %s: %s\n", t.ID, a.paint("1", line(t.Subject)), fmt.Sprintf(format, args...))
	return nil
}

// on calls fn with the ticket that the first argument names.
func (a *agent) on(ctx context.Context, args []string, fn func(id int64, rest []string) error) error {
	id, err := a.id(ctx, args[0])
	if err != nil {
		return err
	}
	return fn(id, args[1:])
}
