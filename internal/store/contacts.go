// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

const settingContactRules = "contact_rules"

// ContactRules are the team's rules on writing to members.
func (s *Store) ContactRules(ctx context.Context) (consent.Rules, error) {
	r := consent.Usual()
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingContactRules}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r = consent.Rules{}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("decoding the rules on writing to members: %w", err)
	}
	return r, nil
}

// SetContactRules sets them.
func (s *Store) SetContactRules(ctx context.Context, r consent.Rules) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding the rules on writing to members: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingContactRules, string(text))
		return err
	})
}

// addressDigest is what is kept of a mail address that is not to be known.
func addressDigest(address string) string {
	return digest("mail:" + strings.ToLower(strings.TrimSpace(address)))
}

// memberAccounts are the accounts and mail addresses of members.
type memberAccounts struct {
	member    map[int64]int64   // identity → member as it was asked for
	addresses map[string]string // digest → address
	owners    map[string]int64  // digest → member
}

// accountsOf reads the accounts and mail addresses of members, given as what they are now.
func (s *Store) accountsOf(ctx context.Context, members []int64) (*memberAccounts, error) {
	all := &memberAccounts{member: make(map[int64]int64), addresses: make(map[string]string), owners: make(map[string]int64)}
	err := inLists(ctx, s, `SELECT i.id, i.member_id, coalesce(k.value, '') FROM identity i LEFT JOIN identity_key k ON k.identity_id = i.id AND k.kind IN ('email', 'address')
		WHERE i.member_id IN (%IN%)`, members, func(row rowScanner) error {
		var id, member int64
		var address string
		err := row.Scan(&id, &member, &address)
		all.member[id] = member
		if address != "" {
			d := addressDigest(address)
			all.addresses[d], all.owners[d] = strings.ToLower(address), member
		}
		return err
	})
	return all, err
}

// inLists runs a query with a list of values in place of %IN%, in portions.
func inLists[T any](ctx context.Context, s *Store, q string, values []T, each func(rowScanner) error) error {
	for start := 0; start < len(values); start += inChunk {
		part := values[start:min(len(values), start+inChunk)]
		args := make([]any, len(part))
		for i, v := range part {
			args[i] = v
		}
		rows, err := s.query(ctx, strings.Replace(q, "%IN%", placeholders(len(part)), 1), args...)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error { return each(rows) }); err != nil {
			return err
		}
	}
	return nil
}

