// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"time"
)

const (
	maxWords   = 5 // words of a name that are looked at
	maxNames   = 6 // names of one record
	maxHandles = 10
)

// name is a parsed name in numbers.
type name struct {
	kind    nameKind
	native  bool
	mailed  bool // read off an address or a handle
	read    bool // read off a handle by the names of others; see readHandles
	n       uint8
	words   [maxWords]uint32
	joined  uint64 // hash of all words in writing order
	rotated uint64 // the same with the last word first
	pair    uint64 // hash of the skeletons of first and last, unordered
	digits  uint32 // that are in it, 0 for none
}

func (n *name) first() uint32 { return n.words[0] }
func (n *name) last() uint32  { return n.words[n.n-1] }

// handleKind says where a handle was found.
type handleKind uint8

const (
	handleLogin handleKind = iota // declared by the source or in a private address
	handleLocal                   // the local part of an address
	handleWord                    // a name of one written word
	handleNick                    // in quotes or brackets beside a name
	handleLabel                   // the first label of a personal domain
)

// handle is a login-like word of a record.
type handle struct {
	id   uint32
	base uint32 // without digits at the ends; equal to id when there are none
	kind handleKind
	own  form // how it follows from the record's own name

	initial byte   // with family, of one whose name is not known: what it may stand for
	family  uint32 // a skeleton, 0 for none
}

// numbered reports whether a handle is its base with nothing but digits at its ends. What stands behind others tells accounts of
// one person apart: jane-roe-dev.
func (h *handle) numbered(v *vocab) bool {
	return h.id != h.base && dropDigits(v.text[h.id]) == v.text[h.base]
}

// mail is a parsed address in numbers.
type mail struct {
	addr     uint64 // hash of the canonical form, 0 for none
	domain   uint64 // hash of the registrable domain, 0 for none
	machine  uint64 // hash of the machine's name, 0 for none
	local    uint32
	label    uint32
	free     bool
	role     bool
	via      bool
	verified bool
	shared   mailbox
}

// account is an identifier that a system guarantees to be one person's.
type account struct {
	system uint64
	value  uint64 // 0 when only the login is known
	login  uint32
}

// profile is a record in the form in which it is compared.
type profile struct {
	names    []name
	handles  []handle
	mails    []mail
	accounts []account
	about    *about // nil when nothing of it is known
	offset   int16  // minutes east of UTC
	hasZone  bool
	bot      bool
	reads    bool  // a handle was read as an initial and a family name
	from, to int32 // days since 1970, 0 when unknown
}

// about is what fuller profiles say, in hashes; 0 is unknown.
type about struct {
	links    []uint64
	hashes   []uint64 // of mail addresses
	url      uint64
	avatar   uint64
	company  uint64
	location uint64
	source   uint64
}

// known returns what a profile says about itself, which may be nothing.
func (p *profile) known() about {
	if p.about == nil {
		return about{}
	}
	return *p.about
}

// best returns the most telling name kind of the profile.
func (p *profile) best() nameKind {
	k := nameNone
	for i := range p.names {
		k = max(k, p.names[i].kind)
	}
	return k
}

// rawProfile is a profile whose words are still text, made without touching
// anything shared so that many can be made at once.
type rawProfile struct {
	names []parsedName
	mails []parsedMail
}

func (d *dictionary) parse(r *Record) rawProfile {
	var raw rawProfile
	for _, n := range r.Names[:min(len(r.Names), maxNames)] {
		p := d.parseName(n)
		raw.names = append(raw.names, p)
	}
	for _, e := range r.Emails {
		raw.mails = append(raw.mails, d.parseMail(e.Address))
	}
	return raw
}

// pool keeps the lists of many profiles in few pieces of memory, because a
// million small ones are slow to collect.
type pool struct {
	names    []name
	handles  []handle
	mails    []mail
	accounts []account
}

// keep moves a profile's lists into the pool.
func (k *pool) keep(p *profile) {
	p.names = keepList(&k.names, p.names)
	p.handles = keepList(&k.handles, p.handles)
	p.mails = keepList(&k.mails, p.mails)
	p.accounts = keepList(&k.accounts, p.accounts)
}

func keepList[T any](piece *[]T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	if cap(*piece)-len(*piece) < len(list) {
		*piece = make([]T, 0, max(4096, len(list)))
	}
	n := len(*piece)
	*piece = append(*piece, list...)
	return slices.Clip((*piece)[n:])
}

