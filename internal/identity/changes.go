// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "slices"

// ModelVersion names the shipped weights and rules. It changes whenever the
// same records and decisions may come out differently, and belongs into the
// log beside every merge the engine makes.
const ModelVersion = 5

// Change is a group of identities that two results see differently: what is
// one cluster in one of them, or several that share members, is cut another
// way in the other.
type Change struct {
	Before, After [][]string
}

// Changes compares two results over the same identities, as is shown before
// a new model or other thresholds are applied. Groups come in order of their
// first identity; what stays as it is is left out. An identity that only one
// result knows counts as standing alone in the other.
func Changes(before, after *Result) []Change {
	was, is := clusterOf(before), clusterOf(after)
	var out []Change
	done := map[string]bool{}
	for _, clusters := range [][][]string{before.Clusters, after.Clusters} {
		for _, c := range clusters {
			if done[c[0]] {
				continue
			}
			group := spread(c, was, is)
			for _, id := range group {
				done[id] = true
			}
			x := Change{Before: cut(group, was), After: cut(group, is)}
			if !slices.EqualFunc(x.Before, x.After, slices.Equal[[]string]) {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return slices.Compare(a.Before[0], b.Before[0]) })
	return out
}

func clusterOf(r *Result) map[string][]string {
	of := make(map[string][]string, len(r.ids))
	for _, c := range r.Clusters {
		for _, id := range c {
			of[id] = c
		}
	}
	return of
}

// spread follows shared members from a cluster to all that hang together.
func spread(c []string, of ...map[string][]string) []string {
	seen := map[string]bool{}
	group := slices.Clone(c)
	for _, id := range c {
		seen[id] = true
	}
	for i := 0; i < len(group); i++ {
		for _, m := range of {
			for _, id := range m[group[i]] {
				if !seen[id] {
					seen[id] = true
					group = append(group, id)
				}
			}
		}
	}
	slices.Sort(group)
	return group
}

// cut divides a sorted group by cluster, in order of the first members.
func cut(group []string, of map[string][]string) [][]string {
	var out [][]string
	seen := map[string]bool{}
	for _, id := range group {
		if seen[id] {
			continue
		}
		c := of[id]
		if c == nil {
			c = []string{id}
		}
		for _, m := range c {
			seen[m] = true
		}
		out = append(out, c)
	}
	return out
}
