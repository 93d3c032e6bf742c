package condition

// What a condition may be. All of it bounds what one run costs: see the tests of attacks.
const (
	MaxSource = 8 << 10 // bytes of the text
	MaxParts  = 400     // names, values and operators
	maxDepth  = 40      // brackets in brackets, whichever they are
	maxValues = 200     // values in one list

	memoryBudget = 10_000 // entries of lists that one run may make; conditions make none

	// maxCost bounds what the texts of a condition cost, in bytes that are looked at once: some 40 ms at the worst.
	maxCost = 3 << 20
	// MaxMatched is how many bytes of a text a pattern looks at.
	MaxMatched = 16 << 10
)
