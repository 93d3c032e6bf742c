package sqlite

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// number is how many tickets of one place there are of a class and a status, and how many of them are unread by staff.
type number struct {
	class     ticket.Class
	status    string
	assigned  bool
	n, unread int
}

// numbers is what one row of a table of numbers says: see migration 0004.
type numbers []number

func (l numbers) String() string {
	var b strings.Builder
	for i, x := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		assigned := byte('0')
		if x.assigned {
			assigned = '1'
		}
		b.WriteString(strings.ToUpper(hex.EncodeToString([]byte(x.class))) + " " + strings.ToUpper(hex.EncodeToString([]byte(x.status))) + " ")
		b.WriteByte(assigned)
		b.WriteString(" " + strconv.Itoa(x.n) + " " + strconv.Itoa(x.unread))
	}
	return b.String()
}

// reading reads rows of numbers. It remembers what begins their lines, which differ little.
type reading map[string]number

// numbers leaves out lines that are damaged: they must not keep anybody from writing, and CheckTallies finds them.
func (r reading) numbers(out numbers, s string) numbers {
	for line := range strings.SplitSeq(s, "\n") {
		rest, unread, _ := cutLast(line)
		begin, n, ok := cutLast(rest)
		if !ok {
			continue
		}
		x, known := r[begin]
		if !known {
			x = beginning(begin)
			r[begin] = x
		}
		var err, err2 error
		x.n, err = strconv.Atoi(n)
		x.unread, err2 = strconv.Atoi(unread)
		if err == nil && err2 == nil {
			out = append(out, x)
		}
	}
	return out
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// beginning reads a line up to its numbers.
func beginning(s string) number {
	class, rest, _ := strings.Cut(s, " ")
	status, assigned, _ := strings.Cut(rest, " ")
	c, _ := hex.DecodeString(class)
	st, _ := hex.DecodeString(status)
	return number{class: ticket.Class(c), status: string(st), assigned: assigned == "1"}
}

// add counts a ticket that is like x, or, with n below 0, takes one away.
func (l numbers) add(x number) numbers {
	for i := range l {
		if at := &l[i]; at.class == x.class && at.status == x.status && at.assigned == x.assigned {
			at.n, at.unread = at.n+x.n, max(0, at.unread+x.unread)
			if at.n <= 0 {
				return append(l[:i], l[i+1:]...)
			}
			return l
		}
	}
	if x.n <= 0 {
		return l
	}
	return append(l, x)
}
