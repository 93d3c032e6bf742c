package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// combinations are queries that no single index answers, and the orders that go with them.
func combinations() map[string]ticket.Query {
	inbox := []ticket.Folder{ticket.Inbox}
	at := func(days int) time.Time { return newBuilder(1).start.AddDate(0, 0, days) }
	return map[string]ticket.Query{
		"everything":               {},
		"a channel":                {Channels: []ticket.Channel{ticket.ChannelAPI}},
		"a channel of nobody":      {Channels: []ticket.Channel{"phone"}},
		"a brand":                  {Brands: brands[2:]},
		"brand, status, priority":  {Brands: brands[1:2], Statuses: []string{"open"}, Priorities: []string{"high"}},
		"a rare and a common tag":  {Tags: []string{tags[0], tags[49]}},
		"a tag of an assignee":     {Tags: tags[3:4], Assignee: agentID(39)},
		"a tag, unread":            {Tags: tags[:1], UnreadByStaff: true},
		"unread by the customer":   {UnreadByClient: true, Folders: inbox},
		"a value":                  {Fields: []ticket.FieldFilter{{Code: "size", Values: []string{"7"}}}, Statuses: []string{"open"}},
		"a range":                  {Fields: []ticket.FieldFilter{{Code: "size", From: "5", To: "8"}}},
		"a wide range, a priority": {Fields: []ticket.FieldFilter{{Code: "size", From: "100"}}, Priorities: []string{"low"}},
		"no value":                 {Fields: []ticket.FieldFilter{{Code: "size", Empty: true}}, Brands: brands[2:]},
		"no value, a status":       {Fields: []ticket.FieldFilter{{Code: "size", Empty: true}}, Statuses: []string{"new"}},
		"created long ago":         {CreatedTo: at(3), Folders: inbox},
		"created in one week":      {CreatedFrom: at(500), CreatedTo: at(507)},
		"replied in one day":       {LastReplyFrom: at(700), LastReplyTo: at(701), Departments: departments[2:5]},
		"updated in one week":      {UpdatedFrom: at(300), UpdatedTo: at(307), Classes: []ticket.Class{ticket.ClassOpen}},
		"a participant":            {Participant: customerOf(7).Email, Priorities: []string{"high"}},
		"a watcher":                {Watcher: agentID(1), Statuses: []string{"waiting"}},
		"an organisation's status": {Organisation: organisationOf(0), Statuses: []string{"waiting"}},
		"spam of a department":     {Folders: []ticket.Folder{ticket.Spam}, Departments: departments[7:8], Channels: []ticket.Channel{ticket.ChannelAccount}},
		"deleted":                  {Deleted: true},
		"many at once": {Classes: []ticket.Class{ticket.ClassOpen, ticket.ClassPending}, Departments: departments[:12], Brands: brands[1:], Priorities: []string{"low", "high"},
			Channels: []ticket.Channel{ticket.ChannelEmail, ticket.ChannelAPI}, Tags: tags[1:2], UnreadByStaff: true},
	}
}

var orders = []ticket.Sort{
	ticket.NewestUpdate, ticket.OldestUpdate, ticket.NewestCreated, ticket.OldestCreated, ticket.NewestReply, ticket.OldestReply,
	ticket.MostUrgent, ticket.LeastUrgent, ticket.ByField("size"), ticket.ByFieldDesc("size"),
}

// others are who reads besides: of 20 departments, of one place and what is theirs, of two rare places, and a customer.
func others() []reader {
	return []reader{
		{"all", ticket.Staff("chief", "", ""), nil}, {"20 departments", ticket.Staff("wide", "", ""), nil}, {"a member", ticket.Staff(agentID(1), "", ""), nil},
		{"rare places", ticket.Staff("narrow", "", ""), nil}, {"a customer", ticket.Client(customerOf(1).ID, "", customerOf(1).Email), nil},
	}
}

