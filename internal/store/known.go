// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "github.com/cespare/xxhash/v2"

// knownIDs remembers which ids the names of one source have, so that a batch asks the store only for names that it has
// not met lately. It holds at most twice its limit of names of each sort: when the young generation is full it becomes the
// old one, and what is asked for again moves over.
type knownIDs struct {
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
	id   int64
	told uint64 // digest of what the source told last
}

// channelDigest is a digest of what a source tells of a channel.
func channelDigest(name, url string, threadless bool) uint64 {
	var d xxhash.Digest
	d.Reset()
	for _, s := range []string{name, "\x00", url, pick(threadless, "\x00", "")} {
		_, _ = d.WriteString(s) // never fails
	}
	return d.Sum64()
}

type generations[T any] struct {
	young, old map[string]T
	limit      int
}

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
	if g.young == nil || len(g.young) >= g.limit {
		g.old, g.young = g.young, make(map[string]T)
	}
	g.young[name] = v
}

// knownSources holds what is known of the sources that were stored last, so that several can be read at once without
// forgetting each other's names with each batch.
type knownSources struct {
	sources map[int64]*knownIDs
	order   []int64 // as they were first used
}

// knownAtOnce is how many sources are held.
const knownAtOnce = 12

// of returns what is known of a source. The more sources there are, the less each new one may hold.
func (k *knownSources) of(source int64) *knownIDs {
	if ids, ok := k.sources[source]; ok {
		return ids
	}
	if k.sources == nil {
		k.sources = make(map[int64]*knownIDs)
	}
	if len(k.order) >= knownAtOnce {
		delete(k.sources, k.order[0])
		k.order = k.order[1:]
	}
	limit := knownLimit / (len(k.order) + 1)
	ids := &knownIDs{}
	ids.channels.limit, ids.identities.limit, ids.conversations.limit, ids.threads.limit = limit, limit, limit, limit
	k.sources[source], k.order = ids, append(k.order, source)
	return ids
}

// forget empties the cache, after a rollback or when ids may have gone.
func (k *knownSources) forget() { *k = knownSources{} }
