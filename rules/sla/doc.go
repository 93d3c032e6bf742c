// Package sla says until when a ticket is to be answered and solved, and how far that has come: it chooses the policy that
// a ticket is under, and reads its clocks from its journal and its thread.
//
//	set, err := sla.NewSet(policies, calendars)
//	clocks, err := set.Clocks(sla.History{Ticket: t, Events: events, Messages: messages}, now)
//	for _, c := range clocks {
//		fmt.Println(c.Target, c.State, c.Deadline, c.Remaining)
//	}
//
// It needs no desk and no store, and keeps nothing: the same history gives the same clocks, in every process, whenever it
// is asked.
//
// # When a customer waits
//
// A customer waits from their first message that has not been answered, and no longer once staff have replied to them.
// Several messages in a row are one wait. The first wait of a ticket has the target FirstResponse, those after it
// NextResponse; of a ticket that staff have opened no wait is the first one, for they had the first word.
//
// Some messages are neither a question nor an answer:
//
//   - internal notes, and what is exchanged with third parties: the customer is not spoken to, or does not speak;
//   - what only claims to be from somebody (ticket.Message.Unproven): anybody can claim that;
//   - automatic mail, bounces among it (ticket.Mail.Automatic): nobody has read or asked anything, whoever's robot it is;
//   - mail of a customer of which nobody is to be told (ticket.Mail.Quiet): it is a flood or a repetition;
//   - what rules and the host's own code write: it is nobody's attention. The first message of a ticket is a question even
//     so, for the customer for whom it was opened.
//
// What was asked and answered before the ticket was there, and came to it by a merge or a split, plays no part.
//
// # What a clock counts
//
// A clock counts the working time of its policy's calendar in which the ticket is neither in a status of Policy.Pause, nor
// solved or closed, nor away: in the spam folder, deleted, or merged into another. FirstResponse and NextResponse end with
// the answer, Resolution with the ticket; a ticket that is opened again goes on where it stood. Of a ticket that is away
// there are no clocks.
//
// A clock that runs is under the policy that fits its ticket now, from its beginning on: where the priority is raised, what
// has passed counts by the new policy's calendar and against its target. A clock that has ended stays under the one that
// fitted then. Policies and calendars are those of now: who changes one changes what is said of the past.
package sla