// other asks everything by everybody in every order, three pages of each, and returns the worst against a standard page.
// What a page took is the least of three times: the machine's pauses are not the query's.
func (l *lister) other(ctx context.Context, standard time.Duration) (result, error) {
	var worst []measured
	for name, q := range combinations() {
		for _, who := range others() {
			if q.Tags != nil && who.actor.IsCustomer() || q.Watcher != "" && who.actor.IsCustomer() {
				continue // they may not ask
			}
			for _, sort := range orders {
				if _, _, field := sort.Field(); field && who.actor.IsCustomer() || q.Fields != nil && who.actor.IsCustomer() {
					continue
				}
				q.Sort, q.Limit, q.Cursor = sort, pageOf, ""
				m, err := l.pages(ticket.WithActor(ctx, who.actor), q)
				if err != nil {
					return result{}, fmt.Errorf("%s for %s by %s: %w", name, who.name, sort, err)
				}
				m.what = fmt.Sprintf("%s for %s by %s, %s", name, who.name, sort, m.what)
				worst = append(worst, m)
			}
		}
	}
	slices.SortFunc(worst, func(a, b measured) int { return int(b.ours - a.ours) })
	r := result{name: "other", ours: perOp("the worst of "+strconv.Itoa(len(worst)), worst[0].ours), raw: perOp("a standard page", standard),
		ratio: float64(worst[0].ours) / float64(standard), unit: "x", promise: 100, most: true}
	for _, m := range worst[:10] {
		r.notes = append(r.notes, fmt.Sprintf("%.1f ms: %s", ms(m.ours), m.what))
	}
	return r, nil
}

// pages reads three pages, and returns the one that took longest.
func (l *lister) pages(ctx context.Context, q ticket.Query) (worst measured, err error) {
	for n := range 3 {
		var page ticket.Page
		took := time.Hour
		for range 3 {
			start := time.Now()
			if page, err = l.desk.Tickets(ctx, q); err != nil {
				return worst, err
			}
			if took = min(took, time.Since(start)); took < time.Millisecond {
				break
			}
		}
		if took > worst.ours {
			worst = measured{what: fmt.Sprintf("page %d with %d tickets", n+1, len(page.Tickets)), ours: took}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return worst, nil
}

// memoryOf reads everything in a process of its own, and returns how much memory that had at its peak.
func memoryOf(ctx context.Context, path string) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	cmd := exec.CommandContext(ctx, self, "-peak", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return result{}, err
	}
	kb, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return result{name: "memory", ours: "peak while reading", raw: "nothing", ratio: kb / 1024, unit: " MB", promise: 250, most: true}, err
}

// printPeak reads as four people at once do, and prints the peak of the process's memory in KB.
func printPeak(ctx context.Context, path string) error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the peak of the memory is read from /proc, which %s has not", runtime.GOOS)
	}
	l, err := openLister(ctx, path)
	if err != nil {
		return err
	}
	errs := make(chan error, 4)
	for n := range cap(errs) {
		go func() { errs <- l.readAll(ctx, n) }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			return err
		}
	}
	if err := l.close(ctx); err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, peak, found := bytes.Cut(status, []byte("VmHWM:"))
	if !found {
		return fmt.Errorf("/proc/self/status has no VmHWM")
	}
	fmt.Println(strings.Fields(string(peak))[0])
	return nil
}

// readAll reads the standard views and the others, each by somebody else.
func (l *lister) readAll(ctx context.Context, n int) error {
	for _, v := range views() {
		for _, who := range readers() {
			if _, err := l.deep(ticket.WithActor(ctx, who.actor), v.query); err != nil {
				return err
			}
		}
	}
	for _, q := range combinations() {
		q.Sort = orders[n*3%len(orders)]
		if _, err := l.pages(ticket.WithActor(ctx, others()[n].actor), q); err != nil {
			return err
		}
	}
	return nil
}
