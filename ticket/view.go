package ticket

// View is a query that somebody has saved, as a list of its own (X12).
type View struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`

	// Owner is the id of the agent whose private view it is: nobody else sees it. Empty means that it is shared.
	Owner string `json:"owner,omitempty"`
	// Departments are those with whose members it is shared; none means all staff. A private view has none.
	Departments []string `json:"departments,omitempty"`

	Query   Query `json:"query"`             // without Cursor
	Sort    int   `json:"sort,omitempty"`    // its place among the views; ties by ID
	Version int64 `json:"version,omitempty"` // grows by one with every change
}
