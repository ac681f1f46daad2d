// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// compiler turns a parsed query into an SQL condition over the aliases a (activity), c (conversation), i (identity of
// the author), m (member), o (organization), ch (channel) and s (source). Values never become part of the text: they
// are collected as arguments in the order of their placeholders.
type compiler struct {
	ctx    context.Context //nolint:containedctx // of the request; compiling looks up what the query names
	store  *Store
	asked  *asked // may be nil
	err    error  // of what was looked up
	d      *dialect
	now    time.Time
	entity query.Entity
	people bool  // members are listed by their identities; there is no activity or conversation
	minID  int64 // of the messages that full-text search looks at; 0 = of all
	args   []any

	finding *finding // takes the members that a condition looks up; nil = they are written into it
}

// compiled compiles the whole tree of a query; nil gives a condition that always holds.
func (c *compiler) compiled(n query.Node) (string, error) {
	cond, err := c.condition(n)
	if err == nil && c.err != nil {
		err = fmt.Errorf("looking up what a query names: %w", c.err)
	}
	return cond, err
}

// everything is the condition of an empty query.
const everything = "1=1"

// condition compiles a part of a tree.
func (c *compiler) condition(n query.Node) (string, error) {
	switch n := n.(type) {
	case nil:
		return everything, nil
	case *query.And:
		return c.and(n)
	case *query.Or:
		return c.joined(n.Nodes, " OR ")
	case *query.Not:
		s, err := c.condition(n.Node)
		return "NOT coalesce(" + s + ", " + c.d.falseValue + ")", err
	case *query.Term:
		return c.term(n)
	case *query.Text:
		return c.text(n), nil
	case *query.Did:
		return c.did(n)
	default:
		return "", fmt.Errorf("the query holds a %T, which lists do not know", n)
	}
}

// and joins conditions. The texts among them become one full-text search, which is quicker than one for each; only a
// conversation may have each in another message.
func (c *compiler) and(n *query.And) (string, error) {
	texts, rest := topTexts(n)
	if len(texts) < 2 || c.entity == query.Conversations || c.entity == query.Organizations {
		return c.joined(n.Nodes, " AND ")
	}
	search := c.search(c.d.matchOf(texts))
	if rest == nil {
		return search, nil
	}
	cond, err := c.condition(rest)
	return "(" + search + " AND " + cond + ")", err
}

func (c *compiler) joined(nodes []query.Node, with string) (string, error) {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		s, err := c.condition(n)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	return "(" + strings.Join(parts, with) + ")", nil
}

func (c *compiler) arg(v any) string {
	c.args = append(c.args, v)
	return "?"
}

// term compiles a condition on a field of the listed entity itself, of the author's member, or of its organization.
func (c *compiler) term(t *query.Term) (string, error) {
	owner := t.Field.Owner
	before := len(c.args)
	s, err := c.owned(owner, t)
	if at := c.moment(); err == nil && owner == query.Organizations && at != "" && c.someMoved() {
		return c.employedBy(t, s, before, at), c.err
	}
	if owner == query.Organizations && c.entity != query.Organizations {
		s = "(m.organization_id > 0 AND m.organization_id IN (SELECT o.id FROM organization o WHERE " + s + "))" // the index is a partial one
	}
	if t.Op != query.Has && !c.people && namesFew(t.Field) {
		return c.byAuthor(s), err
	}
	return s, err
}

// namesFew reports whether a term on the field usually fits few members.
func namesFew(f *query.Field) bool {
	switch f.Attr {
	case "id", "email", "handle", "tag", "domain":
		return f.Owner == query.Members || f.Owner == query.Organizations
	}
	return f.Owner == query.Organizations && f.Attr == "name"
}

// byAuthor turns a condition on members, alias m, into one on who wrote what is listed. Then the few activities of few
// members are found from them on, instead of by going through all activities.
func (c *compiler) byAuthor(cond string) string {
	var column string
	switch c.entity {
	case query.Activities:
		column = "a.identity_id"
	case query.Conversations:
		column = "c.author_id"
	default:
		return cond
	}
	return column + " IN (SELECT w.id FROM identity w WHERE w.member_id IN (SELECT m.id FROM member m WHERE " + cond + "))"
}

