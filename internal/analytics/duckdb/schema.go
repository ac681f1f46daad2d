// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"fmt"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"greenroom"
	"greenroom/internal/analytics"
)

// schemaVersion grows with each change of the tables; a file with another one is thrown away and filled again.
const schemaVersion = 4

// schema makes the tables. Times are microseconds since 1970 UTC, 0 = unknown or not happened; flags are 0 or 1.
var schema = []string{
	`CREATE TABLE fact (id BIGINT NOT NULL, occurred_at BIGINT NOT NULL, identity_id UINTEGER NOT NULL, channel_id UINTEGER NOT NULL,
		source_id UINTEGER NOT NULL, kind UTINYINT NOT NULL, flags UTINYINT NOT NULL, said UTINYINT NOT NULL)`,
	`CREATE TABLE identity (id BIGINT NOT NULL, member_id BIGINT NOT NULL, organization_id BIGINT NOT NULL, country VARCHAR NOT NULL,
		joined_at BIGINT NOT NULL, staff UTINYINT NOT NULL, bot UTINYINT NOT NULL, hidden UTINYINT NOT NULL, contact UTINYINT NOT NULL,
		moves VARCHAR NOT NULL)`,
	`CREATE TABLE conversation (id BIGINT NOT NULL, source_id BIGINT NOT NULL, channel_id BIGINT NOT NULL, author_id BIGINT NOT NULL,
		kind UTINYINT NOT NULL, state VARCHAR NOT NULL, question UTINYINT NOT NULL, opened_at BIGINT NOT NULL,
		first_response BIGINT NOT NULL, first_staff BIGINT NOT NULL, first_member BIGINT NOT NULL, resolved_at BIGINT NOT NULL, said UTINYINT NOT NULL)`,
	`CREATE TABLE channel (id BIGINT NOT NULL, source_id BIGINT NOT NULL, name VARCHAR NOT NULL, hidden UTINYINT NOT NULL)`,
	`CREATE TABLE source (id BIGINT NOT NULL, name VARCHAR NOT NULL, platform VARCHAR NOT NULL)`,
	`CREATE TABLE position (version BIGINT NOT NULL, fact BIGINT NOT NULL, change BIGINT NOT NULL,
		identity_version BIGINT NOT NULL, identity_id BIGINT NOT NULL, conversation_version BIGINT NOT NULL, conversation_id BIGINT NOT NULL,
		erased BIGINT NOT NULL, reading_version BIGINT NOT NULL, reading_id BIGINT NOT NULL)`,
}

// position says how far the projection has come.
type position struct {
	fact, change           int64
	identity, conversation analytics.Mark
	erased                 int64 // how many accounts had been erased
	reading                analytics.Mark
}

// position reads how far the projection has come; it fails where the tables are of another version.
func (d *database) position(ctx context.Context) (p position, err error) {
	version, err := d.value(ctx, "SELECT version FROM position")
	if err != nil {
		return p, err
	}
	if version != schemaVersion {
		return p, fmt.Errorf("its tables are of version %d, not %d", version, schemaVersion)
	}
	err = d.query(ctx, `SELECT fact, change, identity_version, identity_id, conversation_version, conversation_id, erased, reading_version, reading_id FROM position`, func(c chunk) error {
		at := func(n int) int64 { return column[int64](c, n)[0] }
		p = position{
			fact: at(0), change: at(1), identity: analytics.Mark{Version: at(2), ID: at(3)}, conversation: analytics.Mark{Version: at(4), ID: at(5)}, erased: at(6),
			reading: analytics.Mark{Version: at(7), ID: at(8)},
		}
		return nil
	})
	return p, err
}

func (d *database) setPosition(ctx context.Context, p position) error {
	return d.exec(ctx, fmt.Sprintf(`UPDATE position SET fact = %d, change = %d, identity_version = %d, identity_id = %d,
		conversation_version = %d, conversation_id = %d, erased = %d, reading_version = %d, reading_id = %d`,
		p.fact, p.change, p.identity.Version, p.identity.ID, p.conversation.Version, p.conversation.ID, p.erased, p.reading.Version, p.reading.ID))
}

