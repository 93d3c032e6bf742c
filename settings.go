package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Settings are the policy switches of a desk, in layers: desk < brand < department < gateway. They can be changed while
// the desk runs; every process sees the change at its next operation. Each change is journalled.
type Settings struct{ d *Desk }

// Settings returns the group of verbs for settings.
func (d *Desk) Settings() Settings { return Settings{d} }

// Get returns what holds for a brand, a department and a gateway or form. An empty brand or department means the default
// one, as it does in a draft. To customers an Internal department is one that nobody has. Errors: ticket.ErrNoActor.
func (s Settings) Get(ctx context.Context, brand, department, gateway string) (ticket.Settings, error) {
	ctx, actor, err := s.d.enter(ctx)
	if err != nil {
		return ticket.Settings{}, failed("read settings", err)
	}
	conf, err := s.d.config(ctx)
	if err != nil {
		return ticket.Settings{}, failed("read settings", err)
	}
	if conf.keepsFrom(actor, department) {
		department = noDepartment
	}
	brand, department = conf.defaults(brand, department, gateway)
	out := conf.settings(brand, department, gateway).Clone()
	if conf.keepsFrom(actor, out.DefaultDepartment) {
		out.DefaultDepartment = ""
	}
	return out, nil
}

// Winners tells, for each switch by its JSON name, which layer sets what Get returns (B04); a switch that nobody has
// set is not listed. Errors: ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (s Settings) Winners(ctx context.Context, brand, department, gateway string) (map[string]ticket.Layer, error) {
	ctx, actor, err := s.d.enter(ctx)
	if err != nil {
		return nil, failed("read settings", err)
	}
	if err := s.d.mayAtAll(ctx, actor, ActSee); err != nil {
		return nil, failed("read settings", err)
	}
	conf, err := s.d.config(ctx)
	if err != nil {
		return nil, failed("read settings", err)
	}
	out := map[string]ticket.Layer{}
	brand, department = conf.defaults(brand, department, gateway)
	for _, l := range layersOf(brand, department, gateway) {
		for _, name := range conf.layers[l].Names() {
			out[name] = l
		}
	}
	return out, nil
}

