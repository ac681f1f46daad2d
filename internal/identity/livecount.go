// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

// count adds what a newcomer bears to the census: a handle or word that one
// other person had says less once two have it. It returns a function that
// takes this back.
func (l *Live) count(p *profile) (undo func()) {
	m := l.r.model
	v := m.vocab
	var handles, words, bases []uint32
	for i := range p.handles {
		h := &p.handles[i]
		if h.numbered(v) && !l.under(pair(keyHandle, hashString(v.text[h.id])), func(o *profile) bool { return o.hasHandle(h.id) }) {
			bases = append(bases, h.base)
		}
	}
	if who := p.entity(); p.best() >= nameInitial {
		for i := range p.handles {
			h := p.handles[i].id
			key := pair(keyHandle, hashString(v.text[h]))
			if v.handleCount[h] > 0 && !l.under(key, func(o *profile) bool { return o.entity() == who && o.hasHandle(h) }) {
				handles = append(handles, h)
			}
		}
	}
	for i := range p.names {
		n := &p.names[i]
		if n.kind < nameSplit {
			continue
		}
		for _, w := range n.words[:n.n] {
			key := pair(keyWord, uint64(v.skel[w]))
			if v.nameCount[v.skel[w]] > 0 && !l.under(key, func(o *profile) bool { return o.hasName(n.pair) }) {
				words = append(words, w)
			}
		}
	}
	l.shift(handles, words, bases, 1)
	return func() { l.shift(handles, words, bases, -1) }
}

// shift moves counts and what is computed of them.
func (l *Live) shift(handles, words, bases []uint32, by int32) {
	m := l.r.model
	v := m.vocab
	for _, h := range handles {
		v.handleCount[h] += by
	}
	for _, w := range words {
		v.nameCount[v.skel[w]] += by
	}
	for _, base := range bases {
		v.seriesCount[base] += by
	}
	for _, list := range [2][]uint32{handles, words} {
		for _, w := range list {
			m.shares[w] = float32(m.census.wordShare(w, v, m.dict))
			m.logins[w] = float32(m.census.handleShare(w, v, m.dict))
		}
	}
}

// mailboxesOf judges the addresses of a newcomer anew with it among their
// users: it may be the one who shows that an address is many people's.
func (l *Live) mailboxesOf(p *profile) map[uint64]mailbox {
	r := l.r
	state := map[uint64]mailbox{}
	self := uint32(len(r.profiles))
	r.profiles = append(r.profiles, *p)
	for i := range p.mails {
		addr := p.mails[i].addr
		state[addr] = r.mailboxes[addr]
		var members []int32
		l.eachUnder(pair(keyAddress, addr), func(rec uint32) { members = append(members, int32(rec)) })
		if len(members) > 0 {
			state[addr] = max(state[addr], judgeMailbox(r.profiles, append(members, int32(self)), addr, r.model.vocab))
		}
	}
	r.profiles = r.profiles[:self]
	return state
}

// under reports whether one of the records under a key is as asked for.
func (l *Live) under(key uint64, want func(*profile) bool) bool {
	found := false
	l.eachUnder(key, func(rec uint32) { found = found || want(&l.r.profiles[rec]) })
	return found
}

// eachUnder calls f with the records under a key, as far as they are few.
func (l *Live) eachUnder(key uint64, f func(rec uint32)) {
	l.ix.shards[shardOf(key)].find(l.r.model, &profile{}, 0, newEntry(key, 0, 0, strong), f)
	for _, e := range l.added[key][:min(len(l.added[key]), maxBlock)] {
		f(e.rec())
	}
}

func (p *profile) hasHandle(id uint32) bool {
	for i := range p.handles {
		if p.handles[i].id == id {
			return true
		}
	}
	return false
}

func (p *profile) hasName(pair uint64) bool {
	for i := range p.names {
		if p.names[i].pair == pair {
			return true
		}
	}
	return false
}
