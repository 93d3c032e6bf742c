package condition

import "regexp"

// slip is something that people write, as the parser says it, and as they are to be told.
type slip struct {
	says *regexp.Regexp
	text string // with what the parser names
}

func slips() []slip {
	return []slip{
		{regexp.MustCompile(`^unexpected token Operator\("="\)`), "a single = compares nothing: write =="},
		{regexp.MustCompile(`^unexpected token Operator\("(contains|startsWith|endsWith|matches|in)"\)`), `%[1]s stands between what it compares, as in ticket.subject contains "lamp"`},
		{regexp.MustCompile(`^unexpected token Operator\("(.*)"\)`), "%s stands where a value is missing, or has no meaning here"},
		{regexp.MustCompile(`^unexpected token Identifier\("(.*)"\)`), "%s joins nothing: values are compared by ==, !=, <, <=, >, >=, in, contains, startsWith, endsWith or matches, and conditions joined by and or or"},
		{regexp.MustCompile(`^unexpected token EOF`), "is incomplete: write the rest of it"},
		{regexp.MustCompile(`^bad number syntax: "(.*)"`), "%s is no number: hours are written as 72, and a text in quotes"},
	}
}