// create makes the tables of an empty file.
func (d *database) create(ctx context.Context) error {
	return d.transaction(ctx, func() error {
		for _, q := range schema {
			if err := d.exec(ctx, q); err != nil {
				return err
			}
		}
		return d.exec(ctx, fmt.Sprintf("INSERT INTO position VALUES (%d, 0, 0, 0, 0, 0, 0, 0, 0, 0)", schemaVersion))
	})
}

const (
	i64 = bindings.TypeBigInt
	u32 = bindings.TypeUInteger
	u8  = bindings.TypeUTinyInt
)

func (d *database) addFacts(f *analytics.Facts) error {
	return d.add("", "fact", f.Len(), values(i64, f.ID), values(i64, f.At), values(u32, f.Identity), values(u32, f.Channel),
		values(u32, f.Source), values(u8, f.Kind), values(u8, f.Flags), values(u8, f.Said))
}

const factColumns = "id, occurred_at, identity_id, channel_id, source_id, kind, flags, said"

// readFacts appends the facts that a query for factColumns gives.
func readFacts(f *analytics.Facts, c chunk) {
	f.ID, f.At = append(f.ID, column[int64](c, 0)...), append(f.At, column[int64](c, 1)...)
	f.Identity, f.Channel = append(f.Identity, column[uint32](c, 2)...), append(f.Channel, column[uint32](c, 3)...)
	f.Source = append(f.Source, column[uint32](c, 4)...)
	f.Kind, f.Flags, f.Said = append(f.Kind, column[uint8](c, 5)...), append(f.Flags, column[uint8](c, 6)...), append(f.Said, column[uint8](c, 7)...)
}

// pluck makes a column of rows.
func pluck[R, T any](rows []R, get func(*R) T) []T {
	all := make([]T, len(rows))
	for i := range rows {
		all[i] = get(&rows[i])
	}
	return all
}

func flag(on bool) uint8 {
	if on {
		return 1
	}
	return 0
}

func (d *database) addIdentities(all []analytics.Identity) error {
	type row = analytics.Identity
	return d.add("", "identity", len(all),
		values(i64, pluck(all, func(r *row) int64 { return r.ID })), values(i64, pluck(all, func(r *row) int64 { return r.Member })),
		values(i64, pluck(all, func(r *row) int64 { return r.Organization })), texts(pluck(all, func(r *row) string { return r.Country })),
		values(i64, pluck(all, func(r *row) int64 { return r.JoinedAt })), values(u8, pluck(all, func(r *row) uint8 { return flag(r.Staff) })),
		values(u8, pluck(all, func(r *row) uint8 { return flag(r.Bot) })), values(u8, pluck(all, func(r *row) uint8 { return flag(r.Hidden) })),
		values(u8, pluck(all, func(r *row) uint8 { return flag(r.Contact) })),
		texts(pluck(all, func(r *row) string { return r.Moves.String() })))
}

const identityColumns = "id, member_id, organization_id, country, joined_at, staff, bot, hidden, contact, moves"

func readIdentities(c chunk) ([]analytics.Identity, error) {
	id, member, org, joined := column[int64](c, 0), column[int64](c, 1), column[int64](c, 2), column[int64](c, 4)
	country := column[bindings.StringT](c, 3)
	staff, bot, hidden, contact := column[uint8](c, 5), column[uint8](c, 6), column[uint8](c, 7), column[uint8](c, 8)
	moves := column[bindings.StringT](c, 9)
	all := make([]analytics.Identity, c.rows)
	for i := range all {
		was, err := analytics.ParseMoves(text(moves, i))
		if err != nil {
			return nil, fmt.Errorf("identity %d: %w", id[i], err)
		}
		all[i] = analytics.Identity{
			Moves: was,
			ID:    id[i], Member: member[i], Organization: org[i], Country: text(country, i), JoinedAt: joined[i],
			Staff: staff[i] != 0, Bot: bot[i] != 0, Hidden: hidden[i] != 0, Contact: contact[i] != 0,
		}
	}
	return all, nil
}

// inlined is the length up to which DuckDB keeps a text in the row itself, right after its length.
const inlined = 12

