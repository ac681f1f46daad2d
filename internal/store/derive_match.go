// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"maps"
	"slices"

	"greenroom/internal/identity/certain"
)

// sharing is a key that more than one identity has.
type sharing struct{ class, value string }

// match says again who is one member, for identities that are new and those that have changed, as far as they share
// something that only one person has.
func (d *deriver) match() error {
	done, err := d.followed(followMembers)
	if err != nil {
		return err
	}
	last, err := d.lastID("identity")
	if err != nil {
		return err
	}
	sharers := make(map[sharing][]int64)
	if err := d.sharers(sharers, "mine.identity_id > ? AND mine.identity_id <= ?", done, last); err != nil {
		return err
	}
	if err := d.sharers(sharers, "mine.identity_id IN (SELECT identity_id FROM identity_dirty)"); err != nil {
		return err
	}
	seeds, why, err := d.judgeKeys(sharers)
	if err != nil {
		return err
	}
	// What joined them before may be gone.
	joined, err := d.ints("SELECT x.identity_id FROM identity_dirty x JOIN identity i ON i.id = x.identity_id JOIN member m ON m.id = i.member_id WHERE m.identities > 1")
	if err != nil {
		return err
	}
	seeds = append(seeds, joined...)
	touched, err := d.resolve(resolution{seeds: seeds, why: why, version: d.version, byRule: true, now: d.now})
	if err != nil {
		return err
	}
	for _, id := range touched {
		d.members[id] = true
	}
	if err := d.matchTeam(done, last); err != nil {
		return err
	}
	if err := d.indexNewMembers(done, last); err != nil {
		return err
	}
	return d.setFollowed(followMembers, last)
}

// matchTeam marks the members of new identities that have an address at one of the team's domains.
func (d *deriver) matchTeam(done, last int64) error {
	domains, err := d.teamDomains()
	if err != nil {
		return err
	}
	for _, domain := range domains {
		ids, err := d.ints(`SELECT DISTINCT i.member_id FROM identity_key k JOIN identity i ON i.id = k.identity_id
			WHERE k.identity_id > ? AND k.identity_id <= ? AND k.kind || '' IN ('email', 'address') AND (k.value LIKE ? ESCAPE '\' OR k.value LIKE ? ESCAPE '\')`,
			done, last, "%@"+likeEscape.Replace(domain), "%."+likeEscape.Replace(domain))
		if err != nil {
			return err
		}
		for _, id := range ids {
			d.members[id] = true
		}
	}
	return nil
}

// sharers finds the keys that identities named by the condition have in common with others, and which of them do. Kinds are compared as
// expressions: by the index of kinds SQLite would go through all keys there are, each time.
func (d *deriver) sharers(found map[sharing][]int64, condition string, args ...any) error {
	rows, err := d.query(`SELECT mine.identity_id, mine.kind, mine.value FROM identity_key mine WHERE mine.kind || '' IN ('email', 'claim', 'same') AND `+condition+`
			AND EXISTS (SELECT 1 FROM identity_key k WHERE k.kind = mine.kind AND k.value = mine.value AND k.identity_id <> mine.identity_id)
		UNION SELECT mine.identity_id, mine.kind, mine.value FROM identity_key mine WHERE mine.kind || '' = 'url' AND `+condition+`
			AND EXISTS (SELECT 1 FROM identity_key k WHERE k.kind = 'claim' AND k.value = mine.value AND k.identity_id <> mine.identity_id)
		UNION SELECT mine.identity_id, mine.kind, mine.value FROM identity_key mine WHERE mine.kind || '' = 'claim' AND `+condition+`
			AND EXISTS (SELECT 1 FROM identity_key k WHERE k.kind = 'url' AND k.value = mine.value AND k.identity_id <> mine.identity_id)`,
		slices.Concat(args, args, args)...)
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		var id int64
		var kind, value string
		err := rows.Scan(&id, &kind, &value)
		key := sharing{certain.Class(kind), value}
		found[key] = append(found[key], id)
		return err
	})
}

