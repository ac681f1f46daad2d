// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/request"
)

// backing is who is behind a request.
type backing struct {
	all       []request.Supporter
	byMember  map[int64]int // place in all, counted from 1
	byAddress map[string]int
	messages  int64
}

// one is the entry of a member, or of an address by which none is known.
func (b *backing) one(member int64, address string) *request.Supporter {
	if b.byMember == nil {
		b.byMember, b.byAddress = make(map[int64]int), make(map[string]int)
	}
	at := b.byMember[member]
	if member == 0 {
		at = b.byAddress[address]
	}
	if at == 0 {
		b.all = append(b.all, request.Supporter{MemberID: member, Deals: []request.Amount{}})
		if at = len(b.all); member > 0 {
			b.byMember[member] = at
		} else {
			b.byAddress[address] = at
		}
	}
	return &b.all[at-1]
}

// weight is what the organizations behind a request are to the business.
func (b *backing) weight() request.Weight {
	w := request.Weight{Lifecycles: make(map[string]int64), Deals: []request.Amount{}}
	seen, sums := make(map[int64]bool), make(map[string]float64)
	for i := range b.all {
		p := &b.all[i]
		if p.OrganizationID == 0 || seen[p.OrganizationID] {
			continue
		}
		seen[p.OrganizationID] = true
		w.Organizations++
		if p.Lifecycle != "" {
			w.Lifecycles[p.Lifecycle]++
		}
		for _, d := range p.Deals {
			sums[d.Currency] += d.Amount
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		w.Deals = append(w.Deals, request.Amount{Currency: currency, Amount: sums[currency]})
	}
	return w
}

// rootOf is the request that another one, r, is part of.
const rootOf = "CASE WHEN r.merged_into > 0 THEN r.merged_into ELSE r.id END"

// behind reads who is behind requests, by the request that theirs are part of now; root 0 = all. Staff and bots are left out.
func (s *Store) behind(ctx context.Context, root int64) (map[int64]*backing, error) {
	only, args := "1 = 1", []any{}
	if root > 0 {
		only, args = "(r.id = ? OR r.merged_into = ?)", []any{root, root}
	}
	all := make(map[int64]*backing)
	at := func(id int64) *backing {
		if all[id] == nil {
			all[id] = &backing{}
		}
		return all[id]
	}
	if err := s.voters(ctx, only, args, at); err != nil {
		return nil, fmt.Errorf("reading votes: %w", err)
	}
	rows, err := s.query(ctx, `SELECT `+rootOf+`, m.id, m.staff + m.bot, a.id, a.conversation_id FROM request_activity x JOIN request r ON r.id = x.request_id JOIN activity a ON a.id = x.activity_id AND a.deleted = 0
		LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id WHERE `+only+" ORDER BY a.occurred_at, a.id", args...)
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id, activity, conversation int64
		var member, team *int64
		err := rows.Scan(&id, &member, &team, &activity, &conversation)
		b := at(id)
		b.messages++
		if member != nil && *team == 0 {
			if p := b.one(*member, ""); p.ActivityID == 0 {
				p.ActivityID, p.ConversationID = activity, conversation
			}
		}
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading who asks: %w", err)
	}
	rows, err = s.query(ctx, `SELECT `+rootOf+`, coalesce(h.id, m.id) FROM request r JOIN member m ON m.id = r.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0
		WHERE r.member_id > 0 AND r.review <> 2 AND coalesce(h.staff, m.staff) = 0 AND coalesce(h.bot, m.bot) = 0 AND `+only+" ORDER BY r.id", args...)
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id, member int64
		err := rows.Scan(&id, &member)
		at(id).one(member, "").Proposed = true
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading who proposed: %w", err)
	}
	return all, s.whoBacks(ctx, all)
}

// voters reads votes. An address by which a member is known by now is theirs.
func (s *Store) voters(ctx context.Context, only string, args []any, at func(int64) *backing) error {
	type vote struct {
		root, member, voted int64
		address             string
		team                bool
	}
	var votes []vote
	var addresses []string
	rows, err := s.query(ctx, `SELECT `+rootOf+`, coalesce(h.id, m.id, 0), coalesce(h.staff, m.staff, 0) + coalesce(h.bot, m.bot, 0), v.address, v.at FROM request_vote v JOIN request r ON r.id = v.request_id
		LEFT JOIN member m ON m.id = v.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE `+only+" ORDER BY v.id", args...)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var v vote
		var team int64
		err := rows.Scan(&v.root, &v.member, &team, &v.address, &v.voted)
		v.team = team > 0
		if v.member == 0 && v.address != "" {
			addresses = append(addresses, v.address)
		}
		votes = append(votes, v)
		return err
	}); err != nil {
		return err
	}
	owners, err := s.addressOwners(ctx, addresses)
	if err != nil {
		return err
	}
	for i := range votes {
		v := &votes[i]
		if o, ok := owners[v.address]; ok && v.member == 0 {
			v.member, v.team = o.member, o.team
		}
		if v.team {
			continue
		}
		p := at(v.root).one(v.member, v.address)
		if p.VotedAt.IsZero() {
			p.VotedAt, p.Address = fromMicros(v.voted), v.address
		}
	}
	return nil
}

type addressOwner struct {
	member int64
	team   bool // staff or a bot
}

