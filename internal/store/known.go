// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

// knownIDs remembers which ids the names of one source have, so that a batch asks the store only for names that it has
// not met lately. It holds at most twice knownLimit names of each sort: when the young generation is full it becomes the
// old one, and what is asked for again moves over.
type knownIDs struct {
	source        int64
	channels      generations[knownChannel]
	identities    generations[knownIdentity]
	conversations generations[int64]
	threads       generations[uint64] // digest of what the source told last of a thread
}

const knownLimit = 120_000

type knownIdentity struct {
	id   int64
	told int64 // hash of what the source told last
}

type knownChannel struct {
	id         int64
	name, url  string
	threadless bool
}

type generations[T any] struct{ young, old map[string]T }

func (g *generations[T]) get(name string) (T, bool) {
	if v, ok := g.young[name]; ok {
		return v, true
	}
	v, ok := g.old[name]
	if ok {
		g.put(name, v)
	}
	return v, ok
}

func (g *generations[T]) put(name string, v T) {
	if g.young == nil || len(g.young) >= knownLimit {
		g.old, g.young = g.young, make(map[string]T)
	}
	g.young[name] = v
}

// of makes the cache one for the given source.
func (k *knownIDs) of(source int64) {
	if k.source != source {
		*k = knownIDs{source: source}
	}
}

// forget empties the cache, after a rollback or when ids may have gone.
func (k *knownIDs) forget() { *k = knownIDs{} }