// judgeKeys says of each key whether several people share it, and returns the identities whose members have to be found
// again: those that have a key in common which is one person's, and all that have a key of which the judgement changed.
// Why tells of the latter what changed.
func (d *deriver) judgeKeys(sharers map[sharing][]int64) (seeds []int64, why map[int64]string, err error) {
	why = make(map[int64]string)
	for _, class := range []string{certain.Email, certain.Profiles, certain.Same} {
		var values []any
		for key := range sharers {
			if key.class == class {
				values = append(values, key.value)
			}
		}
		if class == certain.Same {
			for _, v := range values {
				seeds = append(seeds, sharers[sharing{class, asText(v)}]...)
			}
			continue
		}
		before, err := d.sharedKeys(class, values)
		if err != nil {
			return nil, nil, err
		}
		names, holders, err := d.holders(class, values)
		if err != nil {
			return nil, nil, err
		}
		for _, value := range slices.Sorted(maps.Keys(names)) {
			shared := certain.Shared(names[value])
			if shared == before[value] {
				if !shared {
					seeds = append(seeds, sharers[sharing{class, value}]...)
				}
				continue
			}
			if err := d.setShared(class, value, shared); err != nil {
				return nil, nil, err
			}
			seeds = append(seeds, holders[value]...)
			for _, id := range holders[value] {
				if shared && why[id] == "" {
					why[id] = value + " is used by several people"
				}
			}
		}
	}
	slices.Sort(seeds)
	return slices.Compact(seeds), why, nil
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// kindsOf lists the kinds of key in a class.
func kindsOf(class string) []string {
	if class == certain.Profiles {
		return []string{certain.Claim, certain.URL}
	}
	return []string{class}
}

// holders reads who has keys, and by what names they go.
func (w *writer) holders(class string, values []any) (names map[string][]string, ids map[string][]int64, err error) {
	names, ids = make(map[string][]string), make(map[string][]int64)
	for _, kind := range kindsOf(class) {
		if err := w.eachIn(`SELECT k.value, k.identity_id, i.name FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind = ? AND k.value IN (%IN%)`,
			[]any{kind}, values, func(rows rowScanner) error {
				var value, name string
				var id int64
				err := rows.Scan(&value, &id, &name)
				names[value], ids[value] = append(names[value], name), append(ids[value], id)
				return err
			}); err != nil {
			return nil, nil, err
		}
	}
	return names, ids, nil
}

// sharedKeys tells which of the keys are known to be shared by several people.
func (w *writer) sharedKeys(class string, values []any) (map[string]bool, error) {
	shared := make(map[string]bool)
	err := w.eachIn("SELECT value FROM shared_key WHERE kind = ? AND value IN (%IN%)", []any{class}, values, func(rows rowScanner) error {
		var value string
		err := rows.Scan(&value)
		shared[value] = true
		return err
	})
	return shared, err
}

func (w *writer) setShared(class, value string, shared bool) error {
	q := "DELETE FROM shared_key WHERE kind = ? AND value = ?"
	if shared {
		q = "INSERT INTO shared_key (kind, value) VALUES (?, ?) ON CONFLICT DO NOTHING"
	}
	_, err := w.exec(q, class, value)
	return err
}

// neighborhood is everything that who is one member with some identities can depend on.
type neighborhood struct {
	member map[int64]int64 // by identity: where it is now
	reason map[int64]string
	held   []certain.Held
	links  []certain.Link
	apart  [][2]int64
	// matches are what the model found.
	matches []certain.Match

	seenKeys map[sharing]bool
	seenLink map[certain.Link]bool
	seenPair map[[2]int64]bool
}

// around gathers identities with all that are linked to them, near or far: by a key that is one person's, by being one
// member now, by what a person decided.
func (w *writer) around(seeds []int64) (*neighborhood, error) {
	n := &neighborhood{
		member: make(map[int64]int64), reason: make(map[int64]string), seenKeys: make(map[sharing]bool), seenLink: make(map[certain.Link]bool),
		seenPair: make(map[[2]int64]bool),
	}
	wave := make(map[int64]bool, len(seeds))
	for _, id := range seeds {
		wave[id] = true
	}
	for len(wave) > 0 {
		next := make(map[int64]bool)
		var ids []any
		for _, id := range slices.Sorted(maps.Keys(wave)) {
			ids = append(ids, id)
		}
		for _, step := range []func([]any, map[int64]bool) error{
			func(ids []any, next map[int64]bool) error { return w.aroundMembers(n, ids, next) },
			func(ids []any, next map[int64]bool) error { return w.aroundKeys(n, ids, next) },
			func(ids []any, next map[int64]bool) error { return w.aroundDecisions(n, ids, next) },
			func(ids []any, next map[int64]bool) error { return w.aroundMatches(n, ids, next) },
		} {
			if err := step(ids, next); err != nil {
				return nil, err
			}
		}
		for id := range next {
			if _, ok := n.member[id]; ok {
				delete(next, id)
			}
		}
		wave = next
	}
	slices.SortFunc(n.held, func(x, y certain.Held) int {
		return cmp.Or(cmp.Compare(x.Identity, y.Identity), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Value, y.Value))
	})
	return n, nil
}

