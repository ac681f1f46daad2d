// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"greenroom"
	"greenroom/internal/avatar"
	"greenroom/internal/identity"
	"greenroom/internal/identity/certain"
	"greenroom/internal/matching"
)

const (
	settingMatching      = "matching"
	settingMatchingState = "matching_state"
)

// matchSignature is made of everything that tells of a change: identities that are new or were changed, those that were
// erased, what their pictures look like, and what people decided.
const matchSignature = `SELECT coalesce((SELECT max(id) FROM identity), 0), coalesce((SELECT max(version) FROM identity), 0), ` + erasedAccounts + `,
	(SELECT coalesce(max(version), 0) FROM picture), coalesce((SELECT max(id) FROM decision), 0), (SELECT count(*) FROM decision WHERE undone_at > 0), coalesce((SELECT value FROM setting WHERE key = '` + settingMatching + `'), '')`

func signature(row func(q string, args []any, into ...any) error) (text string, identities int64, err error) {
	var identity, version, erased, picture, decision, undone int64
	var settings string
	err = row(matchSignature, nil, &identity, &version, &erased, &picture, &decision, &undone, &settings)
	return fmt.Sprintf("%d.%d.%d.%d.%d.%d %s", identity, version, erased, picture, decision, undone, settings), identity, err
}

// MatchSignature changes whenever looking at everybody may come out differently. Identities is about how many there are.
func (s *Store) MatchSignature(ctx context.Context) (text string, identities int64, err error) {
	return signature(func(q string, args []any, into ...any) error { return s.queryRow(ctx, q, args, into...) })
}

// MatchSettings reads what the model may decide, and what it found last. Unless somebody set them, thresholds are the
// shipped ones.
func (s *Store) MatchSettings(ctx context.Context) (matching.Settings, matching.State, error) {
	settings := matching.Settings{Auto: identity.DefaultAuto, Suggest: identity.DefaultSuggest}
	var state matching.State
	for key, into := range map[string]any{settingMatching: &settings, settingMatchingState: &state} {
		var text string
		err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{key}, &text)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue
		}
		if err == nil {
			err = json.Unmarshal([]byte(text), into)
		}
		if err != nil {
			return settings, state, fmt.Errorf("reading the setting %s: %w", key, err)
		}
	}
	return settings, state, nil
}

// SetMatchSettings keeps what the model may decide.
func (s *Store) SetMatchSettings(ctx context.Context, m matching.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingMatching, m) })
}

func (w *writer) setSetting(key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the setting %s: %w", key, err)
	}
	_, err = w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, string(text))
	return err
}

// matchColumns is what the model sees of an identity i of a source s.
const matchColumns = "i.id, s.name, i.external_id, i.handle, i.name, i.bot, i.activities, i.first_active, i.last_active, i.profile, coalesce((SELECT p.hash FROM picture p WHERE p.identity_id = i.id), 0)"

// MatchRecords gives every identity as the model sees it, in order of their ids.
func (s *Store) MatchRecords(ctx context.Context, each func(id int64, r identity.Record) error) error {
	rows, err := s.query(ctx, "SELECT "+matchColumns+" FROM identity i JOIN source s ON s.id = i.source_id ORDER BY i.id")
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		id, r, err := scanRecord(rows)
		if err != nil {
			return err
		}
		return each(id, r)
	})
}

// scanRecord reads the columns of matchColumns, and those that follow.
func scanRecord(rows rowScanner, more ...any) (id int64, r identity.Record, err error) {
	var bot, activities, first, last, picture int64
	var external, handle, name, text string
	var p profile
	if err := rows.Scan(append([]any{&id, &r.Source, &external, &handle, &name, &bot, &activities, &first, &last, &text, &picture}, more...)...); err != nil {
		return 0, r, err
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return 0, r, fmt.Errorf("decoding the profile of identity %d: %w", id, err)
	}
	r.ID, r.Bot, r.Activities = r.Source+"/"+external, bot != 0, int(activities)
	if name != "" {
		r.Names = []string{name}
	}
	if handle != "" {
		r.Handles = []string{handle}
	}
	for _, e := range p.Emails {
		r.Emails = append(r.Emails, identity.Email{Address: e.Address, Verified: e.Verified})
	}
	r.Links, r.URL, r.Company, r.Location, r.TimeZone = p.Links, p.ProfileURL, p.Company, p.Location, offset(p.TimeZone)
	r.Avatar = uint64(picture) //nolint:gosec // the same bits
	if h := avatar.OfAddress(p.AvatarURL); h != "" {
		r.AddressHashes = []string{h}
	}
	r.FirstSeen, r.LastSeen = fromMicros(first), fromMicros(last)
	return id, r, nil
}

