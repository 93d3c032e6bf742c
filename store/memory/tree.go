package memory

import (
	"iter"
	"math/rand/v2"
)

// tree is an ordered map whose nodes never change: a change copies the path to it. A copy of a tree is therefore a
// snapshot, and putting the copy back is a rollback. It is a treap: binary by key, a heap by random weights, hence
// balanced.
type tree[K, V any] struct {
	root    *node[K, V]
	compare func(a, b K) int
}

type node[K, V any] struct {
	key         K
	value       V
	weight      uint64
	left, right *node[K, V]
}

func (n *node[K, V]) with(left, right *node[K, V]) *node[K, V] {
	c := *n
	c.left, c.right = left, right
	return &c
}

func (t *tree[K, V]) get(k K) (value V, ok bool) {
	for n := t.root; n != nil; {
		switch c := t.compare(k, n.key); {
		case c == 0:
			return n.value, true
		case c < 0:
			n = n.left
		default:
			n = n.right
		}
	}
	return value, false
}

func (t *tree[K, V]) has(k K) bool {
	_, ok := t.get(k)
	return ok
}

func (t *tree[K, V]) put(k K, v V) {
	less, _, greater := t.split(t.root, k)
	n := &node[K, V]{key: k, value: v, weight: rand.Uint64()}
	t.root = join(join(less, n), greater)
}

func (t *tree[K, V]) delete(k K) {
	if !t.has(k) {
		return
	}
	less, _, greater := t.split(t.root, k)
	t.root = join(less, greater)
}

// split returns the nodes below k, at k and above k.
func (t *tree[K, V]) split(n *node[K, V], k K) (less, at, greater *node[K, V]) {
	if n == nil {
		return nil, nil, nil
	}
	switch c := t.compare(k, n.key); {
	case c == 0:
		return n.left, n, n.right
	case c < 0:
		less, at, greater = t.split(n.left, k)
		return less, at, n.with(greater, n.right)
	default:
		less, at, greater = t.split(n.right, k)
		return n.with(n.left, less), at, greater
	}
}

// join puts two trees together, every key of a being below every key of b.
func join[K, V any](a, b *node[K, V]) *node[K, V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.weight >= b.weight:
		return a.with(a.left, join(a.right, b))
	default:
		return b.with(join(a, b.left), b.right)
	}
}

// all yields every entry in ascending order, as the tree is at the time of the call: it may be changed meanwhile.
func (t *tree[K, V]) all() iter.Seq2[K, V] {
	root := t.root
	return func(yield func(K, V) bool) { walk(root, func(K) bool { return true }, yield) }
}

// from yields the entries whose keys are not below k, as all does.
func (t *tree[K, V]) from(k K) iter.Seq2[K, V] {
	root := t.root
	return func(yield func(K, V) bool) {
		walk(root, func(key K) bool { return t.compare(key, k) >= 0 }, yield)
	}
}

// walk yields the entries that wanted holds for; it must hold for every key above one that it holds for.
func walk[K, V any](n *node[K, V], wanted func(K) bool, yield func(K, V) bool) bool {
	if n == nil {
		return true
	}
	if wanted(n.key) && (!walk(n.left, wanted, yield) || !yield(n.key, n.value)) {
		return false
	}
	return walk(n.right, wanted, yield)
}
