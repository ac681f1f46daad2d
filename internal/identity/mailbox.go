// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "slices"

// mailbox says how far an address stands for one person.
type mailbox uint8

const (
	mailboxOwn       mailbox = iota // one person's, as far as names tell
	mailboxContested                // two names that disagree
	mailboxDisputed                 // two that have nothing in common with each other or the address
	mailboxShared                   // a list, a tracker or a placeholder
)

// findMailboxes looks at the names each address is written with. It runs
// before anything else: an address of many people would glue them together
// in every later step. An address with three or more disagreeing full names
// is a mailbox, one whose local part names a function already with two. The
// local part of a mailbox is nobody's handle or name.
func findMailboxes(profiles []profile, v *vocab) map[uint64]mailbox {
	type seen struct {
		addr uint64
		rec  int32
	}
	var all []seen
	state := map[uint64]mailbox{}
	for i := range profiles {
		for j := range profiles[i].mails {
			if profiles[i].mails[j].via {
				state[profiles[i].mails[j].addr] = mailboxShared
			}
			all = append(all, seen{profiles[i].mails[j].addr, int32(i)})
		}
	}
	slices.SortFunc(all, func(a, b seen) int {
		switch {
		case a.addr != b.addr && a.addr < b.addr:
			return -1
		case a.addr != b.addr:
			return 1
		}
		return int(a.rec - b.rec)
	})
	var members []int32
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].addr == all[i].addr {
			j++
		}
		if j-i >= 2 {
			members = members[:0]
			for _, s := range all[i:j] {
				members = append(members, s.rec)
			}
			if m := judgeMailbox(profiles, members, all[i].addr, v); m > state[all[i].addr] {
				state[all[i].addr] = m
			}
		}
		i = j
	}
	for i := range profiles {
		profiles[i].markMailboxes(state, v)
	}
	return state
}

// judgeMailbox counts groups of agreeing names among the users of an address.
func judgeMailbox(profiles []profile, members []int32, addr uint64, v *vocab) mailbox {
	var groups []*name
	role := false
	for _, r := range members {
		p := &profiles[r]
		for i := range p.mails {
			role = role || (p.mails[i].addr == addr && p.mails[i].role)
		}
		for i := range p.names {
			n := &p.names[i]
			if n.kind < nameInitial || slices.ContainsFunc(groups, func(g *name) bool {
				return !compareNames(g, n, v).level.conflicts()
			}) {
				continue
			}
			if groups = append(groups, n); len(groups) > 2 {
				return mailboxShared
			}
		}
	}
	switch {
	case len(groups) == 2 && role:
		return mailboxShared
	case len(groups) == 2 && compareNames(groups[0], groups[1], v).level == nameOther && !namesake(profiles, members, addr, groups, v):
		return mailboxDisputed
	case len(groups) == 2:
		return mailboxContested
	}
	return mailboxOwn
}

// namesake reports whether the local part of an address follows from a name.
func namesake(profiles []profile, members []int32, addr uint64, names []*name, v *vocab) bool {
	var buf [maxWords]string
	for _, m := range profiles[members[0]].mails {
		if m.addr != addr || m.local == 0 {
			continue
		}
		for _, n := range names {
			if derive(dropDigits(v.text[m.local]), n.texts(v, &buf)) != formNone {
				return true
			}
		}
	}
	return false
}

// markMailboxes notes on a profile which of its addresses are not its own.
func (p *profile) markMailboxes(state map[uint64]mailbox, v *vocab) {
	for i := range p.mails {
		m := &p.mails[i]
		m.shared = state[m.addr]
		if m.shared != mailboxShared {
			continue
		}
		p.handles = slices.DeleteFunc(p.handles, func(h handle) bool {
			return h.id == m.local && h.kind == handleLocal
		})
		p.names = slices.DeleteFunc(p.names, func(n name) bool {
			return n.mailed && n.joined == hashString(skeleton(v.text[m.local]))
		})
		m.domain, m.machine, m.label, m.local = 0, 0, 0, 0
	}
}
