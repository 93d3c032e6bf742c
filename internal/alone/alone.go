// Package alone marks the context of an event hook that a test runs by itself, without a delivery.
package alone

import "context"

type key struct{}

// With returns a context that is marked.
func With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is reports whether ctx is marked.
func Is(ctx context.Context) bool { return ctx.Value(key{}) != nil }