// offset is a time zone as the model reads it: "+hhmm". Names of zones say too little about a person to be looked up.
func offset(zone string) string {
	if len(zone) == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' {
		return zone[:3] + zone[4:]
	}
	return ""
}

// MatchKnown says which identities are one person, for certain or because people said so, and which are not.
func (s *Store) MatchKnown(ctx context.Context) (matching.Known, error) {
	var known matching.Known
	var links []certain.Link
	read := func(q string, each func(rows rowScanner) error) error {
		rows, err := s.query(ctx, q)
		if err != nil {
			return err
		}
		return scan(rows, func() error { return each(rows) })
	}
	var apart [][2]int64
	if err := read("SELECT p.a, p.b, d.at FROM apart p JOIN decision d ON d.id = p.decision_id WHERE p.overruled = 0 ORDER BY p.a, p.b", func(rows rowScanner) error {
		var x matching.Apart
		var at int64
		err := rows.Scan(&x.A, &x.B, &at)
		x.At = fromMicros(at)
		known.Apart, apart = append(known.Apart, x), append(apart, [2]int64{x.A, x.B})
		return err
	}); err != nil {
		return known, err
	}
	if err := read("SELECT decision_id, a, b, member_id FROM together WHERE overruled = 0 ORDER BY decision_id, a, b", func(rows rowScanner) error {
		var l certain.Link
		err := rows.Scan(&l.Decision, &l.A, &l.B, &l.Member)
		links = append(links, l)
		return err
	}); err != nil {
		return known, err
	}
	var held []certain.Held
	if err := read(`SELECT k.identity_id, k.kind, k.value FROM identity_key k WHERE k.kind IN ('email', 'claim', 'same', 'url') AND EXISTS (
		SELECT 1 FROM identity_key o WHERE o.value = k.value AND o.identity_id <> k.identity_id
			AND (o.kind = k.kind AND k.kind <> 'url' OR k.kind = 'url' AND o.kind = 'claim' OR k.kind = 'claim' AND o.kind = 'url'))
		AND NOT EXISTS (SELECT 1 FROM shared_key x WHERE x.value = k.value AND x.kind = CASE WHEN k.kind IN ('url', 'claim') THEN '`+certain.Profiles+`' ELSE k.kind END)
		ORDER BY k.identity_id, k.kind, k.value`, func(rows rowScanner) error {
		var h certain.Held
		err := rows.Scan(&h.Identity, &h.Kind, &h.Value)
		held = append(held, h)
		return err
	}); err != nil {
		return known, err
	}
	ids := make(map[int64]bool)
	for _, h := range held {
		ids[h.Identity] = true
	}
	for _, l := range links {
		ids[l.A], ids[l.B] = true, true
	}
	groups, _ := certain.Partition(slices.Collect(maps.Keys(ids)), held, links, apart, nil)
	for _, g := range groups {
		if len(g.Identities) > 1 {
			known.Same = append(known.Same, g.Identities)
		}
	}
	return known, nil
}

// matchesAtOnce is how many links one transaction changes.
const matchesAtOnce = 100

// SetMatches makes the links and suggestions those that were found. Links are changed in portions, so that others can
// write between them; until the last is written the signature says that the look is not complete.
func (s *Store) SetMatches(ctx context.Context, f matching.Found, rest func() error) (changed bool, err error) {
	expect := f.State.Signature
	var before map[[2]int64]linked
	if err := s.write(ctx, func(w *writer) error {
		before, err = w.links()
		return err
	}); err != nil {
		return false, err
	}
	edits := editsOf(before, f)
	for portion := range slices.Chunk(edits, matchesAtOnce) {
		if err := s.writeAlong(ctx, func(w *writer) error {
			moved, err := w.editLinks(portion, f.Model, micros(f.State.At), &expect)
			changed = changed || moved
			return err
		}); err != nil {
			return changed, err
		}
		if err := rest(); err != nil {
			return changed, err
		}
	}
	return changed, s.write(ctx, func(w *writer) error {
		if err := w.setSuggestions(f.Suggestions); err != nil {
			return err
		}
		now, _, err := signature(w.row)
		if err != nil {
			return err
		}
		if f.State.Signature = now; now != expect {
			f.State.Signature = "" // something has changed since; look again
		}
		return w.setSetting(settingMatchingState, f.State)
	})
}

// linked is a link as it is stored.
type linked struct {
	probability   float64
	reason, model string
}

// edit is a link that has to be stored, or taken away.
type edit struct {
	matching.Pair
	gone bool
}

func (w *writer) links() (map[[2]int64]linked, error) {
	rows, err := w.query("SELECT a, b, probability, reason, model FROM match_link")
	if err != nil {
		return nil, err
	}
	all := make(map[[2]int64]linked)
	err = scan(rows, func() error {
		var pair [2]int64
		var l linked
		err := rows.Scan(&pair[0], &pair[1], &l.probability, &l.reason, &l.model)
		all[pair] = l
		return err
	})
	return all, err
}

