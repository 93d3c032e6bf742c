package ticket

import "slices"

// Right is one thing that a role lets an agent do.
type Right string

// The rights of the permission grid (M51, G04).
const (
	RightSee       Right = "see"       // read tickets, as far as the grant's Sight goes
	RightCreate    Right = "create"    // open tickets
	RightReply     Right = "reply"     // reply, and write to third parties
	RightNote      Right = "note"      // write internal notes
	RightUpdate    Right = "update"    // change properties and status
	RightAssign    Right = "assign"    // claim, and assign to others
	RightEdit      Right = "edit"      // edit and delete messages
	RightDelete    Right = "delete"    // delete and restore tickets
	RightPurge     Right = "purge"     // remove for good: purge, redact
	RightMerge     Right = "merge"     // merge and split
	RightHistory   Right = "history"   // read journal, raw mails and old versions
	RightPeople    Right = "people"    // keep customers and organisations, export and erase
	RightConfigure Right = "configure" // catalogue, settings, roles, deliveries
)

// Rights lists every right.
func Rights() []Right {
	return []Right{RightSee, RightCreate, RightReply, RightNote, RightUpdate, RightAssign, RightEdit, RightDelete, RightPurge, RightMerge, RightHistory,
		RightPeople, RightConfigure}
}

// Sight is how far a grant sees.
type Sight string

// The sights. Each sees what the one before sees, and more: so SightDepartment, too, sees what is assigned or watched
// in departments that the agent is no member of, and whoever may update such a ticket can show it to them. A wall
// around a department is Grant.Departments, beyond which a grant gives nothing, whatever its Sight.
const (
	SightMine       Sight = "mine"       // what is assigned to the agent or watched by them
	SightDepartment Sight = "department" // and what lies in a department that they are a member of
	SightAll        Sight = "all"        // and everything else
)

// Grant gives rights in a part of the desk. The zero Grant gives every right everywhere. Whoever may configure can give
// themselves the rest: a grant that is for a part of the desk never gives that right, and one with a narrower Sight only
// where it names it.
type Grant struct {
	Departments []string `json:"departments,omitempty"` // empty means all; elsewhere the grant gives nothing, also on what is assigned or watched
	Brands      []string `json:"brands,omitempty"`      // empty means all; as Departments
	Rights      []Right  `json:"rights,omitempty"`      // empty means every one, but with a narrower Sight not RightPeople and RightConfigure
	Sight       Sight    `json:"sight,omitempty"`       // empty means SightAll
}

// Gives reports whether the grant gives the right.
func (g Grant) Gives(r Right) bool { return len(g.Rights) == 0 || slices.Contains(g.Rights, r) }

// Covers reports whether a place of brand and department is the grant's.
func (g Grant) Covers(brand, department string) bool {
	return (len(g.Brands) == 0 || slices.Contains(g.Brands, brand)) && (len(g.Departments) == 0 || slices.Contains(g.Departments, department))
}

// Role is an entry of the catalogue: what its agents may do. Of several grants each gives what it gives. Code is
// immutable.
type Role struct {
	Code   string  `json:"code"`
	Name   string  `json:"name"`
	Grants []Grant `json:"grants,omitempty"`
	Sort   int     `json:"sort,omitempty"`
}

// Clone returns a deep copy.
func (g Grant) Clone() Grant {
	g.Departments, g.Brands, g.Rights = slices.Clone(g.Departments), slices.Clone(g.Brands), slices.Clone(g.Rights)
	return g
}

// Clone returns a deep copy.
func (r Role) Clone() Role {
	r.Grants = slices.Clone(r.Grants)
	for i, g := range r.Grants {
		r.Grants[i] = g.Clone()
	}
	return r
}