// addressOwners finds the members whom mail addresses belong to; one that several have belongs to nobody.
func (s *Store) addressOwners(ctx context.Context, addresses []string) (map[string]addressOwner, error) {
	all := make(map[string]addressOwner)
	shared := make(map[string]bool)
	err := inLists(ctx, s, "SELECT k.value, m.id, m.staff + m.bot FROM identity_key k JOIN identity i ON i.id = k.identity_id JOIN member m ON m.id = i.member_id WHERE k.kind IN ('email', 'address') AND k.value IN (%IN%)", addresses, func(row rowScanner) error {
		var address string
		var o addressOwner
		var team int64
		err := row.Scan(&address, &o.member, &team)
		o.team = team > 0
		if before, ok := all[address]; ok && before.member != o.member {
			shared[address] = true
		}
		all[address] = o
		return err
	})
	for address := range shared {
		delete(all, address)
	}
	return all, err
}

// whoBacks adds names, organizations and their open deals.
func (s *Store) whoBacks(ctx context.Context, all map[int64]*backing) error {
	members := make(map[int64][]*request.Supporter)
	for _, b := range all {
		for i := range b.all {
			if p := &b.all[i]; p.MemberID > 0 {
				members[p.MemberID] = append(members[p.MemberID], p)
			}
		}
	}
	organizations := make(map[int64][]*request.Supporter)
	if err := inLists(ctx, s, "SELECT m.id, m.name, coalesce(o.id, 0), coalesce(o.name, ''), coalesce(o.lifecycle, '') FROM member m LEFT JOIN organization o ON o.id = m.organization_id AND m.organization_id > 0 WHERE m.id IN (%IN%)",
		slices.Sorted(maps.Keys(members)), func(row rowScanner) error {
			var id, organization int64
			var name, called, lifecycle string
			err := row.Scan(&id, &name, &organization, &called, &lifecycle)
			for _, p := range members[id] {
				p.Member, p.OrganizationID, p.Organization, p.Lifecycle = name, organization, called, lifecycle
				if organization > 0 {
					organizations[organization] = append(organizations[organization], p)
				}
			}
			return err
		}); err != nil {
		return fmt.Errorf("reading who supports requests: %w", err)
	}
	return inLists(ctx, s, "SELECT organization_id, currency, sum(amount) FROM business_record WHERE type = 'deal' AND closed_at = 0 AND amount > 0 AND organization_id IN (%IN%) GROUP BY organization_id, currency ORDER BY 1, 2",
		slices.Sorted(maps.Keys(organizations)), func(row rowScanner) error {
			var id int64
			var d request.Amount
			err := row.Scan(&id, &d.Currency, &d.Amount)
			for _, p := range organizations[id] {
				p.Deals = append(p.Deals, d)
			}
			return err
		})
}

// Supporters are all who ask for a request or voted for it.
func (s *Store) Supporters(ctx context.Context, id int64) ([]request.Supporter, error) {
	all, err := s.behind(ctx, id)
	if err != nil || all[id] == nil {
		return []request.Supporter{}, err
	}
	return all[id].all, nil
}

// Vote adds a vote, of a member or else of an address.
func (s *Store) Vote(ctx context.Context, id, member int64, address, how string, confirm bool) error {
	if member == 0 {
		owners, err := s.addressOwners(ctx, []string{address})
		if err != nil {
			return fmt.Errorf("looking whose address it is: %w", err)
		}
		member = owners[address].member
	}
	return s.write(ctx, func(w *writer) error {
		var there int64
		if err := w.row("SELECT count(*) FROM request WHERE id = ?", []any{id}, &there); err != nil {
			return err
		}
		if there == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no request %d", id)
		}
		last, err := w.lastID("request_vote")
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO request_vote (id, request_id, member_id, address, how, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", last+1, id, member, address, how, micros(s.now())); err != nil || !confirm {
			return err
		}
		_, err = w.exec("UPDATE request SET review = ?, member_id = ? WHERE id = ? AND review = ?", reviewWaits, member, id, reviewUnconfirmed)
		return err
	})
}

// Unvote takes a vote back, of a member or of an address, also in requests that were merged into the one that is named.
func (s *Store) Unvote(ctx context.Context, id, member int64, address string) error {
	if member == 0 {
		owners, err := s.addressOwners(ctx, []string{address})
		if err != nil {
			return fmt.Errorf("looking whose address it is: %w", err)
		}
		member = owners[address].member
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec(`DELETE FROM request_vote WHERE request_id IN (SELECT r.id FROM request r WHERE r.id = ? OR r.merged_into = ?) AND (address <> '' AND address = ?
			OR member_id > 0 AND member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0))`, id, id, address, member, member)
		return err
	})
}

// Voted lists the requests that a member voted for, those that they were merged into included.
func (s *Store) Voted(ctx context.Context, member int64) ([]int64, error) {
	rows, err := s.query(ctx, "SELECT DISTINCT "+rootOf+" FROM request_vote v JOIN request r ON r.id = v.request_id WHERE v.member_id > 0 AND v.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0) ORDER BY 1", member, member)
	if err != nil {
		return nil, err
	}
	var all []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}

// MayMail reports whether mail to an address is neither refused by who reads it nor by its server.
func (s *Store) MayMail(ctx context.Context, address string) (bool, error) {
	d := addressDigest(address)
	var bounced int64
	if err := s.queryRow(ctx, "SELECT count(*) FROM mail_bounce WHERE permanent = 1 AND address = ?", []any{d}, &bounced); err != nil || bounced > 0 {
		return false, err
	}
	var allowed int64
	err := s.queryRow(ctx, "SELECT allowed FROM contact_choice WHERE address = ? AND purpose = ? ORDER BY at DESC, id DESC LIMIT 1", []any{d, string(consent.All)}, &allowed)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return true, nil
	}
	return allowed != 0, err
}
