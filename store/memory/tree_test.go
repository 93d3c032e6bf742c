package memory

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTree changes a tree and a map alike, and compares old copies of the tree with old copies of the map at the end.
func TestTree(t *testing.T) {
	t.Parallel()
	type version struct {
		tree tree[int, int]
		want map[int]int
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, want := tree[int, int]{compare: cmp.Compare[int]}, map[int]int{}
	var versions []version
	for i := range 5000 {
		k := r.IntN(300)
		if r.IntN(3) == 0 {
			x.delete(k)
			delete(want, k)
		} else {
			x.put(k, i)
			want[k] = i
		}
		if i%250 == 0 {
			versions = append(versions, version{x, maps.Clone(want)})
		}
	}
	for _, v := range versions {
		keys := slices.Sorted(maps.Keys(v.want))
		if got := collect(&v.tree, 0); !slices.Equal(got, keys) {
			t.Fatalf("all yields %v, want %v", got, keys)
		}
		from := r.IntN(300)
		above := slices.DeleteFunc(slices.Clone(keys), func(k int) bool { return k < from })
		if got := collect(&v.tree, from); !slices.Equal(got, above) {
			t.Fatalf("from %d yields %v, want %v", from, got, above)
		}
		for k := range 300 {
			got, ok := v.tree.get(k)
			if n, there := v.want[k]; got != n || ok != there {
				t.Fatalf("key %d is %d (%v), want %d (%v)", k, got, ok, n, there)
			}
		}
	}
}

func collect(x *tree[int, int], from int) []int {
	var out []int
	for k := range x.from(from) {
		out = append(out, k)
	}
	return out
}