// compile turns a parsed record into numbers. The lists of scratch are filled
// anew; the profile borrows them.
func compile(r *Record, raw rawProfile, v *vocab, d *dictionary, scratch *profile) profile {
	p := profile{
		bot: r.Bot, names: scratch.names[:0], handles: scratch.handles[:0],
		mails: scratch.mails[:0], accounts: scratch.accounts[:0],
	}
	via := false
	for i := range raw.names {
		p.addName(&raw.names[i], v, d)
		via = via || raw.names[i].via
	}
	p.nameFromAddress(raw.mails, via, v, d)
	for i := range raw.mails {
		raw.mails[i].via = via && raw.mails[i].login == ""
		p.addMail(&raw.mails[i], r.Emails[i].Verified, v, d)
	}
	for _, h := range r.Handles {
		folded := fold(strings.TrimPrefix(h, "@"))
		p.addHandle(squash(folded), handleLogin, v, d)
		p.setBase(squash(folded), squash(d.cutPurpose(folded)), v, d)
		if r.Source != "" {
			system, _, _ := strings.Cut(r.Source, ":")
			p.accounts = append(p.accounts, account{system: hashString(system), login: v.id(squash(fold(h)), d)})
		}
	}
	for _, a := range r.Accounts {
		if system, value, ok := strings.Cut(a, ":"); ok && value != "" {
			p.accounts = append(p.accounts, account{system: hashString(strings.ToLower(system)), value: hashString(value)})
		}
	}
	p.addAbout(r, v, d)
	p.from, p.to = days(r.FirstSeen), days(r.LastSeen)
	p.offset, p.hasZone = zone(r.TimeZone)
	for i := range p.handles {
		p.handles[i].own = p.ownForm(p.handles[i], v)
	}
	return p
}

// nameFromAddress reads a name off an address such as "jane.roe@" when the
// record gives no full name.
func (p *profile) nameFromAddress(mails []parsedMail, via bool, v *vocab, d *dictionary) {
	if via || p.best() >= nameSplit {
		return
	}
	for i := range mails {
		if len(mails[i].words) >= 2 {
			p.addName(&parsedName{kind: nameSplit, words: mails[i].words, fromMail: true}, v, d)
			return
		}
	}
}

func (p *profile) addName(raw *parsedName, v *vocab, d *dictionary) {
	for _, nick := range raw.nicks {
		p.addHandle(nick, handleNick, v, d)
	}
	if raw.local != "" {
		m := d.parseMail(raw.local)
		p.addMail(&m, false, v, d)
	}
	if raw.kind == nameNone || len(raw.words) == 0 {
		return
	}
	n := name{kind: raw.kind, native: raw.native, mailed: raw.fromMail}
	var joined string
	if len(raw.words) == 1 {
		joined = raw.words[0]
	} else {
		joined = strings.Join(raw.words, "")
	}
	if raw.digits != "" {
		n.digits = v.id(raw.digits, d)
	}
	switch {
	case raw.kind != nameWord && raw.kind != nameSplit || raw.fromMail:
	case strings.Trim(raw.whole, raw.digits) == joined: // the digits were cut off
		p.addHandle(raw.whole, handleWord, v, d)
	default:
		p.addHandle(joined, handleWord, v, d)
	}
	last := raw.words[len(raw.words)-1]
	n.joined = hashString(skeleton(joined))
	n.rotated = hashString(skeleton(last + joined[:len(joined)-len(last)]))
	words := raw.words
	if len(words) > maxWords {
		words = append(words[:maxWords-1:maxWords-1], last)
	}
	for _, w := range words {
		n.words[n.n] = v.id(w, d)
		n.n++
	}
	a, b := uint64(v.skel[n.first()]), uint64(v.skel[n.last()])
	n.pair = pair(min(a, b), max(a, b))
	for i := range p.names {
		if p.names[i].joined == n.joined && p.names[i].kind >= n.kind {
			return
		}
	}
	p.names = append(p.names, n)
}

