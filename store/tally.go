package store

import (
	"context"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// TallyKind says by what Reader.Tallies counts.
type TallyKind int

// What tickets are counted by.
const (
	// TallyPlaces counts by folder, brand, department, class, status, and whether somebody has it.
	TallyPlaces TallyKind = iota
	// TallyAssignees counts the tickets that somebody has, by who that is instead.
	TallyAssignees
	// TallyTags counts by tag, brand and department: a ticket counts once under each of its tags, others nowhere.
	TallyTags
)

// WalkLimit is how many tickets Reader.Tallies looks at, for each reason, when TallyQuery does not say.
const WalkLimit = 1000

// TallyQuery asks for numbers of live tickets: those that are neither deleted nor merged.
type TallyQuery struct {
	By TallyKind
	// Whole leaves brand and department out of what is counted by: there are fewer numbers, and they come faster.
	Whole bool
	// Of these only; none means all. Folders are not looked at for tags.
	Folders             []ticket.Folder
	Brands, Departments []string
	Assignee            string // with TallyAssignees: of this agent only
	Prefix              string // with TallyTags: of tags that begin with it only
	// Limit bounds what has to be counted one by one: the newest so many of each agent's, address's or organisation's
	// own. 0 means WalkLimit.
	Limit int
}

// Tally is a number of tickets that are alike in what the query counts by. The other fields are empty.
type Tally struct {
	ticket.Place
	Folder   ticket.Folder
	Class    ticket.Class
	Status   string
	Assignee string
	Tag      string
	Assigned bool // not of tags
	N        int  // above 0
	Unread   int  // how many of them staff have not read; not of tags
}

// Tallies are numbers of tickets, in no order. The same group may come several times: then its numbers add up.
type Tallies struct {
	Rows []Tally
	// More says that there may be more: a limit was reached. What a scope sees by All or by its Places is never
	// limited, nor, but for tags, what is assigned to its Agent.
	More bool
}

// TallyChecker is a store that keeps the numbers of Reader.Tallies beside the tickets.
type TallyChecker interface {
	// CheckTallies counts all tickets anew, which takes seconds where there are a million, and says of up to ten numbers
	// how they differ from those that are kept; none is good news.
	CheckTallies(ctx context.Context) ([]string, error)
}
