package ticket

// SearchOrder is the order of what a search finds.
type SearchOrder string

// The orders of a search.
const (
	NewestFirst SearchOrder = ""       // what changed last comes first, as in lists
	Ranked      SearchOrder = "ranked" // what fits best comes first, among the newest thousand or so, and then among the next
)

// Search is what somebody looks for.
type Search struct {
	// Text is what people type: words, "phrases", begin*, -without, one OR another, and name:value filters. Anything goes,
	// and nothing is an error. Of a text of more than 4 KiB or 24 terms the rest is left out: see SearchPage.Cut.
	Text string
	// Filter selects besides; its Sort, Cursor and Limit are not looked at, and deleted tickets are not searched.
	Filter Query

	Order      SearchOrder
	Cursor     string // of the page before; opaque
	Limit      int    // default DefaultPage, at most MaxPage
	Highlights int    // how many for each ticket, at most 10; 0 means 3, a negative number none
}

// SearchPage is one page of a search. Next is empty on the last one. A page may be short, or empty, and still have a
// Next: where most of what has the words is filtered out, or not for the actor to see, a page ends before it takes long.
// No ticket that stays unchanged during the paging is missed or repeated. There is no way back, as lists have it: the order
// may be a rank that is worked out going forward, so who turns back keeps the cursors that they came by.
type SearchPage struct {
	Hits []Hit  `json:"hits"`
	Next string `json:"next,omitempty"`
	Cut  bool   `json:"cut,omitempty"` // the text was too long, and its rest was left out
}

// Hit is a ticket that was found.
type Hit struct {
	Ticket     *Ticket     `json:"ticket"`
	Highlights []Highlight `json:"highlights,omitempty"`
}

// The fields in which highlights stand.
const (
	InSubject = "subject"
	InBody    = "body" // of a message
	InFile    = "file" // the name of one of a message's
	InCode    = "code"
	InPerson  = "person" // the name or address of the requester or a participant
)

// Highlight is a part of a text in which some of the words stand. It is plain text, as it was written: escape it for
// HTML.
type Highlight struct {
	MessageID int64   `json:"message_id,omitempty"` // 0 for the ticket's own fields
	Field     string  `json:"field"`
	Text      string  `json:"text"`
	Ranges    []Range `json:"ranges"` // of the words, in order
}

// Range is a part of a text, in bytes: from Start up to, and without, End. It never parts a character.
type Range struct {
	Start int `json:"start"`
	End   int `json:"end"`
}