func (p *profile) addMail(raw *parsedMail, verified bool, v *vocab, d *dictionary) {
	if raw.system != "" && raw.login != "" {
		a := account{system: hashString(raw.system), login: v.id(raw.local, d)}
		if raw.number != "" {
			a.value = hashString(raw.number)
		}
		p.accounts = append(p.accounts, a)
		p.addHandle(raw.local, handleLogin, v, d)
	}
	if raw.canonical == "" {
		return
	}
	m := mail{addr: hashString(raw.canonical), free: raw.free, role: raw.role, via: raw.via, verified: verified}
	if raw.domain != "" {
		m.domain = hashString(raw.domain)
	}
	if raw.machine != "" {
		m.machine = hashString(raw.machine)
	}
	if raw.system == "" && raw.local != "" {
		m.local = v.id(raw.local, d)
		p.addHandle(raw.local, handleLocal, v, d)
	}
	if label := squash(raw.label); !raw.free && len(label) >= 4 && !d.isRole(label) {
		m.label = v.id(label, d)
	}
	p.mails = append(p.mails, m)
}

func (p *profile) addHandle(h string, kind handleKind, v *vocab, d *dictionary) {
	if len(h) < 2 || len(p.handles) >= maxHandles || (kind != handleWord && d.isRole(h)) {
		return
	}
	id := v.id(h, d)
	for i := range p.handles {
		if p.handles[i].id == id {
			p.handles[i].kind = min(p.handles[i].kind, kind)
			return
		}
	}
	base := id
	if b := dropDigits(h); b != h && len(b) >= 3 {
		base = v.id(b, d)
	}
	p.handles = append(p.handles, handle{id: id, base: base, kind: kind})
}

// setBase notes what a handle is without what stands behind it.
func (p *profile) setBase(h, base string, v *vocab, d *dictionary) {
	if base = dropDigits(base); base == dropDigits(h) || len(base) < 4 {
		return
	}
	for i := range p.handles {
		if v.text[p.handles[i].id] == h {
			p.handles[i].base = v.id(base, d)
		}
	}
}

// cutPurpose drops what a handle has behind it to tell accounts apart: jane-roe-dev, jane-roe1.
func (d *dictionary) cutPurpose(h string) string {
	h = strings.TrimRight(h, "0123456789_-. ")
	if i := strings.LastIndexAny(h, "-_."); i > 0 && has(d.purpose, strings.ToLower(h[i+1:])) {
		return strings.TrimRight(h[:i], "0123456789_-. ")
	}
	return h
}

// addAbout keeps links, picture, employer and place as hashes and takes
// logins out of links to platforms where the first part of the path is one.
func (p *profile) addAbout(r *Record, v *vocab, d *dictionary) {
	k := about{url: linkHash(r.URL), avatar: r.Avatar}
	for _, l := range r.Links {
		if h := linkHash(l); h != 0 {
			k.links = append(k.links, h)
		}
		host, path, _ := strings.Cut(trimLink(l), "/")
		system, _, _ := strings.Cut(host, ".")
		if seg, _, _ := strings.Cut(path, "/"); has(d.loginHost, system) && seg != "" {
			p.addHandle(squash(fold(strings.TrimPrefix(seg, "@"))), handleLogin, v, d)
		}
	}
	for _, h := range r.AddressHashes {
		k.hashes = append(k.hashes, hashString(strings.ToLower(h)))
	}
	if r.Source != "" {
		k.source = hashString(r.Source)
	}
	if c := squash(fold(strings.TrimPrefix(strings.TrimSpace(r.Company), "@"))); c != "" {
		k.company = hashString(c)
	}
	if l := squash(fold(r.Location)); l != "" {
		k.location = hashString(l)
	}
	if k.links != nil || k.hashes != nil || k.url|k.avatar|k.company|k.location|k.source != 0 {
		p.about = &k
	}
}

func trimLink(l string) string {
	l = strings.ToLower(strings.TrimSpace(l))
	l = strings.TrimPrefix(strings.TrimPrefix(l, "https://"), "http://")
	return strings.TrimRight(strings.TrimPrefix(l, "www."), "/")
}

func linkHash(l string) uint64 {
	if l = trimLink(l); l == "" {
		return 0
	}
	return hashString(l)
}

func days(t time.Time) int32 {
	if t.IsZero() {
		return 0
	}
	return int32(t.Unix() / 86400)
}

// zone reads "+hhmm"; "+0000" and what is out of range are unknown.
func zone(s string) (int16, bool) {
	if len(s) != 5 || (s[0] != '+' && s[0] != '-') || !allDigits(s[1:]) {
		return 0, false
	}
	n := int16(s[1]-'0')*10 + int16(s[2]-'0')
	m := int16(s[3]-'0')*10 + int16(s[4]-'0')
	if n > 14 || m > 59 || (n == 0 && m == 0) {
		return 0, false
	}
	n = n*60 + m
	if s[0] == '-' {
		n = -n
	}
	return n, true
}
