package condition

import (
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/expr-lang/expr/vm"
)

// Programs read no structure, which costs reflection and a piece of memory for each field, each time, but a map, which
// expr reads at once. Each field that a condition of a schema asks for has a place, and Vars are read once for all places.

// slot is a field that programs read.
type slot struct {
	field *Field
	past  bool
}

// slots are those of a schema, by the order in which conditions came to ask for them. They are never taken away: there are
// no more than the schema has fields, twice.
type slots struct {
	mu   sync.Mutex
	list []slot
}

// place is where programs find what a slot has.
func (s *slots) place(of slot) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, known := range s.list {
		if known == of {
			return i
		}
	}
	s.list = append(s.list, of)
	return len(s.list) - 1
}

func (s *slots) all() []slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// called is the name of a place in programs.
func called(place int) string { return "v" + strconv.Itoa(place) }

// zero is a value of the type that programs see.
func (s slot) zero() any {
	switch {
	case s.field.lazy:
		return Lazy(nil)
	case s.field.Kind == Number:
		return 0.0
	case s.field.Kind == Bool:
		return false
	case s.field.Kind == Time:
		return time.Time{}
	case s.field.Kind == List:
		return []string(nil)
	}
	return ""
}

// of is what v has there, with the type of zero.
func (s slot) of(v *Vars) any {
	f := s.field
	if f.code == "" {
		all := reflect.ValueOf(v).Elem()
		if s.past {
			return all.FieldByName("Before").FieldByIndex(f.path[1:]).Interface()
		}
		return all.FieldByIndex(f.path).Interface()
	}
	text := v.custom[f.code]
	if s.past {
		text = v.customBefore[f.code]
	}
	switch text = line(text); f.Kind {
	case Number:
		return number(text)
	case Bool:
		return text == "1"
	case List:
		return entries(text)
	}
	return text
}

// program is what a condition is run by.
type program struct {
	*vm.Program
	schema *Schema
	places int // more than the greatest place that it reads
}

// env is what programs of a schema see of Vars. It is immutable.
type env struct {
	schema *Schema
	places int
	values map[string]any
	next   *env // of other schemas, or of fewer places
}

// shared is what the runs over one Vars have in common.
type shared struct {
	env     atomic.Pointer[env]
	busy    atomic.Bool
	machine *vm.VM // of who has set busy
}

// seenBy returns what the program is to see of v.
func (v *Vars) seenBy(p *program) map[string]any {
	first := v.shared.env.Load()
	for e := first; e != nil; e = e.next {
		if e.schema == p.schema && e.places >= p.places {
			return e.values
		}
	}
	list := p.schema.slots.all()
	e := &env{schema: p.schema, places: len(list), values: make(map[string]any, len(list)), next: first}
	for i, s := range list {
		e.values[called(i)] = s.of(v)
	}
	v.shared.env.Store(e) // if others do at the same time, one of them does it again
	return e.values
}

// run runs a program on the machine that is kept, or on another while that one runs.
func (s *shared) run(p *vm.Program, seen map[string]any) (any, error) {
	if !s.busy.CompareAndSwap(false, true) {
		return newMachine().Run(p, seen)
	}
	defer s.busy.Store(false)
	if s.machine == nil {
		s.machine = newMachine()
	}
	return s.machine.Run(p, seen)
}

func newMachine() *vm.VM { return &vm.VM{MemoryBudget: memoryBudget} }
