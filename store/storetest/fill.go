package storetest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// filler gives every field of a value something that no other field has, so that a field which is lost or mixed up
// shows.
type filler struct{ n int64 }

// awkward is text that has gone wrong in databases: several scripts, an emoji beyond the basic plane, a combining mark,
// quotes, a backslash, SQL's wildcards, line breaks, trailing space.
const awkward = "ß İ 日本語 😀 e\u0301 '\"\\ %_ ; -- \r\n\t "

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(base.Add(time.Duration(f.n) * time.Microsecond)))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(fmt.Sprintf(`{"n":%d,"text":%q}`, f.n, awkward))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint(f.n, " ", awkward))
	case reflect.Int, reflect.Int64:
		v.SetInt(math.MaxInt64 - f.n)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		f.fillMap(v)
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic("storetest: a value of the contract has a field of a kind that filler does not know: " + v.Type().String())
	}
}

func (f *filler) fillMap(v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	for range 3 {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key)
		f.fill(value)
		v.SetMapIndex(key, value)
	}
}

// full returns a T with every field set.
func full[T any](id int64) *T {
	out := new(T)
	f := &filler{n: id * 1000}
	f.fill(reflect.ValueOf(out).Elem())
	return out
}

// fullTicket is a ticket with every field set, the fixed words among them being valid.
func (e *env) fullTicket() *ticket.Ticket {
	t := full[ticket.Ticket](e.id())
	t.ID, t.Class, t.Folder, t.LastReplyBy = e.id(), ticket.ClassPending, ticket.Spam, ticket.ActorStaff
	return t
}

func (e *env) fullMessage(of *ticket.Ticket) *ticket.Message {
	m := full[ticket.Message](e.id())
	m.ID, m.TicketID, m.Kind, m.Format, m.Author.Kind = e.id(), of.ID, ticket.KindConfided, ticket.Markdown, ticket.ActorClient
	m.Body = strings.Repeat(awkward, 1<<20/len(awkward)) // about a megabyte
	return m
}

func (e *env) fullEvent(of *ticket.Ticket) *ticket.Event {
	v := full[ticket.Event](e.id())
	v.ID, v.TicketID, v.Type, v.Kind, v.Actor.Kind = e.id(), of.ID, ticket.EventNoted, ticket.KindNote, ticket.ActorSystem
	return v
}

// fullWork is work as it may be put: pending, not leased.
func (e *env) fullWork() *store.Work {
	w := full[store.Work](e.id())
	w.ID, w.State, w.Epoch, w.Attempt, w.LeasedTo = e.id(), store.WorkPending, 0, 0, time.Time{}
	return w
}
