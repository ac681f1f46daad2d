// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Lookup gives values of a field of the query language that begin with a prefix, for suggestions while typing.
func (s *Store) Lookup(ctx context.Context, f *query.Field, prefix string, limit int) ([]string, error) {
	pattern := likeEscape.Replace(strings.ToLower(prefix)) + "%"
	var q string
	args := []any{pattern, limit}
	switch {
	case f.Attr == "channel": // a range, which goes along the index on lower(name) as LIKE does not
		lower := strings.ToLower(prefix)
		q = "SELECT min(name) FROM channel WHERE lower(name)" + s.d.collate + " >= ? AND lower(name)" + s.d.collate + " < ? GROUP BY lower(name) ORDER BY lower(name) LIMIT ?"
		args = []any{lower, lower + "\U0010FFFF", limit}
	case f.Attr == "source":
		q = `SELECT name FROM source WHERE lower(name) LIKE ? ESCAPE '\' UNION SELECT platform FROM source WHERE lower(platform) LIKE ? ESCAPE '\' ORDER BY 1 LIMIT ?`
		args = []any{pattern, pattern, limit}
	case f.Attr == "topic":
		q = `SELECT x.name FROM (SELECT CASE WHEN name_set <> '' THEN name_set ELSE name END AS name FROM topic WHERE hidden = 0 AND merged_into = 0) x WHERE lower(x.name) LIKE ? ESCAPE '\' ORDER BY x.name LIMIT ?`
	case f.Attr == "tag" && f.Owner == query.Organizations:
		q = `SELECT DISTINCT tag FROM organization_tag WHERE tag LIKE ? ESCAPE '\' ORDER BY tag LIMIT ?`
	case f.Attr == "segment":
		q = `SELECT key FROM segment WHERE archived_at = 0 AND (key LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\') ORDER BY key LIMIT ?`
		args = []any{pattern, pattern, limit}
	case f.Attr == "program":
		q = `SELECT key FROM program WHERE key LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\' ORDER BY key LIMIT ?`
		args = []any{pattern, pattern, limit}
	case f.Attr == "tag":
		q = `SELECT DISTINCT tag FROM member_tag WHERE tag LIKE ? ESCAPE '\' ORDER BY tag LIMIT ?`
	case f.Attr == "name" && f.Owner == query.Organizations:
		q = `SELECT name FROM organization WHERE merged_into = 0 AND lower(name) LIKE ? ESCAPE '\' ORDER BY members DESC, name LIMIT ?`
	case f.Attr == "domain":
		q = `SELECT domain FROM organization_domain WHERE domain LIKE ? ESCAPE '\' ORDER BY domain LIMIT ?`
	case f.Type == query.TypeCustom && f.Owner == query.Organizations:
		q = `SELECT DISTINCT name FROM organization_field WHERE name LIKE ? ESCAPE '\' ORDER BY name LIMIT ?`
	case f.Type == query.TypeCustom:
		q = `SELECT DISTINCT name FROM member_field WHERE name LIKE ? ESCAPE '\' ORDER BY name LIMIT ?`
	default:
		return nil, nil
	}
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var values []string
	err = scan(rows, func() error {
		var v string
		err := rows.Scan(&v)
		values = append(values, v)
		return err
	})
	return values, err
}

// Found is what a search over everything finds.
type Found struct {
	Members       []greenroom.Member
	Organizations []greenroom.Organization
	Conversations []greenroom.Conversation
}

// Search finds members, organizations and conversations by words, the last of which may only have been begun.
func (s *Store) Search(ctx context.Context, text string, limit int) (Found, error) {
	var f Found
	words := strings.Join(searchWords(text), " ")
	if words == "" {
		return f, nil
	}
	var nodes []query.Node
	fields := strings.Fields(words)
	for i, w := range fields {
		nodes = append(nodes, &query.Text{Words: w, Prefix: i == len(fields)-1})
	}
	req := list.Request{Query: &query.Query{Root: query.AllOf(nodes...)}, Limit: limit}
	members, err := s.ListMembers(ctx, req)
	if err != nil {
		return f, fmt.Errorf("searching members: %w", err)
	}
	organizations, err := s.ListOrganizations(ctx, list.Request{Query: &query.Query{Root: &query.Text{Words: strings.TrimSpace(text)}}, Limit: limit})
	if err != nil {
		return f, fmt.Errorf("searching organizations: %w", err)
	}
	conversations, err := s.ListConversations(ctx, req)
	if err != nil {
		return f, fmt.Errorf("searching conversations: %w", err)
	}
	return Found{Members: members.Items, Organizations: organizations.Items, Conversations: conversations.Items}, nil
}

// IdentitySet gives the ids of the identities whose member, or whose member's organization, fits a condition of the
// query language. Analytics asks for it: its facts know identities only.
func (s *Store) IdentitySet(ctx context.Context, n query.Node) ([]int64, error) {
	if ids, ok, err := s.crowdAccounts(ctx, n, &asked{}, s.asOf()); ok || err != nil {
		return ids, err
	}
	c := &compiler{ctx: ctx, store: s, d: s.d, now: s.now(), entity: query.Activities, people: true}
	cond, err := c.compiled(n)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT i.id FROM identity i JOIN member m ON m.id = i.member_id WHERE "+cond, c.args...)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// OrganizationSet gives the ids of the organizations that fit a term of the query language on organizations. Analytics asks for
// it where members have changed jobs: who was with which of them when, it knows itself.
func (s *Store) OrganizationSet(ctx context.Context, n query.Node) ([]int64, error) {
	t, ok := n.(*query.Term)
	if !ok || t.Field.Owner != query.Organizations {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is no condition on organizations", query.Format(n))
	}
	c := &compiler{ctx: ctx, store: s, d: s.d, now: s.now(), asked: &asked{}, entity: query.Organizations}
	cond, err := c.compiled(t)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT o.id FROM organization o WHERE o.merged_into = 0 AND ("+cond+")", c.args...)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
