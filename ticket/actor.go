package ticket

import (
	"context"
	"strings"
)

// ActorKind says in which role somebody acts.
type ActorKind string

// The roles of an actor.
const (
	ActorGuest  ActorKind = "guest"  // somebody known by an address only
	ActorClient ActorKind = "client" // a customer whom the host has authenticated
	ActorStaff  ActorKind = "staff"  // an agent whom the host has authenticated
	ActorSystem ActorKind = "system" // the desk itself, a rule, a hook, or the host's own code
)

// Channel is the way by which a ticket or a message came in.
type Channel string

// The channels of the desk. Hosts may use their own names beside them.
const (
	ChannelEmail       Channel = "email"
	ChannelContactForm Channel = "contact_form"
	ChannelFeedbackTab Channel = "feedback_tab"
	ChannelAccount     Channel = "account"
	ChannelBackend     Channel = "backend"
	ChannelAPI         Channel = "api"
	ChannelLink        Channel = "guest_link" // by a guest link
)

// Actor is who does something, and from where. Every write of a desk needs one in its context: see WithActor. The desk
// believes what the actor says; authenticating people is the host's work.
type Actor struct {
	Kind      ActorKind `json:"kind"`
	ID        string    `json:"id,omitempty"`    // the host's own id; empty for a guest
	Name      string    `json:"name,omitempty"`  // shown to people
	Email     string    `json:"email,omitempty"` // lower-cased by the constructors
	Channel   Channel   `json:"channel,omitempty"`
	IP        string    `json:"ip,omitempty"`
	UserAgent string    `json:"user_agent,omitempty"`
	OriginURL string    `json:"origin_url,omitempty"` // the page from which a form was sent
	// Verified says of a guest that the host has made sure that the address is theirs, as by a code that it sent there.
	// Others may open tickets and nothing else, unless they come by mail or by a guest link: anybody can type an address.
	// What is opened under the address of a customer whom the directory knows is that customer's, and no guest's to read:
	// a host that trusts the address that far has them act as that Client.
	Verified bool `json:"verified,omitempty"`
	// Ticket, if not zero, confines the actor to one ticket: they came by its guest link (M12). Nothing else is there for
	// them, whatever their address.
	Ticket int64 `json:"ticket,omitempty"`
}

// Guest is somebody without an account, known by name and address: what a form says, and nobody has proven. See
// Actor.Verified.
func Guest(name, email string) Actor {
	return Actor{Kind: ActorGuest, Name: name, Email: NormalizeEmail(email), Channel: ChannelContactForm}
}

// Client is a customer whom the host knows under id.
func Client(id, name, email string) Actor {
	return Actor{Kind: ActorClient, ID: id, Name: name, Email: NormalizeEmail(email), Channel: ChannelAccount}
}

// Staff is an agent whom the host knows under id.
func Staff(id, name, email string) Actor {
	return Actor{Kind: ActorStaff, ID: id, Name: name, Email: NormalizeEmail(email), Channel: ChannelBackend}
}

// System is the host's own code or a part of the desk; id names it in the history, as in "acme.crm".
func System(id string) Actor {
	return Actor{Kind: ActorSystem, ID: id, Name: id, Channel: ChannelAPI}
}

// Via returns the actor on another channel.
func (a Actor) Via(c Channel) Actor {
	a.Channel = c
	return a
}

// IsCustomer reports whether the actor stands on the customer's side: a client or a guest.
func (a Actor) IsCustomer() bool { return a.Kind == ActorClient || a.Kind == ActorGuest }

// Person returns the actor as a person, without role and origin.
func (a Actor) Person() Person { return Person{ID: a.ID, Name: a.Name, Email: a.Email} }

type actorKey struct{}

// WithActor returns a context whose desk operations are done by a.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor that WithActor put into ctx, or ErrNoActor where there is none or its kind is unknown.
func ActorFrom(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	if !ok {
		return Actor{}, ErrNoActor
	}
	switch a.Kind {
	case ActorGuest, ActorClient, ActorStaff, ActorSystem:
		return a, nil
	}
	return Actor{}, ErrNoActor
}

// Person is somebody whom a ticket names: its requester, a participant. ID is the host's customer id and empty for
// guests.
type Person struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Is reports whether p and q are the same person: the same host id, or, where one of them has none, the same address.
func (p Person) Is(q Person) bool {
	if p.ID != "" && q.ID != "" {
		return p.ID == q.ID
	}
	return p.Email != "" && NormalizeEmail(p.Email) == NormalizeEmail(q.Email)
}

// IsZero reports whether p names nobody.
func (p Person) IsZero() bool { return p == Person{} }

// NormalizeEmail trims and lower-cases an address, the form in which addresses are compared and looked up.
func NormalizeEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
