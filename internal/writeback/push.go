// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// PushKind is what actions are called that push members into a warehouse's table.
const PushKind = "push-members"

// Pushed knows which members' rows stand in a source's table.
type Pushed interface {
	NotePushed(ctx context.Context, source string, members []int64) error
	ForgetPushed(ctx context.Context, source string, members []int64) error
	// PushedGone lists those who are no more: they were erased, or are part of another member by now.
	PushedGone(ctx context.Context, source string) ([]int64, error)
}

// PushRequest is what somebody wants to be pushed: the members of a query into the table "members" of a database.
type PushRequest struct {
	Source string `json:"source"`
	Query  string `json:"query"` // over members; "" = all
}

// Values of an item.
const (
	pushCursor = "cursor" // where its page of members begins
	pushGone   = "gone"   // it deletes the rows of so many members who are no more
)

// membersTable is the table that members are pushed to.
func membersTable() connector.Table {
	return connector.Table{Name: "members", Columns: []connector.TableColumn{
		{Name: "id", Type: connector.ColumnInteger},
		{Name: "name", Type: connector.ColumnText},
		{Name: "emails", Type: connector.ColumnText},
		{Name: "organization", Type: connector.ColumnText},
		{Name: "tags", Type: connector.ColumnText},
		{Name: "first_active", Type: connector.ColumnTime},
		{Name: "last_active", Type: connector.ColumnTime},
		{Name: "activities", Type: connector.ColumnInteger},
		{Name: "identities", Type: connector.ColumnText},
	}}
}

// memberRow is a member as a row of the table.
func memberRow(m *greenroom.Member) []string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	identities := make([]string, len(m.Identities))
	for i := range m.Identities {
		identities[i] = m.Identities[i].Source + ":" + m.Identities[i].ExternalID
	}
	slices.Sort(identities)
	return []string{
		strconv.FormatInt(m.ID, 10), m.Name, strings.Join(m.Emails, ", "), m.Organization, strings.Join(m.Tags, ", "), at(m.FirstActive), at(m.LastActive),
		strconv.FormatInt(m.Activities, 10), strings.Join(identities, ", "),
	}
}

func (s *Service) loader(ctx context.Context, source string) (connector.Loader, error) {
	src, err := s.store.Source(ctx, source)
	if err != nil {
		return nil, err //nolint:wrapcheck // the store says which source
	}
	if !src.DisconnectedAt.IsZero() {
		return nil, greenroom.Errorf(greenroom.CodeConflict, "%s is disconnected; connect it again in its settings first", source)
	}
	opened, err := s.opener.Open(&src)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", source, err)
	}
	l, ok := opened.(connector.Loader)
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "members cannot be pushed to %s; sources that take tables are databases such as PostgreSQL and Snowflake", source)
	}
	if l.Loads() == "" {
		return nil, greenroom.Errorf(greenroom.CodeForbidden, "%s may not be written to; turn that on in its settings", source)
	}
	return l, nil
}

// Loadable reports whether a source's database can take tables, and whether it is allowed to; it asks nothing of it.
func (s *Service) Loadable(src *greenroom.Source) (can, allowed bool) {
	opened, err := s.opener.Open(src)
	if err != nil {
		return false, false
	}
	l, ok := opened.(connector.Loader)
	return ok && src.DisconnectedAt.IsZero(), ok && l.Loads() != ""
}

// Push makes an action that pushes members, with an item for each page of them, and one that deletes the rows of those
// who were pushed earlier and are no more. Key and by are as in Send.
func (s *Service) Push(ctx context.Context, r *PushRequest, key, by string) (action.Action, error) {
	l, err := s.loader(ctx, r.Source)
	if err != nil {
		return action.Action{}, err
	}
	q, err := s.byID(r.Query)
	if err != nil {
		return action.Action{}, err
	}
	gone, err := s.store.PushedGone(ctx, r.Source)
	if err != nil {
		return action.Action{}, fmt.Errorf("looking for pushed members who are gone: %w", err)
	}
	var items []action.Item
	if len(gone) > 0 {
		items = append(items, action.Item{Target: "members", Name: "Rows of " + plural(len(gone), "member who is", "members who are") + " gone", After: map[string]string{pushGone: strconv.Itoa(len(gone))}})
	}
	req, members := list.Request{Query: q, Limit: list.MaxLimit}, 0
	for more := true; more; {
		page, err := s.store.ListMembers(ctx, req)
		if err != nil {
			return action.Action{}, fmt.Errorf("listing the members to push: %w", err)
		}
		if n := len(page.Items); n > 0 {
			items = append(items, action.Item{Target: "members", Name: fmt.Sprintf("Members %d to %d", members+1, members+n), After: map[string]string{pushCursor: req.Cursor}})
			members += n
		}
		req.Cursor, more = page.Next, page.Next != ""
	}
	if len(items) == 0 {
		return action.Action{}, greenroom.Errorf(greenroom.CodeInvalid, "the query gives no members")
	}
	text, err := json.Marshal(r)
	if err != nil {
		return action.Action{}, fmt.Errorf("encoding a plan: %w", err)
	}
	return s.begin(ctx, action.Action{
		Key: key, Kind: PushKind, Source: r.Source, Plan: text, CreatedBy: by,
		Title: fmt.Sprintf("Push %s into %s.%s of %s", plural(members, "member", "members"), l.Loads(), membersTable().Name, r.Source),
	}, items)
}

