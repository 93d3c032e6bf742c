package helpdesk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Views are the saved lists of a desk (X12): private ones, which their agents see and nobody else, and shared ones, for
// all staff or the members of some departments. A view is a query and no right: whoever opens one sees of its tickets
// what they may see anyway. One whose query names what is gone from the catalogue still opens.
type Views struct{ d *Desk }

// Views returns the group of verbs for saved lists.
func (d *Desk) Views() Views { return Views{d} }

const (
	kindView    = "view"
	sharedViews = "shared" // the parent of shared views; that of a private one is its agent, see viewParent
	maxView     = 32 << 10 // bytes of its document
	maxViews    = 500      // shared ones, and private ones of an agent
)

func viewParent(owner string) string {
	if owner == "" {
		return sharedViews
	}
	return "agent/" + owner
}

func viewKey(id int64) string { return strconv.FormatInt(id, 10) }

// viewName is the key that keeps names of views unique, among those of one owner and whatever the case of their letters.
// It is a hash, so that nothing of a name is kept in clear when somebody is erased from it.
func viewName(v ticket.View) string {
	name := strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, v.Name)
	sum := sha256.Sum256([]byte(viewParent(v.Owner) + "\n" + name))
	return hex.EncodeToString(sum[:])
}

// Put saves a view, or changes the one with the ID, and returns it as it is stored; without an ID it is a new one. An
// agent saves private views, with their own id as Owner; shared ones take the right to configure, and are journalled. A
// shared view can be made private and the other way round by who may do both. Views of an owner, and shared ones, have
// different names, whatever the case of their letters.
//
// With a Version it is refused with ticket.ErrConflict if somebody else has changed it. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for customers, for staff who may see nothing, for the private view of another, and for a shared
// one without the right; ticket.ErrNotFound for an ID that is not there for the actor; ticket.ErrInvalid.
func (v Views) Put(ctx context.Context, view ticket.View) (ticket.View, error) {
	var out ticket.View
	ctx, actor, err := v.enter(ctx)
	if err == nil {
		err = checkView(&view)
	}
	if err == nil {
		_, err = v.d.transact(ctx, actor, func(ctx context.Context, w *write) (err error) {
			out, err = w.putView(ctx, view)
			return err
		})
	}
	if err != nil {
		return ticket.View{}, failed("put view "+strconv.Quote(view.Name), err)
	}
	return out, nil
}

// Get returns a view. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers and for staff who may see nothing;
// ticket.ErrNotFound, also for what is not for the actor.
func (v Views) Get(ctx context.Context, id int64) (ticket.View, error) {
	var out ticket.View
	ctx, actor, err := v.enter(ctx)
	if err == nil {
		err = v.d.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			out, _, err = viewAt(ctx, r, id)
			return err
		})
	}
	if err == nil {
		err = v.d.shows(ctx, actor, out)
	}
	if err != nil {
		return ticket.View{}, failed(fmt.Sprintf("read view %d", id), hidden(err))
	}
	return out, nil
}

