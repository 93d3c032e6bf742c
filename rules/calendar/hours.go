package calendar

import (
	"iter"
	"time"
)

// Horizon is how far Add, NextOpening and NextClosing look: what is not found until then counts as never.
const Horizon = 20 * 365 * 24 * time.Hour

// Hours is a calendar made ready for questions, each of which takes microseconds however long a time it is about. It never
// changes, and is safe for concurrent use. Times are counted to the microsecond, as the desk's are.
type Hours struct {
	calendar Calendar
	zone     *time.Location
	local    *local
}

// Compile makes a calendar ready. Errors: ticket.ErrInvalid, as Check says it.
func Compile(c Calendar) (*Hours, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	zone, err := location(c.Zone)
	if err != nil {
		return nil, err
	}
	c = c.Clone()
	return &Hours{calendar: c, zone: zone, local: newLocal(c)}, nil
}

// Calendar returns a copy of what the hours were made of.
func (h *Hours) Calendar() Calendar { return h.calendar.Clone() }

// Zone is that of the calendar.
func (h *Hours) Zone() *time.Location { return h.zone }

// stretch is a time in which the zone's clock is not changed: local time is that of UTC and offset.
type stretch struct{ from, to, offset int64 }

func (s stretch) local() span { return span{s.from + s.offset, s.to + s.offset} }

// stretches divides a time at the zone's clock changes.
func (h *Hours) stretches(from, to int64) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for from < to {
			t := time.UnixMicro(from).In(h.zone)
			_, offset := t.Zone()
			s := stretch{from: from, to: to, offset: int64(offset) * second}
			if _, end := t.ZoneBounds(); !end.IsZero() && end.UnixMicro() < to {
				s.to = end.UnixMicro()
			}
			if s.to <= from || !yield(s) {
				return
			}
			from = s.to
		}
	}
}

// OpenAt reports whether t is in the hours.
func (h *Hours) OpenAt(t time.Time) bool { return h.local.isOpen(h.wall(t)) }

// Between is how much of the time from one moment to another is in the hours; 0 if to is not after from.
func (h *Hours) Between(from, to time.Time) time.Duration {
	sum := int64(0)
	for s := range h.stretches(from.UnixMicro(), to.UnixMicro()) {
		l := s.local()
		sum += h.local.at(l.to) - h.local.at(l.from)
	}
	return time.Duration(sum) * time.Microsecond
}

// Add is the first moment by which so much of the time since from is in the hours: what it takes to the end of a day ends
// with that day, and not with the beginning of the next. It is from for 0 and less, and ok is false where that is beyond
// Horizon.
func (h *Hours) Add(from time.Time, d time.Duration) (at time.Time, ok bool) {
	start, left := from.UnixMicro(), d.Microseconds()
	if left <= 0 {
		return from, true
	}
	for s := range h.stretches(start, start+Horizon.Microseconds()) {
		l := s.local()
		if n := h.local.at(l.to) - h.local.at(l.from); n < left {
			left -= n
			continue
		}
		return moved(from, h.local.worked(l, left)-s.offset), true
	}
	return time.Time{}, false
}

// moved is a moment in the location of another.
func moved(like time.Time, at int64) time.Time { return time.UnixMicro(at).In(like.Location()) }

// NextOpening is the first moment in the hours that is not before t: t itself if that is. ok is false where there is none
// until Horizon.
func (h *Hours) NextOpening(t time.Time) (at time.Time, ok bool) { return h.next(t, h.local.opens) }

// NextClosing is the first moment outside the hours that is not before t: t itself if that is. ok is false where there is
// none until Horizon.
func (h *Hours) NextClosing(t time.Time) (at time.Time, ok bool) { return h.next(t, h.local.closes) }

func (h *Hours) next(t time.Time, find func(span) int64) (time.Time, bool) {
	start := t.UnixMicro()
	for s := range h.stretches(start, start+Horizon.Microseconds()) {
		l := s.local()
		if x := find(l); x < l.to {
			if x == l.from && s.from == start {
				return t, true
			}
			return moved(t, x-s.offset), true
		}
	}
	return time.Time{}, false
}

// Interval is a time that is in the hours as a whole, or outside them as a whole.
type Interval struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Open    bool      `json:"open"`
	Special string    `json:"special,omitempty"` // name of the special period that says so
}

// Duration is how long the interval is, on a watch.
func (i Interval) Duration() time.Duration { return i.To.Sub(i.From) }

// Intervals divides the time from one moment to another into what is in the hours and what is not, without a gap, and says
// which special period made it so. The times are in the calendar's zone.
func (h *Hours) Intervals(from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for p := range h.parts(from, to) {
			if !yield(p.Interval) {
				return
			}
		}
	}
}

// part is an interval with its special period.
type part struct {
	Interval
	special *Special
}

// parts are the intervals of a time; what goes on beyond a clock change is one.
func (h *Hours) parts(from, to time.Time) iter.Seq[part] {
	return func(yield func(part) bool) {
		var last part
		for s := range h.stretches(from.UnixMicro(), to.UnixMicro()) {
			for l := s.local(); l.from < l.to; {
				next := h.constant(l, s.offset)
				l.from = next.To.UnixMicro() + s.offset
				switch {
				case last.To.IsZero():
					last = next
				case last.special == next.special && last.Open == next.Open:
					last.To = next.To
				case !yield(last):
					return
				default:
					last = next
				}
			}
		}
		if !last.To.IsZero() {
			yield(last)
		}
	}
}

// constant is the time from the beginning of l for which nothing changes.
func (h *Hours) constant(l span, offset int64) part {
	at := func(x int64) time.Time { return time.UnixMicro(x - offset).In(h.zone) }
	p, until := h.local.special(l.from)
	l.to = min(l.to, until)
	out := part{Interval: Interval{From: at(l.from), Open: h.local.isOpen(l.from)}}
	if out.To = at(h.local.opens(l)); out.Open {
		out.To = at(h.local.closes(l))
	}
	if p != nil {
		out.special = &h.calendar.Special[p.special]
		out.Special = out.special.Name
	}
	return out
}
