package mailboxes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/helpdeskgo/helpdesk/gateway/oauth"
	"github.com/helpdeskgo/helpdesk/store"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// kindVault is the record of a gateway's secrets. They stand beside its definition, so that nobody who reads, lists or
// journals that comes by them.
const kindVault = "gateway-secret"

// The names of secrets in it.
const (
	password     = "password"
	clientSecret = "client_secret"
)

// vault is its document: what is sealed, by name.
type vault map[string][]byte

func readVault(ctx context.Context, r store.Reader, code string) (vault, error) {
	rec, err := r.Record(ctx, kindVault, code)
	if errors.Is(err, ticket.ErrNotFound) {
		return vault{}, nil
	}
	if err != nil {
		return nil, err
	}
	v := vault{}
	return v, json.Unmarshal(rec.Doc, &v)
}

// place is what a seal is bound to: the gateway, and who gets to see the secret.
func place(d Definition, name string) []byte {
	to := d.receiver()
	if name == clientSecret {
		to = d.grantor()
	}
	return []byte(named(kindVault, d.Code, name, to))
}

// keeping is what becomes of the secrets of a definition that is saved.
type keeping struct {
	ctx   context.Context // of the Save that it is part of
	set   *Set
	e     *ticket.ValidationError
	old   Definition // the zero one, if there is none
	next  *Definition
	vault vault
	fresh map[string]string // to be sealed
	grant string            // a refresh token to be kept
	lose  bool              // what was granted is of no use any more
}

// passwords decides it, and leaves in the definition what is to be shown of them.
func (k *keeping) passwords() {
	now := k.next.OAuth
	was := k.old.OAuth
	if was == nil {
		was = &OAuth{}
	}
	if now == nil {
		k.next.Password = k.one("password", password, k.next.Password, k.old.Password, k.old.receiver() == k.next.receiver(), true)
		delete(k.vault, clientSecret)
		k.lose = k.old.OAuth != nil
		return
	}
	delete(k.vault, password)
	k.next.Password = Secret{}
	same := k.old.grantor() == k.next.grantor()
	now.ClientSecret = k.one("oauth.client_secret", clientSecret, now.ClientSecret, was.ClientSecret, same, now.AppOnly)
	switch given := now.RefreshToken; {
	case given.text != "":
		k.needSealer("oauth.refresh_token")
		k.grant, now.RefreshToken = given.text, k.marked(was.RefreshToken)
	case same && !now.AppOnly:
		now.RefreshToken = Secret{mark: was.RefreshToken.mark}
	default:
		k.lose, now.RefreshToken = !was.RefreshToken.IsZero(), Secret{}
	}
}

// one decides it for one secret.
func (k *keeping) one(field, name string, given, old Secret, same, needed bool) Secret {
	_, known := k.vault[name]
	switch {
	case given.text != "" && known && same && k.is(name, given.text):
		return Secret{mark: old.mark}
	case given.text != "":
		k.needSealer(field)
		if k.fresh == nil {
			k.fresh = map[string]string{}
		}
		k.fresh[name] = given.text
		return k.marked(old)
	case known && same:
		return Secret{mark: old.mark}
	case known:
		k.e.Add(field, ticket.FaultRequired, "must be given again: what is stored is for another server, user or protection")
	case needed:
		k.e.Add(field, ticket.FaultRequired, "is empty")
	}
	return Secret{}
}

// is reports whether a secret is stored as it is given: a host may save its definitions at each start.
func (k *keeping) is(name, text string) bool {
	if k.set.opts.Sealer == nil {
		return false
	}
	plain, err := k.set.opts.Sealer.Open(k.ctx, k.vault[name], place(k.old, name))
	return err == nil && string(plain) == text
}

func (k *keeping) needSealer(field string) {
	if k.set.opts.Sealer == nil {
		k.e.Add(field, ticket.FaultUnavailable, "needs a key to be encrypted with: set mailboxes.Options.Sealer, as helpdesk.NewSealer makes one")
	}
}

// marked is what is shown of a new secret.
func (k *keeping) marked(old Secret) Secret {
	return Secret{mark: mark{Set: ticket.Time(k.set.desk.Now()), Times: old.Times + 1}}
}

// store seals what is new, and puts it.
func (k *keeping) store(tx store.Tx) error {
	ctx := k.ctx
	for name, text := range k.fresh {
		sealed, err := k.set.opts.Sealer.Seal(ctx, []byte(text), place(*k.next, name))
		if err != nil {
			return fmt.Errorf("seal a secret: %w", err)
		}
		k.vault[name] = sealed
	}
	doc, err := json.Marshal(k.vault)
	if err != nil {
		return err
	}
	if err := tx.PutRecord(ctx, &store.Record{Kind: kindVault, Key: k.next.Code, Version: store.AnyVersion, Doc: doc}); err != nil {
		return err
	}
	if k.lose {
		if err := k.set.forget(ctx, k.old); err != nil {
			return err
		}
	}
	if k.grant == "" {
		return nil
	}
	tokens, err := k.set.tokens(*k.next, "")
	if err != nil {
		return err
	}
	return tokens.Grant(ctx, k.grant)
}

// forget removes what was granted to a gateway.
func (s *Set) forget(ctx context.Context, d Definition) error {
	if d.OAuth == nil {
		return nil
	}
	tokens, err := s.tokens(d, "")
	if err != nil {
		return err
	}
	return tokens.Forget(ctx)
}

// tokens is where the tokens of a gateway come from.
func (s *Set) tokens(d Definition, secret string) (*oauth.Source, error) {
	o := d.OAuth
	return oauth.New(d.Code, s.store, oauth.Config{ClientID: o.ClientID, ClientSecret: secret, TokenURL: o.TokenURL, Scopes: o.Scopes, BasicAuth: o.BasicAuth, AppOnly: o.AppOnly, Sealer: s.opts.Sealer})
}

// open returns a secret: the one that the definition holds, or the stored one; empty where there is none. Errors:
// ticket.ErrSealed.
func (s *Set) open(ctx context.Context, d Definition, name string, given Secret) (string, error) {
	if given.text != "" {
		return given.text, nil
	}
	var v vault
	err := s.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		v, err = readVault(ctx, r, d.Code)
		return err
	})
	sealed, ok := v[name]
	switch {
	case err != nil || !ok:
		return "", err
	case s.opts.Sealer == nil:
		return "", fmt.Errorf("%w: the %s of gateway %s, for there is no key: set mailboxes.Options.Sealer", ticket.ErrSealed, name, d.Code)
	}
	plain, err := s.opts.Sealer.Open(ctx, sealed, place(d, name))
	if err != nil {
		return "", fmt.Errorf("%w: the %s of gateway %s: %w", ticket.ErrSealed, name, d.Code, err)
	}
	return string(plain), nil
}
