// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

// Kinds of blocking keys; each opens a space of its own.
const (
	keyAddress uint64 = iota + 1
	keyNumber
	keyHandle
	keyWords
	keyInitial
	keyWord
	keyNick
	keyTypo
	keyJoined
	keyDomain
	keyDomainWord
	keyPrefix
	keySuffix
	keyLink
	keyAvatar
	keyHash
)

// emitter takes a key and the first attribute by which it may be split when
// too many records share it; splitNever is for keys that other keys narrow.
// Records that meet by a key that both bear weakly are not compared: a handle
// that somebody might make of a name is worth a look only where another has
// it.
type emitter func(key uint64, split uint8, weak bool)

const (
	strong = false
	weak   = true
)

// keys calls emit with every key under which a profile may meet another of
// the same person. No key is enough to merge by, and a key that many share is
// split further rather than dropped; see index.
func (m *model) keys(p *profile, emit emitter) {
	for i := range p.mails {
		if p.mails[i].shared != mailboxShared {
			emit(pair(keyAddress, p.mails[i].addr), splitName, strong)
		}
	}
	for _, a := range p.accounts {
		if a.value != 0 {
			emit(pair(keyNumber, pair(a.system, a.value)), splitName, strong)
		}
	}
	for i := range p.handles {
		m.handleKeys(&p.handles[i], emit)
	}
	for i := range p.names {
		m.nameKeys(&p.names[i], emit)
	}
	m.domainKeys(p, emit)
	if p.about == nil {
		return
	}
	for _, l := range p.about.links {
		emit(pair(keyLink, l), splitName, strong)
	}
	if p.about.url != 0 {
		emit(pair(keyLink, p.about.url), splitName, strong)
	}
	for _, h := range p.about.hashes {
		emit(pair(keyHash, h), splitName, strong)
	}
	if p.about.avatar != 0 {
		avatarKeys(p.about.avatar, emit)
	}
}

// avatarKeys emits every two of the five parts of a picture's hash. Of hashes that differ in three bits two parts are the same,
// and nearly always where they differ in four.
func avatarKeys(hash uint64, emit emitter) {
	const parts, bits = 5, 13
	part := func(i uint64) uint64 { return hash >> (i * bits) & (1<<bits - 1) }
	for i := range uint64(parts) {
		for j := range i {
			emit(pair(keyAvatar, pair(i<<bits|part(i), j<<bits|part(j))), splitName, strong)
		}
	}
}

func (m *model) handleKeys(h *handle, emit emitter) {
	emit(pair(keyHandle, hashString(m.vocab.text[h.id])), splitName, strong)
	if h.base != h.id {
		emit(pair(keyHandle, hashString(m.vocab.text[h.base])), splitName, strong)
	}
	if h.kind == handleLabel {
		return
	}
	if t := m.vocab.text[h.base]; len(t) >= 5 {
		emit(pair(keyPrefix, hashString(t[:5])), splitHandle, strong)
		if len(t) >= 8 {
			emit(pair(keySuffix, hashString(t[len(t)-6:])), splitHandle, strong)
		}
	}
}

// nameKeys emits the keys of a name: pairs of words, words with initials,
// single words, near spellings, and the handles that follow from it.
func (m *model) nameKeys(n *name, emit emitter) {
	v := m.vocab
	emit(pair(keyJoined, n.joined), splitHandle, strong)
	if n.rotated != n.joined {
		emit(pair(keyJoined, n.rotated), splitHandle, weak)
	}
	for i := range n.n {
		if len(v.text[n.words[i]]) >= 2 {
			emit(pair(keyWord, uint64(v.skel[n.words[i]])), splitNever, n.n > 1)
			if t := v.text[n.words[i]]; i > 0 && len(t) >= 7 {
				emit(pair(keyPrefix, hashString(t[:5])), splitHandle, weak)
			}
		}
	}
	if n.n < 2 {
		return
	}
	f, l := n.first(), n.last()
	emit(pair(keyWords, n.pair), splitHandle, strong)
	for i := uint8(1); i < n.n-1; i++ {
		mid := n.words[i]
		if len(v.text[mid]) < 2 {
			continue
		}
		emit(pair(keyWords, unordered(v.skel[f], v.skel[mid])), splitHandle, weak)
		emit(pair(keyWords, unordered(v.skel[mid], v.skel[l])), splitHandle, weak)
	}
	m.looseKeys(f, l, emit)
	m.looseKeys(l, f, emit)
	m.derivedKeys(n, emit)
}

