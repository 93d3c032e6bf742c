// Command hostusers shows a shop that keeps its own users, roles and orders, and a desk that knows them: the shop's
// tables stand behind helpdesk.Directory, helpdesk.Authorizer and helpdesk.Objects.
//
//	go run ./examples/hostusers [-db hostusers.db]
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/sqlite"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// shop is the host: a table of users, customers and staff alike, and one of orders, in the file of the desk.
type shop struct {
	helpdesk.Nobody            // has no organisations
	helpdesk.DefaultAuthorizer // for customers and the shop's own code
	db                         *sqlite.Store
}

const schema = `
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT, email TEXT UNIQUE, role TEXT, team TEXT);
CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, buyer TEXT, title TEXT);
INSERT OR IGNORE INTO users VALUES ('42', 'Ann', 'ann@example.com', 'buyer', ''), ('7', 'Bob', 'bob@shop.example', 'agent', 'returns'),
	('8', 'Carol', 'carol@shop.example', 'agent', 'billing'), ('1', 'Root', 'root@shop.example', 'admin', '');
INSERT OR IGNORE INTO orders VALUES ('A-17', '42', 'a lamp')`

type user struct{ id, name, email, role, team string }

// user reads one row. Querier joins the desk's transaction where there is one.
func (s *shop) user(ctx context.Context, column, value string) (u user, err error) {
	row := s.db.Querier(ctx).QueryRowContext(ctx, "SELECT id, name, email, role, team FROM users WHERE "+column+" = ?", value)
	if err = row.Scan(&u.id, &u.name, &u.email, &u.role, &u.team); errors.Is(err, sql.ErrNoRows) {
		err = ticket.ErrNotFound
	}
	return u, err
}

func (s *shop) customer(ctx context.Context, column, value string) (ticket.Customer, error) {
	u, err := s.user(ctx, column, value)
	if err == nil && u.role != "buyer" {
		err = ticket.ErrNotFound
	}
	return ticket.Customer{ID: u.id, Name: u.name, Emails: []string{u.email}}, err
}

// Customer, CustomerByEmail and Agent are helpdesk.Directory; Nobody has the rest of it.
func (s *shop) Customer(ctx context.Context, id string) (ticket.Customer, error) {
	return s.customer(ctx, "id", id)
}

func (s *shop) CustomerByEmail(ctx context.Context, _, email string) (ticket.Customer, error) {
	return s.customer(ctx, "email", email)
}

func (s *shop) Agent(ctx context.Context, id string) (ticket.Agent, error) {
	u, err := s.user(ctx, "id", id)
	if err == nil && u.role == "buyer" {
		err = ticket.ErrNotFound
	}
	return ticket.Agent{ID: u.id, Name: u.name, Email: u.email, Departments: []string{u.team}}, err
}

// Authorize is the shop's own rule: an admin may do everything, an agent what is in their team's department.
func (s *shop) Authorize(ctx context.Context, r helpdesk.Request) (helpdesk.Decision, error) {
	if r.Actor.Kind != ticket.ActorStaff {
		return s.DefaultAuthorizer.Authorize(ctx, r)
	}
	u, err := s.user(ctx, "id", r.Actor.ID)
	switch {
	case err != nil:
		return helpdesk.Deny("no such user"), ignoreMissing(err)
	case u.role == "admin":
		return helpdesk.Allow("an admin may do everything"), nil
	case u.role == "agent" && r.Ticket != nil && r.Ticket.Department == u.team:
		return helpdesk.Allow("it is their team's"), nil
	}
	return helpdesk.Deny("it is not for team " + u.team), nil
}

// Scope says the same to the store's queries.
func (s *shop) Scope(ctx context.Context, r helpdesk.Request) (ticket.Scope, error) {
	if r.Actor.Kind != ticket.ActorStaff {
		return s.DefaultAuthorizer.Scope(ctx, r)
	}
	u, err := s.user(ctx, "id", r.Actor.ID)
	scope := ticket.Scope{Internal: true, All: u.role == "admin"}
	if u.role == "agent" {
		scope.Places = []ticket.Place{{Department: u.team}}
	}
	return scope, ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}

// Object tells of the shop's orders: helpdesk.Objects.
func (s *shop) Object(ctx context.Context, ref ticket.Ref) (o ticket.Object, err error) {
	err = s.db.Querier(ctx).QueryRowContext(ctx, "SELECT title FROM orders WHERE id = ?", ref.ID).Scan(&o.Label)
	o.URL = "https://shop.example/orders/" + ref.ID
	return o, err
}

func run(ctx context.Context, out io.Writer, path string) error {
	db, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Querier(ctx).ExecContext(ctx, schema); err != nil {
		return err
	}
	s := &shop{db: db}
	desk, err := helpdesk.New(ctx, db, &helpdesk.Config{Directory: s, Authorizer: s, Objects: s,
		Departments: []ticket.Department{{Code: "returns", Name: "Returns"}, {Code: "billing", Name: "Billing"}}})
	if err != nil {
		return err
	}
	defer desk.Stop(ctx)
	return tell(ctx, out, desk)
}

func main() {
	path := flag.String("db", "hostusers.db", "the SQLite file of the shop and its desk")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *path); err != nil {
		fmt.Fprintln(os.Stderr, "hostusers:", err)
		os.Exit(1)
	}
}