// List lists the views that there are for the actor, their own and those shared with them, by Sort. Errors: as Get,
// without ticket.ErrNotFound.
func (v Views) List(ctx context.Context) ([]ticket.View, error) {
	ctx, actor, err := v.enter(ctx)
	if err != nil {
		return nil, failed("list views", err)
	}
	var all []ticket.View
	err = v.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		all = nil
		parents := []string{sharedViews}
		if actor.Kind == ticket.ActorStaff {
			parents = append(parents, viewParent(actor.ID))
		}
		for _, parent := range parents {
			recs, err := r.Records(ctx, store.RecordQuery{Kind: kindView, Parent: parent})
			if err != nil {
				return err
			}
			for _, rec := range recs {
				view, err := storedView(rec)
				if err != nil {
					return err
				}
				all = append(all, view)
			}
		}
		return nil
	})
	if err != nil {
		return nil, failed("list views", err)
	}
	out := make([]ticket.View, 0, len(all))
	for _, view := range all {
		switch err := v.d.shows(ctx, actor, view); {
		case err == nil:
			out = append(out, view)
		case !errors.Is(err, ticket.ErrNotFound):
			return nil, failed("list views", err)
		}
	}
	slices.SortFunc(out, func(a, b ticket.View) int { return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// Delete removes a view: an agent their own, and whoever may configure a shared one. Errors: as Get;
// ticket.ErrForbidden for a shared one without the right.
func (v Views) Delete(ctx context.Context, id int64) error {
	ctx, actor, err := v.enter(ctx)
	if err == nil {
		_, err = v.d.transact(ctx, actor, func(ctx context.Context, w *write) error {
			old, rec, err := viewAt(ctx, w.tx, id)
			if err == nil {
				err = w.d.shows(ctx, actor, old)
			}
			if err != nil {
				return hidden(err)
			}
			if err := w.mayKeep(ctx, old); err != nil {
				return err
			}
			if err := w.tx.DeleteRecord(ctx, kindView, viewKey(id)); err != nil {
				return err
			}
			if err := w.tx.Release(ctx, kindView, viewName(old), id); err != nil {
				return err
			}
			return w.noteView(ctx, &old, rec.Doc, nil, nil)
		})
	}
	return failed(fmt.Sprintf("delete view %d", id), err)
}

// enter lets in staff who may see something, and the host's own code.
func (v Views) enter(ctx context.Context) (context.Context, ticket.Actor, error) {
	ctx, actor, err := v.d.enter(ctx)
	if err == nil && actor.IsCustomer() {
		err = fmt.Errorf("%w: saved lists are for staff", ticket.ErrForbidden)
	}
	if err == nil {
		err = v.d.mayAtAll(ctx, actor, ActSee)
	}
	return ctx, actor, err
}

// shows fails with ticket.ErrNotFound for a view that is not for the actor: the private one of another, or one shared
// with departments that they are no member of. Who may configure sees all shared ones.
func (d *Desk) shows(ctx context.Context, actor ticket.Actor, v ticket.View) error {
	switch {
	case v.Owner != "" && actor.Kind == ticket.ActorStaff && v.Owner == actor.ID:
		return nil
	case v.Owner != "":
		return ticket.ErrNotFound
	case len(v.Departments) == 0:
		return nil
	}
	conf, err := d.confOf(ctx)
	if err != nil {
		return err
	}
	agent, err := d.asker(ctx, actor, conf).agent(ctx)
	if err != nil && !errors.Is(err, ticket.ErrNotFound) {
		return err
	}
	if slices.ContainsFunc(agent.Departments, func(dep string) bool { return slices.Contains(v.Departments, dep) }) {
		return nil
	}
	if err := d.mayAtAll(ctx, actor, ActConfigure); !errors.Is(err, ticket.ErrForbidden) {
		return err
	}
	return ticket.ErrNotFound
}

// mayKeep asks for the right to change a view.
func (w *write) mayKeep(ctx context.Context, v ticket.View) error {
	switch {
	case v.Owner == "":
		return w.d.mayAtAll(ctx, w.actor, ActConfigure)
	case w.actor.Kind != ticket.ActorStaff || w.actor.ID != v.Owner:
		return fmt.Errorf("%w: a private list is its owner's, with their own id as owner", ticket.ErrForbidden)
	}
	return nil
}

func (w *write) putView(ctx context.Context, v ticket.View) (ticket.View, error) {
	var old ticket.View
	rec := &store.Record{}
	if v.ID != 0 {
		var err error
		if old, rec, err = viewAt(ctx, w.tx, v.ID); err == nil {
			err = w.d.shows(ctx, w.actor, old)
		}
		if err != nil {
			return v, hidden(err)
		}
		if v.Version != 0 && v.Version != rec.Version {
			return v, fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, rec.Version, v.Version)
		}
		if err := w.mayKeep(ctx, old); err != nil {
			return v, err
		}
	}
	err := w.mayKeep(ctx, v)
	if v.Owner == "" && errors.Is(err, ticket.ErrForbidden) {
		err = fmt.Errorf("%w: without an owner a list is shared, one's own has one's id as owner", err)
	}
	if err != nil {
		return v, err
	}
	if err := w.checkBeside(ctx, old, v); err != nil {
		return v, err
	}
	if v.ID == 0 {
		var err error
		if v.ID, err = w.tx.NewID(ctx, kindView); err != nil {
			return v, err
		}
	}
	if err := w.nameView(ctx, old, v); err != nil {
		return v, err
	}
	v.Version = 0 // the record's own counts
	doc, err := json.Marshal(v)
	if err != nil {
		return v, err
	}
	v.Version = rec.Version + 1
	err = w.tx.PutRecord(ctx, &store.Record{Kind: kindView, Key: viewKey(v.ID), Parent: viewParent(v.Owner), Version: rec.Version, Doc: doc})
	if err != nil {
		return v, err
	}
	return v, w.noteView(ctx, &old, rec.Doc, &v, doc)
}

// checkBeside checks what needs the store: that the departments are there, and that nobody keeps views without end.
func (w *write) checkBeside(ctx context.Context, old, v ticket.View) error {
	for _, code := range v.Departments {
		if _, ok := w.conf.Department(code); !ok {
			return ticket.Invalid("departments", ticket.FaultUnknown, "%q is no department: put the department first", code)
		}
	}
	if old.ID != 0 && old.Owner == v.Owner {
		return nil
	}
	recs, err := w.tx.Records(ctx, store.RecordQuery{Kind: kindView, Parent: viewParent(v.Owner)})
	if err == nil && len(recs) >= maxViews {
		err = ticket.Invalid("", ticket.FaultTooMany, "there are %d views already: delete some first", maxViews)
	}
	return err
}

// nameView takes the name of v, and gives up that of old. A view that keeps its name may share it with another: those
// that somebody was erased from can be left with the same.
func (w *write) nameView(ctx context.Context, old, v ticket.View) error {
	was, is := viewName(old), viewName(v)
	if old.ID != 0 && was == is {
		return nil
	}
	holder, err := w.tx.Reserve(ctx, kindView, is, v.ID)
	if err != nil {
		return err
	}
	if holder != v.ID {
		return ticket.Invalid("name", ticket.FaultDuplicate, "%q is the name of another view: choose another one, or change that view by its id", v.Name)
	}
	if old.ID == 0 {
		return nil
	}
	return w.tx.Release(ctx, kindView, was, v.ID)
}

// renameView is nameView for names that are changed whatever other views there are.
func (w *write) renameView(ctx context.Context, old, v ticket.View) error {
	if err := w.nameView(ctx, old, v); !errors.Is(err, ticket.ErrInvalid) {
		return err
	}
	return w.tx.Release(ctx, kindView, viewName(old), v.ID)
}

// dropViews removes the private views of an agent who is no longer one: another with their id must not find them.
func (w *write) dropViews(ctx context.Context, agent string) error {
	recs, err := w.tx.Records(ctx, store.RecordQuery{Kind: kindView, Parent: viewParent(agent)})
	if err != nil {
		return err
	}
	for _, rec := range recs {
		v, err := storedView(rec)
		if err == nil {
			err = w.tx.DeleteRecord(ctx, kindView, rec.Key)
		}
		if err == nil {
			err = w.tx.Release(ctx, kindView, viewName(v), v.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteView journals a change of a shared view; private ones are nobody's business.
func (w *write) noteView(ctx context.Context, old *ticket.View, before []byte, v *ticket.View, after []byte) error {
	id := old.ID
	if v != nil {
		id = v.ID
	}
	if old.Owner != "" {
		before = nil
	}
	if v != nil && v.Owner != "" {
		after = nil
	}
	changes := diffDocs(before, after)
	if len(changes) == 0 {
		return nil
	}
	return w.record(ctx, &ticket.Event{Type: ticket.EventCatalog, Subject: fmt.Sprintf("view/%d", id), Changes: changes})
}

func checkView(v *ticket.View) error {
	var e ticket.ValidationError
	v.Query.Cursor, v.Query.Ranks, v.Query.After, v.Query.Before = "", nil, nil, nil
	v.Name = strings.TrimSpace(v.Name)
	if v.Name == "" {
		e.Add("name", ticket.FaultRequired, "is empty")
	}
	e.CheckLine("name", v.Name, 200)
	if v.Owner != "" && len(v.Departments) > 0 {
		e.Add("departments", ticket.FaultNotAllowed, "are for shared views: leave out the owner, or the departments")
	}
	v.Query.Check(&e)
	doc, err := json.Marshal(v)
	if err != nil {
		e.Add("query", ticket.FaultMalformed, "cannot be stored: %v", err) // as a time after the year 9999
	}
	e.CheckText("query", string(doc), maxView)
	return e.Err()
}

func viewAt(ctx context.Context, r store.Reader, id int64) (v ticket.View, rec *store.Record, err error) {
	if rec, err = r.Record(ctx, kindView, viewKey(id)); err != nil {
		return v, nil, err
	}
	v, err = storedView(rec)
	return v, rec, err
}

func storedView(rec *store.Record) (v ticket.View, err error) {
	err = json.Unmarshal(rec.Doc, &v)
	v.Version = rec.Version
	return v, err
}