// Contacts tells what is known of members that matters to whether they may be written to. Members are given as what they
// are now.
func (s *Store) Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]outbox.Contact, error) {
	all := make(map[int64]outbox.Contact, len(members))
	accounts, err := s.accountsOf(ctx, members)
	if err != nil {
		return nil, fmt.Errorf("reading the accounts of members: %w", err)
	}
	if err := s.choicesOf(ctx, accounts, all); err != nil {
		return nil, fmt.Errorf("reading what members chose: %w", err)
	}
	var digests []string
	for d, address := range accounts.addresses {
		digests = append(digests, d)
		c := all[accounts.owners[d]]
		c.Addresses = append(c.Addresses, address)
		slices.Sort(c.Addresses)
		all[accounts.owners[d]] = c
	}
	if err := inLists(ctx, s, "SELECT address FROM mail_bounce WHERE permanent = 1 AND address IN (%IN%)", digests, func(row rowScanner) error {
		var d string
		err := row.Scan(&d)
		c := all[accounts.owners[d]]
		if c.Bounced == nil {
			c.Bounced = make(map[string]bool)
		}
		c.Bounced[accounts.addresses[d]] = true
		all[accounts.owners[d]] = c
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading bounces: %w", err)
	}
	if err := s.sentTo(ctx, members, since, all); err != nil {
		return nil, fmt.Errorf("reading what members were sent: %w", err)
	}
	return all, s.zonesOf(ctx, members, all)
}

// choicesOf reads what members chose, by their accounts and by their mail addresses.
func (s *Store) choicesOf(ctx context.Context, accounts *memberAccounts, all map[int64]outbox.Contact) error {
	var identities []int64
	var digests []string
	for id := range accounts.member {
		identities = append(identities, id)
	}
	for d := range accounts.addresses {
		digests = append(digests, d)
	}
	read := func(row rowScanner) error {
		var identity, allowed, at int64
		var address string
		var c consent.Choice
		err := row.Scan(&identity, &address, &c.Purpose, &allowed, &c.How, &c.By, &at)
		c.Allowed, c.At = allowed != 0, fromMicros(at)
		member := accounts.member[identity]
		if identity == 0 {
			member = accounts.owners[address]
		}
		contact := all[member]
		contact.Choices = append(contact.Choices, c)
		all[member] = contact
		return err
	}
	const columns = "SELECT identity_id, address, purpose, allowed, how, actor, at FROM contact_choice WHERE "
	if err := inLists(ctx, s, columns+"identity_id IN (%IN%) AND identity_id > 0 ORDER BY id", identities, read); err != nil {
		return err
	}
	return inLists(ctx, s, columns+"address IN (%IN%) AND address <> '' ORDER BY id", digests, read)
}

// sentTo reads when members were sent something that caps count.
func (s *Store) sentTo(ctx context.Context, members []int64, since time.Time, all map[int64]outbox.Contact) error {
	// Of members that are part of another one now, too.
	was := make(map[int64]int64, len(members))
	for _, m := range members {
		was[m] = m
	}
	if err := inLists(ctx, s, "SELECT id, merged_into FROM member WHERE merged_into IN (%IN%) AND merged_into > 0", members, func(row rowScanner) error {
		var id, into int64
		err := row.Scan(&id, &into)
		was[id] = into
		return err
	}); err != nil {
		return err
	}
	var ids []int64
	for id := range was {
		ids = append(ids, id)
	}
	from := micros(since)
	return inLists(ctx, s, "SELECT member_id, sent_at FROM outbox WHERE member_id IN (%IN%) AND state = 'sent' AND purpose <> 'answer' AND member_id > 0", ids, func(row rowScanner) error {
		var id, at int64
		if err := row.Scan(&id, &at); err != nil || at < from {
			return err
		}
		c := all[was[id]]
		c.Sent = append(c.Sent, fromMicros(at))
		all[was[id]] = c
		return nil
	})
}

// zonesOf reads where members live, as far as their profiles or the team say.
func (s *Store) zonesOf(ctx context.Context, members []int64, all map[int64]outbox.Contact) error {
	set := func(member int64, name string) {
		c := all[member]
		if zone, err := time.LoadLocation(name); err == nil && name != "" && c.Zone == nil {
			c.Zone = zone
			all[member] = c
		}
	}
	if err := inLists(ctx, s, "SELECT member_id, value FROM member_field WHERE name = 'time_zone' AND member_id IN (%IN%)", members, func(row rowScanner) error {
		var id int64
		var name string
		err := row.Scan(&id, &name)
		set(id, name)
		return err
	}); err != nil {
		return fmt.Errorf("reading the time zones of members: %w", err)
	}
	return inLists(ctx, s, `SELECT member_id, profile FROM identity WHERE member_id IN (%IN%) AND profile LIKE '%"time_zone"%' ORDER BY id`, members, func(row rowScanner) error {
		var id int64
		var text string
		if err := row.Scan(&id, &text); err != nil {
			return err
		}
		var p struct {
			TimeZone string `json:"time_zone"`
		}
		if json.Unmarshal([]byte(text), &p) == nil {
			set(id, p.TimeZone)
		}
		return nil
	})
}

// SetChoice notes a choice for all accounts and mail addresses of a member.
func (s *Store) SetChoice(ctx context.Context, member int64, c consent.Choice) error {
	accounts, err := s.accountsOf(ctx, []int64{member})
	if err != nil {
		return fmt.Errorf("reading the accounts of member %d: %w", member, err)
	}
	if len(accounts.member) == 0 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", member)
	}
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("contact_choice")
		if err != nil {
			return err
		}
		add := func(identity int64, address string) error {
			last++
			_, err := w.exec("INSERT INTO contact_choice (id, identity_id, address, purpose, allowed, how, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				last, identity, address, string(c.Purpose), flag(c.Allowed), c.How, c.By, micros(c.At))
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(accounts.member)) {
			if err := add(id, ""); err != nil {
				return err
			}
		}
		for _, d := range slices.Sorted(maps.Keys(accounts.addresses)) {
			if err := add(0, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// contactData adds to a member's data what they were sent, what they chose, and what the team is to do about them.
func (s *Store) contactData(ctx context.Context, member int64, d *personalData) error {
	var err error
	if d.Messages, err = s.MessageList(ctx, outbox.Filter{Member: member, Limit: math.MaxInt32}); err != nil {
		return err
	}
	contacts, err := s.Contacts(ctx, []int64{member}, s.now())
	if err != nil {
		return err
	}
	d.Choices = append([]consent.Choice{}, contacts[member].Choices...)
	if d.Tasks, err = s.Tasks(ctx, task.Filter{Member: member, Limit: math.MaxInt32}); err != nil {
		return err
	}
	done, err := s.Tasks(ctx, task.Filter{Member: member, Done: true, Limit: math.MaxInt32})
	d.Tasks = append(d.Tasks, done...)
	return err
}

// MemberByAddress finds the one member with a mail address.
func (s *Store) MemberByAddress(ctx context.Context, address string) (int64, error) {
	rows, err := s.query(ctx, `SELECT DISTINCT i.member_id FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind IN ('email', 'address') AND k.value = ? LIMIT 2`, strings.ToLower(strings.TrimSpace(address)))
	if err != nil {
		return 0, err
	}
	var found []int64
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		found = append(found, id)
		return err
	}); err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, greenroom.Errorf(greenroom.CodeNotFound, "%d members have this address", len(found))
	}
	return found[0], nil
}