// begin stores an action that is approved by whoever made it.
func (s *Service) begin(ctx context.Context, a action.Action, items []action.Item) (action.Action, error) {
	a.State, a.ApprovedBy, a.ApprovedAt = action.Approved, a.CreatedBy, s.now()
	stored, added, err := s.store.AddAction(ctx, a, items)
	if err == nil && added {
		s.wake()
	}
	return stored, err //nolint:wrapcheck // the store says what it did
}

// byID parses a query and lists it in the order of ids, whatever else it asks for.
func (s *Service) byID(text string) (*query.Query, error) {
	q, err := query.Parse(s.schema, text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
	}
	q.Sort = []query.Order{{Field: &query.Field{Name: list.ByID, Attr: list.ByID}}}
	return q, nil
}

// Pusher carries out the actions of Push.
type Pusher struct{ *Service }

// Perform pushes pages of members, as they are now. Rows are merged by key, so that doing it again is harmless.
func (p Pusher) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	var r PushRequest
	if err := json.Unmarshal(a.Plan, &r); err != nil {
		return fmt.Errorf("decoding the plan of action %d: %w", a.ID, err)
	}
	l, err := p.loader(ctx, r.Source)
	if err != nil {
		return err
	}
	q, err := p.byID(r.Query)
	if err != nil {
		return err
	}
	for i := range items {
		var changed int64
		if items[i].After[pushGone] != "" {
			changed, err = p.deleteGone(ctx, r.Source, l)
		} else {
			changed, err = p.pushPage(ctx, r.Source, l, list.Request{Query: q, Limit: list.MaxLimit, Cursor: items[i].After[pushCursor]})
		}
		if err != nil {
			return err
		}
		items[i].State = action.ItemDone
		if changed == 0 {
			items[i].State = action.ItemUnchanged
		}
	}
	return nil
}

// pushPage pushes a page of members. That their rows stand there is noted first: a note too many does no harm.
func (p Pusher) pushPage(ctx context.Context, source string, l connector.Loader, req list.Request) (int64, error) {
	page, err := p.store.ListMembers(ctx, req)
	if err != nil {
		return 0, fmt.Errorf("listing the members to push: %w", err)
	}
	rows, ids := make([][]string, len(page.Items)), make([]int64, len(page.Items))
	for n := range page.Items {
		rows[n], ids[n] = memberRow(&page.Items[n]), page.Items[n].ID
	}
	if err := p.store.NotePushed(ctx, source, ids); err != nil {
		return 0, fmt.Errorf("noting what is pushed: %w", err)
	}
	changed, err := l.Load(ctx, membersTable(), rows)
	if err != nil {
		return 0, fmt.Errorf("pushing members to %s: %w", source, err)
	}
	return changed, nil
}

// deleteGone deletes the rows of members who are no more.
func (p Pusher) deleteGone(ctx context.Context, source string, l connector.Loader) (int64, error) {
	gone, err := p.store.PushedGone(ctx, source)
	if err != nil {
		return 0, fmt.Errorf("looking for pushed members who are gone: %w", err)
	}
	deleted := int64(0)
	for part := range slices.Chunk(gone, deletedAtOnce) {
		keys := make([]string, len(part))
		for i, id := range part {
			keys[i] = strconv.FormatInt(id, 10)
		}
		n, err := l.Delete(ctx, membersTable(), keys)
		if err != nil {
			return deleted, fmt.Errorf("deleting members who are gone from %s: %w", source, err)
		}
		deleted += n
		if err := p.store.ForgetPushed(ctx, source, part); err != nil {
			return deleted, fmt.Errorf("noting what was deleted: %w", err)
		}
	}
	return deleted, nil
}

const deletedAtOnce = 1000
