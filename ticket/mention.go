package ticket

// Mention names, in an internal note, whom it is for: an agent, or the members of a department (X30).
type Mention struct {
	Agent      string `json:"agent,omitempty"`      // id
	Department string `json:"department,omitempty"` // code
}

// Mentioned is a note that mentions somebody.
type Mentioned struct {
	Mention Mention  `json:"mention"` // the agent, where the note names them beside their departments
	Ticket  *Ticket  `json:"ticket"`
	Message *Message `json:"message"`
	Seen    bool     `json:"seen"` // by the agent whose list it is; what they wrote themselves is
}

// MentionPage is one page of a list of mentions. It may be short and still have a Next.
type MentionPage struct {
	Mentions []Mentioned `json:"mentions"`
	Next     string      `json:"next,omitempty"`
}

// MentionQuery selects mentions of the acting agent and of their departments, the newest first.
type MentionQuery struct {
	Cursor string // Next of the page before
	Limit  int    // default DefaultPage, at most MaxPage
}