// text is a text of a column. Short ones are read without a call to C, which would cost more than all the rest.
func text(column []bindings.StringT, i int) string {
	at := unsafe.Pointer(&column[i])
	if n := *(*uint32)(at); n <= inlined {
		return string(unsafe.Slice((*byte)(unsafe.Add(at, 4)), n))
	}
	return bindings.StringTData(&column[i])
}

func (d *database) addConversations(all []analytics.Conversation) error {
	type row = analytics.Conversation
	return d.add("", "conversation", len(all),
		values(i64, pluck(all, func(r *row) int64 { return r.ID })), values(i64, pluck(all, func(r *row) int64 { return r.Source })),
		values(i64, pluck(all, func(r *row) int64 { return r.Channel })), values(i64, pluck(all, func(r *row) int64 { return r.Author })),
		values(u8, pluck(all, func(r *row) uint8 { return uint8(r.Kind) })), texts(pluck(all, func(r *row) string { return string(r.State) })),
		values(u8, pluck(all, func(r *row) uint8 { return flag(r.Question) })), values(i64, pluck(all, func(r *row) int64 { return r.OpenedAt })),
		values(i64, pluck(all, func(r *row) int64 { return r.FirstResponse })), values(i64, pluck(all, func(r *row) int64 { return r.FirstStaff })),
		values(i64, pluck(all, func(r *row) int64 { return r.FirstMember })), values(i64, pluck(all, func(r *row) int64 { return r.ResolvedAt })),
		values(u8, pluck(all, func(r *row) uint8 { return uint8(r.Said) })))
}

const conversationColumns = "id, source_id, channel_id, author_id, kind, state, question, opened_at, first_response, first_staff, first_member, resolved_at, said"

func readConversations(c chunk) []analytics.Conversation {
	number := func(n int) []int64 { return column[int64](c, n) }
	id, source, channel, author := number(0), number(1), number(2), number(3)
	kind, question := column[uint8](c, 4), column[uint8](c, 6)
	state := column[bindings.StringT](c, 5)
	opened, first, staff, member, resolved := number(7), number(8), number(9), number(10), number(11)
	said := column[uint8](c, 12)
	all := make([]analytics.Conversation, c.rows)
	for i := range all {
		all[i] = analytics.Conversation{
			ID: id[i], Source: source[i], Channel: channel[i], Author: author[i], Kind: greenroom.Kind(kind[i]),
			State: greenroom.State(text(state, i)), Question: question[i] != 0, OpenedAt: opened[i],
			FirstResponse: first[i], FirstStaff: staff[i], FirstMember: member[i], ResolvedAt: resolved[i], Said: analytics.Said(said[i]),
		}
	}
	return all
}

func (d *database) addChannels(all []analytics.Channel) error {
	type row = analytics.Channel
	return d.add("", "channel", len(all),
		values(i64, pluck(all, func(r *row) int64 { return r.ID })), values(i64, pluck(all, func(r *row) int64 { return r.Source })),
		texts(pluck(all, func(r *row) string { return r.Name })), values(u8, pluck(all, func(r *row) uint8 { return flag(r.Hidden) })))
}

func readChannels(c chunk) []analytics.Channel {
	id, source, name, hidden := column[int64](c, 0), column[int64](c, 1), column[bindings.StringT](c, 2), column[uint8](c, 3)
	all := make([]analytics.Channel, c.rows)
	for i := range all {
		all[i] = analytics.Channel{ID: id[i], Source: source[i], Name: text(name, i), Hidden: hidden[i] != 0}
	}
	return all
}

func (d *database) addSources(all []analytics.Source) error {
	type row = analytics.Source
	return d.add("", "source", len(all), values(i64, pluck(all, func(r *row) int64 { return r.ID })),
		texts(pluck(all, func(r *row) string { return r.Name })), texts(pluck(all, func(r *row) string { return r.Platform })))
}

func readSources(c chunk) []analytics.Source {
	id, name, platform := column[int64](c, 0), column[bindings.StringT](c, 1), column[bindings.StringT](c, 2)
	all := make([]analytics.Source, c.rows)
	for i := range all {
		all[i] = analytics.Source{ID: id[i], Name: text(name, i), Platform: text(platform, i)}
	}
	return all
}
