package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// pageSize is how many tickets a table has.
const pageSize = 20

var sorts = map[string]ticket.Sort{
	"newest": ticket.NewestUpdate, "oldest": ticket.OldestUpdate, "created": ticket.NewestCreated, "first": ticket.OldestCreated,
	"replied": ticket.NewestReply, "waiting": ticket.OldestReply, "urgent": ticket.MostUrgent,
}

// filter reads the filters of a list.
func (a *agent) filter(ctx context.Context, args []string) (q ticket.Query, err error) {
	q.Limit = pageSize
	for _, arg := range args {
		name, value, valued := strings.Cut(arg, ":")
		values := strings.Split(value, ",")
		switch {
		case valued && value == "":
			return q, fmt.Errorf("%s what? Write the value behind it, as in status:open", arg)
		case !valued && name == "mine":
			q.Assignee = a.actor.ID
		case !valued && name == "unassigned":
			q.Unassigned = true
		case !valued && name == "unread":
			q.UnreadByStaff = true
		case !valued && name == "deleted":
			q.Deleted = true
		case valued && name == "status":
			q.Statuses = values
		case valued && name == "class":
			for _, v := range values {
				q.Classes = append(q.Classes, ticket.Class(v))
			}
		case valued && name == "department":
			q.Departments = values
		case valued && name == "priority":
			q.Priorities = values
		case valued && name == "tag":
			q.Tags = values
		case valued && name == "assignee" && value == "me":
			q.Assignee = a.actor.ID
		case valued && name == "assignee" && value == "none":
			q.Unassigned = true
		case valued && name == "assignee":
			q.Assignee = value
		case valued && name == "folder":
			q.Folders = []ticket.Folder{ticket.Folder(value)}
		case valued && name == "sort" && sorts[value] != "":
			q.Sort = sorts[value]
		case valued && name == "sort":
			return q, fmt.Errorf("there is no order %q: use one of %s", value, strings.Join(slices.Sorted(maps.Keys(sorts)), ", "))
		default:
			return q, fmt.Errorf("%q is no filter: help lists them, and search looks for words", arg)
		}
	}
	return q, a.exists(ctx, q)
}

// exists refuses what no ticket can have: the desk lists nothing for it, which looks like an empty desk.
func (a *agent) exists(ctx context.Context, q ticket.Query) error {
	statuses, err := a.desk.Catalog().Statuses(ctx)
	if err != nil {
		return err
	}
	departments, err := a.desk.Catalog().Departments(ctx)
	if err != nil {
		return err
	}
	priorities, err := a.desk.Catalog().Priorities(ctx)
	if err != nil {
		return err
	}
	return cmp.Or(
		among("class", q.Classes, ticket.Classes(), func(c ticket.Class) ticket.Class { return c }),
		among("folder", q.Folders, []ticket.Folder{ticket.Inbox, ticket.Archive, ticket.Spam}, func(f ticket.Folder) ticket.Folder { return f }),
		among("status", q.Statuses, statuses, func(s ticket.Status) string { return s.Code }),
		among("department", q.Departments, departments, func(d ticket.Department) string { return d.Code }),
		among("priority", q.Priorities, priorities, func(p ticket.Priority) string { return p.Code }),
	)
}

// among refuses values that none of the entries has.
func among[T ~string, E any](name string, values []T, entries []E, code func(E) T) error {
	var codes []string
	for _, e := range entries {
		codes = append(codes, string(code(e)))
	}
	for _, v := range values {
		if !slices.Contains(codes, string(v)) {
			return fmt.Errorf("there is no %s %q: use one of %s", name, v, strings.Join(codes, ", "))
		}
	}
	return nil
}

func (a *agent) list(ctx context.Context, args []string) error {
	q, err := a.filter(ctx, args)
	if err != nil {
		return err
	}
	return a.show(ctx, q)
}

// show prints one page.
func (a *agent) show(ctx context.Context, q ticket.Query) error {
	page, err := a.desk.Tickets(ctx, q)
	if err != nil {
		return err
	}
	a.tickets(page.Tickets)
	a.query, a.more = q, ""
	if page.Next != "" {
		a.query.Cursor, a.more = page.Next, "list"
		fmt.Fprintln(a.out, "… more shows the next page")
	}
	return nil
}

func (a *agent) tickets(list []*ticket.Ticket) {
	if len(list) == 0 {
		fmt.Fprintln(a.out, "no tickets")
		return
	}
	var rows [][]string
	for _, t := range list {
		mark := ""
		if t.UnreadByStaff {
			mark = "*"
		}
		rows = append(rows, []string{fmt.Sprint("#", t.ID), mark, t.Status, t.Priority, cmp.Or(t.Assignee, "-"), fmt.Sprint(t.Seq), line(cmp.Or(t.Requester.Name, t.Requester.Email, t.Requester.ID)), line(t.Subject)})
	}
	a.table([]string{"id", "", "status", "priority", "agent", "messages", "from", "subject"}, rows, func(r, column int) string {
		switch {
		case list[r].UnreadByStaff && column == 7:
			return "1"
		case list[r].Class.Done():
			return "2"
		case column == 2 && list[r].Class == ticket.ClassNew:
			return "32"
		}
		return ""
	})
}