func (w *writer) aroundMembers(n *neighborhood, ids []any, next map[int64]bool) error {
	members := make(map[int64]bool)
	if err := w.eachIn("SELECT id, member_id, match_reason FROM identity WHERE id IN (%IN%)", nil, ids, func(rows rowScanner) error {
		var id, m int64
		var reason string
		err := rows.Scan(&id, &m, &reason)
		n.member[id], n.reason[id], members[m] = m, reason, true
		return err
	}); err != nil {
		return err
	}
	var of []any
	for _, m := range slices.Sorted(maps.Keys(members)) {
		of = append(of, m)
	}
	return w.eachIn("SELECT id FROM identity WHERE member_id IN (%IN%)", nil, of, into(next))
}

// into scans ids into a set.
func into(set map[int64]bool) func(rowScanner) error {
	return func(rows rowScanner) error {
		var id int64
		err := rows.Scan(&id)
		set[id] = true
		return err
	}
}

func (w *writer) aroundKeys(n *neighborhood, ids []any, next map[int64]bool) error {
	values := make(map[string][]any)
	// Not by kind in SQL: SQLite would go through all keys of those kinds rather than by identity.
	if err := w.eachIn("SELECT kind, value FROM identity_key WHERE identity_id IN (%IN%)", nil, ids, func(rows rowScanner) error {
		var kind, value string
		err := rows.Scan(&kind, &value)
		key := sharing{certain.Class(kind), value}
		if slices.Contains([]string{"email", "claim", "same", "url"}, kind) && !n.seenKeys[key] {
			n.seenKeys[key] = true
			values[key.class] = append(values[key.class], value)
		}
		return err
	}); err != nil {
		return err
	}
	for _, class := range slices.Sorted(maps.Keys(values)) {
		shared, err := w.sharedKeys(class, values[class])
		if err != nil {
			return err
		}
		own := slices.DeleteFunc(values[class], func(v any) bool { return shared[asText(v)] })
		for _, kind := range kindsOf(class) {
			if err := w.eachIn("SELECT identity_id, value, reason FROM identity_key WHERE kind = ? AND value IN (%IN%)", []any{kind}, own, func(rows rowScanner) error {
				h := certain.Held{Kind: kind}
				err := rows.Scan(&h.Identity, &h.Value, &h.Reason)
				n.held, next[h.Identity] = append(n.held, h), true
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) aroundDecisions(n *neighborhood, ids []any, next map[int64]bool) error {
	for _, side := range []string{"a", "b"} {
		if err := w.eachIn("SELECT decision_id, a, b, member_id, reason FROM together WHERE overruled = 0 AND "+side+" IN (%IN%)", nil, ids, func(rows rowScanner) error {
			var l certain.Link
			err := rows.Scan(&l.Decision, &l.A, &l.B, &l.Member, &l.Reason)
			if !n.seenLink[l] {
				n.seenLink[l] = true
				n.links = append(n.links, l)
			}
			next[l.A], next[l.B] = true, true
			return err
		}); err != nil {
			return err
		}
		if err := w.eachIn("SELECT a, b FROM apart WHERE overruled = 0 AND "+side+" IN (%IN%)", nil, ids, func(rows rowScanner) error {
			var x [2]int64
			err := rows.Scan(&x[0], &x[1])
			n.apart = append(n.apart, x)
			next[x[0]], next[x[1]] = true, true
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) aroundMatches(n *neighborhood, ids []any, next map[int64]bool) error {
	for _, side := range []string{"a", "b"} {
		if err := w.eachIn("SELECT a, b, probability, reason, model FROM match_link WHERE "+side+" IN (%IN%)", nil, ids, func(rows rowScanner) error {
			var m certain.Match
			err := rows.Scan(&m.A, &m.B, &m.Probability, &m.Reason, &m.By)
			if pair := [2]int64{m.A, m.B}; !n.seenPair[pair] {
				n.seenPair[pair] = true
				n.matches = append(n.matches, m)
			}
			next[m.A], next[m.B] = true, true
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
