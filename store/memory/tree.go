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
	if t.has(k) {
		t.root = t.replaced(t.root, k, v)
		return
	}
	t.root = t.inserted(t.root, &node[K, V]{key: k, value: v, weight: rand.Uint64()})
}

// replaced returns n with another value at k, which it has.
func (t *tree[K, V]) replaced(n *node[K, V], k K, v V) *node[K, V] {
	c := *n
	switch order := t.compare(k, n.key); {
	case order == 0:
		c.value = v
	case order < 0:
		c.left = t.replaced(n.left, k, v)
	default:
		c.right = t.replaced(n.right, k, v)
	}
	return &c
}

// inserted returns n with x, which it has not, where its weight belongs.
func (t *tree[K, V]) inserted(n, x *node[K, V]) *node[K, V] {
	switch {
	case n == nil || x.weight > n.weight:
		x.left, x.right = t.split(n, x.key)
		return x
	case t.compare(x.key, n.key) < 0:
		return n.with(t.inserted(n.left, x), n.right)
	default:
		return n.with(n.left, t.inserted(n.right, x))
	}
}

func (t *tree[K, V]) delete(k K) {
	if t.has(k) {
		t.root = t.without(t.root, k)
	}
}

// without returns n without k, which it has.
func (t *tree[K, V]) without(n *node[K, V], k K) *node[K, V] {
	switch order := t.compare(k, n.key); {
	case order == 0:
		return join(n.left, n.right)
	case order < 0:
		return n.with(t.without(n.left, k), n.right)
	default:
		return n.with(n.left, t.without(n.right, k))
	}
}

// split returns the nodes below k, which is not among them, and above.
func (t *tree[K, V]) split(n *node[K, V], k K) (less, greater *node[K, V]) {
	if n == nil {
		return nil, nil
	}
	if t.compare(k, n.key) < 0 {
		less, greater = t.split(n.left, k)
		return less, n.with(greater, n.right)
	}
	less, greater = t.split(n.right, k)
	return n.with(n.left, less), greater
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