func (c *compiler) owned(owner query.Entity, t *query.Term) (string, error) {
	switch owner {
	case query.Members:
		return c.member(t)
	case query.Organizations:
		return c.organization(t)
	case query.Activities:
		return c.activity(t)
	case query.Conversations:
		return c.conversation(t)
	}
	return "", c.unknown(t)
}

func (c *compiler) unknown(t *query.Term) error {
	return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be used in this list", t.Field.Name)
}

// contains matches free text in one of several columns, without regard to case.
func (c *compiler) contains(t *query.Term, columns ...string) string {
	return c.anyValue(t, columns, func(col string, v query.Value) string {
		pattern := likeEscape.Replace(v.Text) + "%"
		if !v.Prefix {
			pattern = "%" + pattern
		}
		return col + " " + c.d.like + " " + c.arg(pattern) + ` ESCAPE '\'`
	})
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// keyword matches whole values, without regard to case.
func (c *compiler) keyword(t *query.Term, columns ...string) string {
	return c.anyValue(t, columns, func(col string, v query.Value) string {
		low := strings.ToLower(v.Text)
		if v.Prefix {
			return "lower(" + col + ") LIKE " + c.arg(likeEscape.Replace(low)+"%") + ` ESCAPE '\'`
		}
		return "lower(" + col + ") = " + c.arg(low)
	})
}

func (c *compiler) anyValue(t *query.Term, columns []string, one func(string, query.Value) string) string {
	var parts []string
	for _, col := range columns {
		if t.Op == query.Has {
			parts = append(parts, col+" <> ''")
			continue
		}
		for _, v := range t.Values {
			parts = append(parts, one(col, v))
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// number matches an integer or floating column.
func (c *compiler) number(t *query.Term, col string) string {
	return c.bounds(t.Op, t.Bounds(), col, col+" > 0")
}

func (c *compiler) bounds(op query.Op, all []query.Bounds, col, has string) string {
	if op == query.Has {
		return has
	}
	var parts []string
	for _, b := range all {
		var cond []string
		if !math.IsInf(b.Low, -1) {
			cond = append(cond, col+pick(b.LowOut, " > ", " >= ")+literal(b.Low))
		}
		if !math.IsInf(b.High, 1) {
			cond = append(cond, col+pick(b.HighOut, " < ", " <= ")+literal(b.High))
		}
		if len(cond) == 0 {
			cond = append(cond, "1=1")
		}
		parts = append(parts, "("+strings.Join(cond, " AND ")+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// literal writes a number into the text: a placeholder would take the type of its column, and columns are integers.
func literal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func pick[T any](b bool, yes, no T) T {
	if b {
		return yes
	}
	return no
}

// date matches a column of microseconds, in which 0 is unknown.
func (c *compiler) date(t *query.Term, col string) string {
	if t.Op == query.Has {
		return col + " > 0"
	}
	var parts []string
	for _, iv := range t.Intervals(c.now) {
		parts = append(parts, c.interval(iv, col))
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (c *compiler) interval(iv query.Interval, col string) string {
	cond := []string{col + " > 0"}
	if !iv.From.IsZero() {
		cond = append(cond, col+" >= "+c.arg(micros(iv.From)))
	}
	if !iv.To.IsZero() {
		cond = append(cond, col+" < "+c.arg(micros(iv.To)))
	}
	return "(" + strings.Join(cond, " AND ") + ")"
}

// list is a parenthesized list of placeholders for the texts of a term's values, in lower case.
func (c *compiler) list(values []query.Value) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = c.arg(strings.ToLower(v.Text))
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// kinds is a list of kind numbers; the parser has checked the names.
func kindNumbers(names []string) string {
	var parts []string
	for _, n := range names {
		if k, err := greenroom.ParseKind(n); err == nil {
			parts = append(parts, strconv.Itoa(int(k)))
		}
	}
	return strings.Join(append(parts, "-1"), ", ")
}

// kindIs compares a column with kinds. For a single one it is an equation, which leaves an index on the kind in order.
func kindIs(column string, names []string) string {
	if len(names) == 1 {
		if k, err := greenroom.ParseKind(names[0]); err == nil {
			return column + " = " + strconv.Itoa(int(k))
		}
	}
	return column + " IN (" + kindNumbers(names) + ")"
}

func texts(values []query.Value) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = v.Text
	}
	return all
}

// inSources is the condition that a column has a source of these names or platforms, inChannels a channel of these names.
func (c *compiler) inSources(column string, values []query.Value) string {
	names := make([]any, 0, 2*len(values))
	for range 2 {
		for _, v := range values {
			names = append(names, strings.ToLower(v.Text))
		}
	}
	marks := placeholders(len(values))
	return c.found(column, "SELECT id FROM source WHERE lower(name) IN ("+marks+") OR lower(platform) IN ("+marks+")", names)
}

func (c *compiler) inChannels(column string, values []query.Value) string {
	var parts []string
	var names []any
	for _, v := range values {
		name := strings.ToLower(strings.TrimPrefix(v.Text, "#"))
		if v.Prefix {
			parts, names = append(parts, `lower(name) LIKE ? ESCAPE '\'`), append(names, likeEscape.Replace(name)+"%")
			continue
		}
		parts, names = append(parts, "lower(name) = ?"), append(names, name)
	}
	return c.found(column, "SELECT id FROM channel WHERE ("+strings.Join(parts, " OR ")+")", names)
}

// text compiles free text: full-text search over what was written, or over what a member is called.
func (c *compiler) text(t *query.Text) string {
	match := c.d.searchTerm(t.Words, t.Prefix)
	if c.entity == query.Organizations {
		pattern := "%" + likeEscape.Replace(t.Words) + "%"
		return "(o.name " + c.d.like + " " + c.arg(pattern) + ` ESCAPE '\' OR o.id IN (SELECT organization_id FROM organization_domain WHERE domain LIKE ` +
			c.arg(strings.ToLower(pattern)) + ` ESCAPE '\'))`
	}
	return c.search(match)
}

// search compiles a full-text search for what searchTerm or matchOf gave.
func (c *compiler) search(match string) string {
	if match == "" {
		return "1=0"
	}
	if c.entity != query.Members && !c.d.postgres {
		if ids, ok := c.matchesFrom(match); ok {
			switch {
			case len(ids) == 0:
				return "1=0"
			case c.minID > 0:
				return c.inWindow(among("", ids))
			case c.entity == query.Activities:
				return among("a.id", ids)
			}
			// There are no more conversations than messages, so these are all.
			ids, _ = c.ask("SELECT DISTINCT x.conversation_id FROM activity x WHERE x.conversation_id > 0 AND "+among("x.id", ids), nil, commonMatches)
			return among("c.id", ids)
		}
	}
	if c.minID > 0 {
		return c.inWindow(" IN (" + c.activitySearch(match) + ")")
	}
	switch c.entity {
	case query.Members:
		return "m.id IN (SELECT rowid FROM member_search WHERE words " + c.d.searchMatch + c.searchArg(match) + ")"
	case query.Conversations:
		return "c.id IN (SELECT x.conversation_id FROM activity x WHERE x.conversation_id > 0 AND x.id IN (" + c.activitySearch(match) + "))"
	default:
		return "a.id IN (" + c.activitySearch(match) + ")"
	}
}

// inWindow compiles the condition that an item of a window is among some messages, or has one of them. The window has fewer
// items than the search has matches, so it is read along its time, and each item's messages are looked up among them: the
// pluses keep SQLite from looking up each match instead.
func (c *compiler) inWindow(isOne string) string {
	if c.entity == query.Conversations {
		return "EXISTS (SELECT 1 FROM activity x WHERE x.conversation_id = c.id AND x.conversation_id > 0 AND +x.id" + isOne + ")"
	}
	return "+a.id" + isOne
}

// matches are the messages that a full-text search finds, those with the greatest ids first, and whether these are all.
// They are enough to count a list by.
func (c *compiler) matches(match string) ([]int64, bool) {
	return c.ask("SELECT rowid FROM activity_search WHERE activity_search MATCH ? ORDER BY rowid DESC", []any{match}, list.CountLimit)
}

// matchesFrom are the messages that a full-text search finds with ids of at least minID. It reports false where there are
// too many to be named.
func (c *compiler) matchesFrom(match string) ([]int64, bool) {
	ids, all := c.matches(match)
	end := len(ids)
	for end > 0 && ids[end-1] < c.minID {
		end--
	}
	return ids[:end], end <= commonMatches && (all || end < len(ids))
}

func (c *compiler) activitySearch(match string) string {
	from := ""
	if c.minID > 0 {
		from = " AND rowid >= " + strconv.FormatInt(c.minID, 10)
	}
	return "SELECT rowid FROM activity_search WHERE " + c.d.activityColumn + " " + c.d.searchMatch + c.searchArg(match) + from
}

func (c *compiler) searchArg(match string) string {
	c.args = append(c.args, match)
	return ""
}

// searchWords cuts a text into the words that the full-text index knows.
func searchWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// did compiles a condition on how often members did something.
func (c *compiler) did(n *query.Did) (string, error) {
	var cond []string
	before := len(c.args)
	cond = append(cond, "da.deleted = 0")
	if len(n.Kinds) > 0 {
		kind := pick(len(n.In) > 0, "+da.kind", "da.kind") // a channel has fewer activities than a kind
		cond = append(cond, kind+" IN ("+kindNumbers(n.Kinds)+")")
	}
	if len(n.In) > 0 {
		cond = append(cond, c.inChannels("da.channel_id", n.In))
	}
	if len(n.Source) > 0 {
		cond = append(cond, c.inSources("da.source_id", n.Source))
	}
	for _, t := range n.Said() {
		cond = append(cond, c.reading(t, "da.id"))
	}
	if iv := n.Interval(c.now); !iv.From.IsZero() || !iv.To.IsZero() {
		cond = append(cond, c.interval(iv, "da.occurred_at"))
	}
	id, column := "m.id", "di.member_id"
	if c.entity == query.Organizations {
		id, column = "o.id", "dm.organization_id"
	}
	// Counted by account first, which takes an index alone; people have few accounts.
	from := "(SELECT da.identity_id, count(*) AS n FROM activity da WHERE " + strings.Join(cond, " AND ") +
		" GROUP BY da.identity_id) x JOIN identity di ON di.id = x.identity_id"
	switch {
	case c.entity != query.Organizations:
	case c.someMoved():
		from, column = c.byEmployer(strings.Join(cond, " AND "), from, before), "x.organization_id"
	default:
		from += " JOIN member dm ON dm.id = di.member_id"
	}
	sub := "SELECT " + column + " FROM " + from + " GROUP BY " + column
	if n.Min <= 0 {
		if n.Max == query.Unlimited {
			c.args = c.args[:before]
			return "1=1", nil
		}
		sub += " HAVING sum(x.n) > " + c.arg(n.Max)
		if c.finding != nil {
			c.finding.not = true
		}
		return "NOT " + c.peopleOf(id, sub, before), nil
	}
	sub += " HAVING sum(x.n) >= " + c.arg(n.Min)
	if n.Max != query.Unlimited {
		sub += " AND sum(x.n) <= " + c.arg(n.Max)
	}
	people := c.peopleOf(id, sub, before)
	if since := micros(n.Interval(c.now).From); c.entity == query.Members && since > 0 && activeKinds(n.Kinds) {
		people = "(" + people + " AND m.last_active >= " + c.arg(since) + ")"
	}
	return people, nil
}

// activeKinds reports whether kinds are named, and all of them are such that make a member active.
func activeKinds(names []string) bool {
	for _, name := range names {
		if k, err := greenroom.ParseKind(name); err != nil || !k.Info().Active {
			return false
		}
	}
	return len(names) > 0
}