// editsOf says what has to change, in a fixed order: first what is taken away.
func editsOf(before map[[2]int64]linked, f matching.Found) []edit {
	var edits []edit
	now := make(map[[2]int64]bool, len(f.Links))
	for _, p := range f.Links {
		key := [2]int64{p.A, p.B}
		now[key] = true
		if old, ok := before[key]; !ok || old != (linked{p.Probability, p.Reason, f.Model}) {
			edits = append(edits, edit{Pair: p})
		}
	}
	for key := range before {
		if !now[key] {
			edits = append(edits, edit{Pair: matching.Pair{A: key[0], B: key[1]}, gone: true})
		}
	}
	slices.SortFunc(edits, func(x, y edit) int {
		return cmp.Or(cmp.Compare(flag(y.gone), flag(x.gone)), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return edits
}

// editLinks changes some links and brings members to them. Expect is the signature that it should meet, and then the one
// that it leaves; "" when it met another.
func (w *writer) editLinks(edits []edit, model string, at int64, expect *string) (moved bool, err error) {
	now, _, err := signature(w.row)
	if err != nil {
		return false, err
	}
	met := now == *expect
	var seeds []int64
	why := make(map[int64]string)
	for _, e := range edits {
		seeds = append(seeds, e.A, e.B)
		if e.gone {
			if _, err := w.exec("DELETE FROM match_link WHERE a = ? AND b = ?", e.A, e.B); err != nil {
				return false, err
			}
			why[e.A], why[e.B] = "less speaks for it than before", "less speaks for it than before"
			continue
		}
		evidence, err := json.Marshal(e.Evidence)
		if err != nil {
			return false, fmt.Errorf("encoding evidence: %w", err)
		}
		if _, err := w.exec(`INSERT INTO match_link (a, b, probability, reason, model, evidence, found_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (a, b) DO UPDATE SET probability = excluded.probability, reason = excluded.reason, model = excluded.model, evidence = excluded.evidence`,
			e.A, e.B, e.Probability, e.Reason, model, string(evidence), at); err != nil {
			return false, err
		}
	}
	version, err := w.newVersion()
	if err != nil {
		return false, err
	}
	touched, err := w.resolve(resolution{seeds: seeds, why: why, version: version, byRule: true, now: at})
	if err != nil {
		return false, err
	}
	for _, id := range touched {
		if err := w.refreshMember(id, version); err != nil {
			return false, err
		}
	}
	if now, _, err = signature(w.row); err != nil {
		return false, err
	}
	if *expect = now; !met {
		*expect = ""
	}
	return len(touched) > 0, nil
}

func (w *writer) setSuggestions(all []matching.Pair) error {
	// What is kept apart stays, hidden: it waits again as soon as that is undone.
	if _, err := w.exec(`DELETE FROM match_suggestion WHERE NOT EXISTS
		(SELECT 1 FROM apart p WHERE p.a = match_suggestion.a AND p.b = match_suggestion.b AND p.overruled = 0)`); err != nil {
		return err
	}
	texts := make([]string, len(all))
	for i := range all {
		text, err := json.Marshal(all[i].Evidence)
		if err != nil {
			return fmt.Errorf("encoding evidence: %w", err)
		}
		texts[i] = string(text)
	}
	return w.bulk(`INSERT INTO match_suggestion (a, b, probability, value, evidence) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (a, b) DO UPDATE SET probability = excluded.probability, value = excluded.value, evidence = excluded.evidence`, len(all), func(i int) []any {
		return []any{all[i].A, all[i].B, all[i].Probability, all[i].Value, texts[i]}
	})
}

// Links lists what the model joined, the least probable first.
func (s *Store) Links(ctx context.Context) ([]matching.Suggested, error) {
	rows, err := s.query(ctx, `SELECT x.a, x.b, x.probability, 0.0, x.evidence, a.member_id, b.member_id FROM match_link x
		JOIN identity a ON a.id = x.a JOIN identity b ON b.id = x.b ORDER BY x.probability, x.a, x.b`)
	if err != nil {
		return nil, err
	}
	all := []matching.Suggested{}
	err = scan(rows, func() error {
		p, err := scanSuggested(rows)
		all = append(all, p)
		return err
	})
	return all, err
}

// MemberOf tells which members identities belong to.
func (s *Store) MemberOf(ctx context.Context, identities []int64) (map[int64]int64, error) {
	of := make(map[int64]int64, len(identities))
	for _, id := range identities {
		var member int64
		if err := s.queryRow(ctx, "SELECT member_id FROM identity WHERE id = ?", []any{id}, &member); err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return nil, err
		}
		of[id] = member
	}
	return of, nil
}
