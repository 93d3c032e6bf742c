package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/helpdeskgo/helpdesk/rules"
	"github.com/helpdeskgo/helpdesk/rules/calendar"
	"github.com/helpdeskgo/helpdesk/rules/sla"
	"github.com/helpdeskgo/helpdesk/ticket"
)

func TestDefinitions(t *testing.T) {
	t.Parallel()
	t.Run("M52 what a program makes at each start is refused at the second one with what to do, and taken with AnyVersion", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil)
		for kind, save := range map[string]func(ctx context.Context, version int64) error{
			"rule": func(ctx context.Context, v int64) error {
				_, _, err := w.rules.Save(ctx, rules.Rule{Code: "a", Name: "A", On: []rules.Trigger{rules.Created}, Do: do("archive", nil), Version: v})
				return err
			},
			"macro": func(ctx context.Context, v int64) error {
				_, err := w.rules.Macros().Save(ctx, rules.Macro{Code: "a", Name: "A", Do: do("archive", nil), Version: v})
				return err
			},
			"calendar": func(ctx context.Context, v int64) error {
				_, err := w.rules.Calendars().Save(ctx, calendar.Calendar{Code: "a", Name: "A", Mode: calendar.AlwaysOpen, Version: v})
				return err
			},
			"policy": func(ctx context.Context, v int64) error {
				_, err := w.rules.Policies().Save(ctx, sla.Policy{Code: "a", Name: "A", FirstResponse: sla.Goal{Within: ticket.Duration(time.Hour)}, Version: v})
				return err
			},
		} {
			if err := save(as(agent), 0); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			err := save(as(agent), 0)
			if !errors.Is(err, ticket.ErrConflict) {
				t.Fatalf("%s: %v", kind, err)
			}
			for _, part := range []string{"there is a " + kind + ` "a" already`, "rules.AnyVersion", "Import"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %v does not say %s", kind, err, part)
				}
			}
			if err := save(as(agent), rules.AnyVersion); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if err := save(as(agent), 99); !errors.Is(err, ticket.ErrConflict) || strings.Contains(err.Error(), "already") {
				t.Errorf("%s: another version: %v", kind, err)
			}
		}
	})
}