// Layer returns what one layer sets, with the version for Put. A layer that sets nothing has version 0. Errors:
// ticket.ErrNoActor; ticket.ErrForbidden for customers.
func (s Settings) Layer(ctx context.Context, l ticket.Layer) (ticket.SettingsPatch, int64, error) {
	var p ticket.SettingsPatch
	ctx, actor, err := s.d.enter(ctx)
	if err == nil {
		err = s.d.mayAtAll(ctx, actor, ActSee)
	}
	if err != nil {
		return p, 0, failed("read settings", err)
	}
	var version int64
	err = s.d.store.View(ctx, func(ctx context.Context, r store.Reader) error {
		rec, err := r.Record(ctx, kindSettings, string(l))
		if errors.Is(err, ticket.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		version = rec.Version
		return json.Unmarshal(rec.Doc, &p)
	})
	return p, version, failed("read settings", err)
}

// Put replaces what one layer sets, if its version is still the given one. Errors: ticket.ErrNoActor;
// ticket.ErrForbidden for customers; ticket.ErrConflict; ticket.ErrInvalid for a value that the catalogue does not
// have.
func (s Settings) Put(ctx context.Context, l ticket.Layer, p ticket.SettingsPatch, version int64) error {
	return s.put(ctx, l, func(old ticket.SettingsPatch, at int64) (ticket.SettingsPatch, error) {
		if at != version {
			return p, fmt.Errorf("%w (version %d, yours %d)", ticket.ErrConflict, at, version)
		}
		return p, nil
	})
}

// Update sets some switches of one layer and leaves its others. Errors: as Put, without ticket.ErrConflict.
func (s Settings) Update(ctx context.Context, l ticket.Layer, p ticket.SettingsPatch) error {
	return s.put(ctx, l, func(old ticket.SettingsPatch, _ int64) (ticket.SettingsPatch, error) { return old.Merge(p), nil })
}

func (s Settings) put(ctx context.Context, l ticket.Layer, next func(ticket.SettingsPatch, int64) (ticket.SettingsPatch, error)) error {
	return failed("put settings of "+string(l), s.d.configure(ctx, func(ctx context.Context, w *write) error {
		if err := w.checkLayer(l); err != nil {
			return err
		}
		var old ticket.SettingsPatch
		var version int64
		rec, err := w.tx.Record(ctx, kindSettings, string(l))
		if err == nil {
			version = rec.Version
			err = json.Unmarshal(rec.Doc, &old)
		}
		if err != nil && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
		p, err := next(old, version)
		if err != nil {
			return err
		}
		if err := w.d.checkSettings(w.conf, p); err != nil {
			return err
		}
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return w.putConfig(ctx, kindSettings, string(l), doc, ticket.EventSettings, "settings/"+string(l))
	}))
}

func (w *write) checkLayer(l ticket.Layer) error {
	kind, code, _ := strings.Cut(string(l), "/")
	ok := false
	switch kind {
	case "desk":
		ok = code == ""
	case "brand":
		_, ok = w.conf.brand(code)
	case "department":
		_, ok = w.conf.department(code)
	case "gateway":
		ok = code != ""
	}
	if !ok {
		return ticket.Invalid("layer", ticket.FaultUnknown, "%q is no layer: use desk, or a brand, a department or a gateway that exists", l)
	}
	return nil
}

// checkSettings refuses a layer that names what is not there.
func (d *Desk) checkSettings(conf *config, p ticket.SettingsPatch) error {
	var e ticket.ValidationError
	conf.checkStatuses(&e, p)
	if p.DefaultPriority != nil {
		conf.checkPriority(&e, *p.DefaultPriority)
	}
	if _, ok := conf.department(deref(p.DefaultDepartment)); p.DefaultDepartment != nil && !ok {
		e.Add("default_department", ticket.FaultUnknown, "%q is no department: put it into the catalogue first", *p.DefaultDepartment)
	}
	if _, ok := conf.brand(deref(p.DefaultBrand)); p.DefaultBrand != nil && !ok {
		e.Add("default_brand", ticket.FaultUnknown, "%q is no brand: put it into the catalogue first", *p.DefaultBrand)
	}
	if _, ok := d.cfg.Codes.Named(deref(p.CodeFormat)); p.CodeFormat != nil && !ok {
		e.Add("code_format", ticket.FaultUnknown, "%q is none of the desk's code formats: add it to Config.Codes", *p.CodeFormat)
	}
	if _, ok := conf.role(deref(p.DefaultRole)); deref(p.DefaultRole) != "" && !ok {
		e.Add("default_role", ticket.FaultUnknown, "%q is no role: put it into the catalogue first", *p.DefaultRole)
	}
	checkPolicies(&e, p)
	return e.Err()
}

// checkStatuses adds which statuses the catalogue does not have.
func (c *config) checkStatuses(e *ticket.ValidationError, p ticket.SettingsPatch) {
	status := func(field string, list ...string) {
		for _, code := range list {
			if _, ok := c.status(code); !ok && code != "" {
				e.Add(field, ticket.FaultUnknown, "%q is no status: put it into the catalogue first", code)
			}
		}
	}
	if _, ok := c.status(deref(p.DefaultStatus)); p.DefaultStatus != nil && !ok {
		e.Add("default_status", ticket.FaultUnknown, "%q is no status: put it into the catalogue first", *p.DefaultStatus)
	}
	status("reopen_status", deref(p.ReopenStatus))
	if st, _ := c.status(deref(p.ReopenStatus)); st.Class.Done() {
		e.Add("reopen_status", ticket.FaultConflicting, "%q is of class %s: a reopened ticket is open", st.Code, st.Class)
	}
	status("status_on_staff", deref(p.StatusOnStaff))
	status("status_on_customer", deref(p.StatusOnCustomer))
	status("archive_statuses", deref(p.ArchiveStatuses)...)
	status("silent_statuses", deref(p.SilentStatuses)...)
	status("solved_statuses", deref(p.SolvedStatuses)...)
	for _, t := range deref(p.Transitions) {
		if t.From == "" {
			e.Add("transitions", ticket.FaultRequired, "name no status that they start from")
		}
		status("transitions", append([]string{t.From}, t.To...)...)
	}
}

// checkSurvey adds what is no scale of grades.
func checkSurvey(e *ticket.ValidationError, p ticket.SettingsPatch) {
	if p.SurveyExpiry != nil && *p.SurveyExpiry <= 0 {
		e.Add("survey_expiry", ticket.FaultOutOfRange, "must be more than nothing")
	}
	if p.RatingGrades == nil {
		return
	}
	grades := *p.RatingGrades
	if len(grades) < 2 || len(grades) > 10 {
		e.Add("rating_grades", ticket.FaultOutOfRange, "has %d grades: give 2 to 10", len(grades))
	}
	for i, g := range grades {
		e.CheckLine("rating_grades", g, 50)
		if g == "" || slices.Contains(grades[:i], g) {
			e.Add("rating_grades", ticket.FaultMalformed, "%q is empty or comes twice", g)
		}
	}
}

// checkPolicies adds what is no choice, and what is out of bounds.
func checkPolicies(e *ticket.ValidationError, p ticket.SettingsPatch) {
	policies := []ticket.AfterClose{ticket.AfterCloseReopen, ticket.AfterCloseLink, ticket.AfterCloseRefuse}
	if p.AfterClose != nil && !slices.Contains(policies, *p.AfterClose) {
		e.Add("after_close", ticket.FaultUnknown, "%q is no policy: use reopen, link or refuse", *p.AfterClose)
	}
	edits := []ticket.CustomerEdit{ticket.EditNever, ticket.EditUntilReply, ticket.EditWhileOpen}
	if p.CustomerEdit != nil && !slices.Contains(edits, *p.CustomerEdit) {
		e.Add("customer_edit", ticket.FaultUnknown, "%q is no policy: use never, until_reply or while_open", *p.CustomerEdit)
	}
	checkFileTypes(e, "file_types", p.FileTypes)
	checkFileTypes(e, "blocked_file_types", p.BlockedFileTypes)
	if deref(p.FileRetention) < 0 {
		e.Add("file_retention", ticket.FaultOutOfRange, "is negative: 0 keeps files")
	}
	if p.GuestLinkExpiry != nil && *p.GuestLinkExpiry <= 0 {
		e.Add("guest_link_expiry", ticket.FaultOutOfRange, "must be more than nothing")
	}
	checkSurvey(e, p)
	if deref(p.DeliveryRetention) < 0 {
		e.Add("delivery_retention", ticket.FaultOutOfRange, "is negative")
	}
	if p.DeliveryAttempts != nil && (*p.DeliveryAttempts < 1 || *p.DeliveryAttempts > 100) {
		e.Add("delivery_attempts", ticket.FaultOutOfRange, "must be from 1 to 100")
	}
	if p.EmptySubject != nil {
		if *p.EmptySubject == "" {
			e.Add("empty_subject", ticket.FaultRequired, "is empty")
		}
		e.CheckLine("empty_subject", *p.EmptySubject, 200)
	}
}