func unordered(a, b uint32) uint64 { return pair(uint64(min(a, b)), uint64(max(a, b))) }

// looseKeys emits keys that hold one word and only the start or end of the
// other.
func (m *model) looseKeys(whole, part uint32, emit emitter) {
	w, t := m.vocab.text[whole], m.vocab.text[part]
	if len(w) < 2 || t == "" {
		return
	}
	s := uint64(m.vocab.skel[whole])
	for g := m.dict.nick[t]; g != 0; g >>= 16 {
		emit(pair(keyNick, pair(s, g&0xffff)), splitHandle, strong)
	}
	emit(pair(keyInitial, s<<8|uint64(t[0])), splitHandle, len(t) > 1)
	if len(t) >= 4 {
		emit(pair(keyTypo, pair(s, hashString(t[:3]))), splitHandle, strong)
		emit(pair(keyTypo, pair(s+1<<40, hashString(t[len(t)-3:]))), splitHandle, strong)
	}
}

// derivedKeys emits the handles that people make of a name, whether or not
// somebody here has them yet.
func (m *model) derivedKeys(n *name, emit emitter) {
	v := m.vocab
	if n.native {
		return
	}
	f, l := v.text[n.first()], v.text[n.last()]
	var buf [64]byte
	try := func(parts ...string) {
		b := buf[:0]
		for _, s := range parts {
			b = append(b, s...)
		}
		emit(pair(keyHandle, hashString(b)), splitName, weak)
	}
	if len(f)+len(l) > 60 || f == "" || l == "" {
		return
	}
	try(f, l)
	try(l, f)
	try(f[:1], l)
	try(l, f[:1])
	try(f, l[:1])
	try(l[:1], f)
	if len(l) >= 3 {
		try(l)
	}
	if len(f) >= 5 {
		try(f)
	}
	if n.n >= 3 {
		if mid := v.text[n.words[1]]; len(mid) < 30 {
			try(f, mid, l)
			try(f, mid[:1], l)
			try(f[:1], mid[:1], l)
			try(f[:1], mid[:1], l[:1])
			try(f, mid[:1], l[:1])
			try(f, mid)
		}
	}
}

// domainKeys emits a domain alone and with words beside it, so that large
// organizations fall into small blocks.
func (m *model) domainKeys(p *profile, emit emitter) {
	for i := range p.mails {
		d := p.mails[i].domain
		if d == 0 || p.mails[i].free {
			continue
		}
		emit(pair(keyDomain, d), splitNever, strong)
		for j := range p.names {
			n := &p.names[j]
			emit(pair(keyDomainWord, pair(d, uint64(m.vocab.skel[n.first()]))), splitName, n.n > 1)
			if n.n > 1 {
				emit(pair(keyDomainWord, pair(d, uint64(m.vocab.skel[n.last()]))), splitName, weak)
			}
		}
		for j := range p.handles {
			emit(pair(keyDomainWord, pair(d, uint64(m.vocab.skel[p.handles[j].base]))), splitName, strong)
		}
	}
}

// Attributes by which blocks that are too large are split.
const (
	splitName    uint8 = iota // the best name's first and last word
	splitHandle               // the first handle
	splitDomain               // the mail domain
	splitLetters              // the first letters of the names
	splitNever
)

// attribute returns the value of a splitting attribute, 0 when there is none.
func (m *model) attribute(p *profile, k uint8) uint64 {
	switch k {
	case splitName:
		for i := range p.names {
			if p.names[i].n > 1 || p.names[i].native {
				return p.names[i].pair
			}
		}
	case splitHandle:
		for i := range p.handles {
			if p.handles[i].kind <= handleWord {
				return uint64(p.handles[i].base)
			}
		}
	case splitDomain:
		for i := range p.mails {
			if d := p.mails[i].domain; d != 0 && !p.mails[i].free {
				return d
			}
		}
	case splitLetters:
		for i := range p.names {
			if l := m.vocab.text[p.names[i].last()]; len(l) >= 2 {
				return pair(uint64(l[0])<<8|uint64(l[1]), uint64(m.vocab.text[p.names[i].first()][0]))
			}
		}
	}
	return 0
}
