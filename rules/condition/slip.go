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
		{regexp.MustCompile(`^unexpected token Operator\(","\)`), `several values stand in brackets, as ["open", "pending"]`},
		{regexp.MustCompile(`^unexpected token Operator\("(.*)"\)`), "%s stands where a value is missing, or has no meaning here"},
		{regexp.MustCompile(`^unexpected token Identifier\("(.*)"\)`), "%s joins nothing: values are compared by ==, !=, <, <=, >, >=, in, contains, startsWith, endsWith or matches, and conditions joined by and or or"},
		{regexp.MustCompile(`^unexpected token (?:String|Number)\("(.*)"\)`), "%s stands there with nothing that joins it to what is before: several values stand in brackets, as [\"open\", \"pending\"]"},
		{regexp.MustCompile(`^unexpected token Bracket\("(.*)"\)`), "%s has no other half, or nothing before it that it belongs to"},
		{regexp.MustCompile(`^literal not terminated`), "a text has no end: its second quotation mark is missing"},
		{regexp.MustCompile(`^unrecognized character: U\+(?:201[89A-F]|00AB|00BB) '(.*)'`), `%s is no quotation mark of conditions: write " and "`},
		{regexp.MustCompile(`^unrecognized character: \S+ '(.*)'`), "%s means nothing here: texts stand in quotes"},
		{regexp.MustCompile(`^unexpected token EOF`), "is incomplete: write the rest of it"},
		{regexp.MustCompile(`^bad number syntax: "(.*)"`), "%s is no number: hours are written as 72, and a text in quotes"},
	}
}

// foreign is an operator of other languages that stands in a text around a place, in characters, and what to write for it.
func foreign(text string, at int) (op, ours string) {
	around := []rune(text)
	for _, f := range [][2]string{{"!==", "!="}, {"===", "=="}, {"=>", ">="}, {"=<", "<="}, {"<>", "!="}, {"=~", "matches"}, {"~=", "matches"}} {
		n := len(f[0])
		for from := max(at-n+1, 0); from <= at && from+n <= len(around); from++ {
			if string(around[from:from+n]) == f[0] {
				return f[0], f[1]
			}
		}
	}
	return "", ""
}