func (a *agent) nextPage(ctx context.Context, _ []string) error {
	switch a.more {
	case "list":
		return a.show(ctx, a.query)
	case "search":
		return a.hits(ctx)
	}
	return errors.New("there is no more")
}

func (a *agent) find(ctx context.Context, args []string) error {
	if _, err := a.desk.Index().Update(ctx); err != nil { // what was written a moment ago is to be found, too
		return err
	}
	for i, w := range args { // what was quoted is a phrase
		if strings.Contains(w, " ") {
			args[i] = `"` + w + `"`
		}
	}
	a.search = ticket.Search{Text: strings.Join(args, " "), Limit: pageSize, Highlights: 1}
	return a.hits(ctx)
}

// hits prints one page of the search.
func (a *agent) hits(ctx context.Context) error {
	page, err := a.desk.Search(ctx, a.search)
	if err != nil {
		return err
	}
	if len(page.Hits) == 0 && page.Next == "" {
		fmt.Fprintln(a.out, "nothing was found")
	}
	for _, h := range page.Hits {
		fmt.Fprintf(a.out, "#%d %s\n", h.Ticket.ID, a.paint("1", line(h.Ticket.Subject)))
		for _, x := range h.Highlights {
			fmt.Fprintf(a.out, "   %s: %s\n", x.Field, a.marked(x))
		}
	}
	a.search.Cursor, a.more = page.Next, ""
	if page.Next != "" {
		a.more = "search"
		fmt.Fprintln(a.out, "… more shows the next page")
	}
	return nil
}

// marked shows the words that were found.
func (a *agent) marked(h ticket.Highlight) string {
	var b strings.Builder
	at := 0
	for _, r := range h.Ranges {
		b.WriteString(strings.Map(printable, h.Text[at:r.Start]) + a.paint("33", "["+strings.Map(printable, h.Text[r.Start:r.End])+"]"))
		at = r.End
	}
	return b.String() + strings.Map(printable, h.Text[at:])
}

func (a *agent) count(ctx context.Context, _ []string) error {
	c, err := a.desk.Counters(ctx, ticket.CounterQuery{Folders: []ticket.Folder{ticket.Inbox}})
	if err != nil {
		return err
	}
	row := func(name string, t ticket.Tally) []string {
		return []string{name, fmt.Sprint(t.Total), fmt.Sprint(t.Active()), fmt.Sprint(t.Unread)}
	}
	rows := [][]string{row("inbox", c.All), row("mine", c.Mine), row("unassigned", c.Unassigned)}
	for _, group := range []struct {
		name string
		of   map[string]ticket.Tally
	}{{"status", c.Statuses}, {"department", c.Departments}, {"agent", c.Agents}} {
		for _, key := range slices.Sorted(maps.Keys(group.of)) {
			rows = append(rows, row(group.name+" "+key, group.of[key]))
		}
	}
	a.table([]string{"", "tickets", "active", "unread"}, rows, nil)
	return nil
}

func (a *agent) view(ctx context.Context, args []string) error {
	all, err := a.desk.Views().List(ctx)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		for _, v := range all {
			fmt.Fprintln(a.out, v.Name)
		}
		return nil
	}
	if len(args) == 1 && (args[0] == "save" || args[0] == "delete") {
		return fmt.Errorf("view %s needs the name of a list", args[0])
	}
	save, remove := args[0] == "save" && len(args) > 1, args[0] == "delete" && len(args) > 1
	name := strings.Join(args, " ")
	if save || remove {
		name = strings.Join(args[1:], " ")
	}
	i := slices.IndexFunc(all, func(v ticket.View) bool { return v.Name == name })
	switch {
	case save:
		v := ticket.View{Name: name, Owner: a.actor.ID, Query: a.query}
		if i >= 0 {
			v = all[i]
			v.Query = a.query
		}
		v.Query.Cursor = ""
		_, err := a.desk.Views().Put(ctx, v)
		if err == nil {
			fmt.Fprintf(a.out, "saved the last list: view %s shows it\n", name)
		}
		return err
	case i < 0:
		return fmt.Errorf("there is no view %q: list what it is to show, and then: view save %s", name, name)
	case remove:
		return a.desk.Views().Delete(ctx, all[i].ID)
	}
	return a.show(ctx, all[i].Query)
}
