// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/store"
	"greenroom/internal/tool"
)

// unwatched are no sources.
type unwatched struct{}

func (unwatched) SourceHealth(context.Context) ([]tool.SourceHealth, error) { return nil, nil }

// TestToolUndo takes back a change, a retirement and what a table changed: the tool is as it was, once, and only from the
// version that was looked at; where its name was given away meanwhile, nothing is taken back.
func TestToolUndo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		tools := tool.New(s, unwatched{}, silent{}, slog.New(slog.DiscardHandler), clock)
		draft := tool.Draft{Name: "Forum", Category: "platform", State: tool.InUse, Owner: "ana@acme.example", Cost: 99, Currency: "EUR", Every: tool.Monthly}
		first, err := tools.Add(ctx, draft, "ana")
		if err != nil {
			t.Fatal(err)
		}
		refused := func(what string, id, version int64) {
			t.Helper()
			if _, err := tools.Undo(ctx, id, version, "ben"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("what was entered only, from another version", first.ID, first.Version+1)
		feeding, err := tools.Add(ctx, tool.Draft{Name: "Digest", Category: "platform", State: tool.InUse, Feeds: []tool.Feed{{To: first.ID}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		refused("what was entered only, with something built on it", first.ID, first.Version)
		if gone, err := tools.Undo(ctx, feeding.ID, feeding.Version, "ben"); err != nil || gone.Version != 0 {
			t.Errorf("entering is taken back: %+v, %v", gone, err)
		}
		if all, err := tools.List(ctx, tool.Filter{}); err != nil || len(all) != 1 || all[0].ID != first.ID {
			t.Errorf("taken back, the stack is %+v, %v", all, err)
		}
		if _, err := tools.Undo(ctx, feeding.ID, feeding.Version, "ben"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("taken back twice: %v", err)
		}
		other, err := tools.Add(ctx, tool.Draft{Name: "Search", Category: "platform", State: tool.InUse}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddToolIncident(ctx, tool.Incident{ToolID: other.ID, From: clock(), Note: "down", By: "ana"}); err != nil {
			t.Fatal(err)
		}
		refused("what was entered only, with an incident", other.ID, other.Version)
		other.State = tool.Retired
		if _, err := tools.Edit(ctx, other.ID, other.Version, other.Draft, "ana"); err != nil {
			t.Fatal(err)
		}
		back := func(what string, changed tool.Tool) {
			t.Helper()
			refused(what+", from an old version", changed.ID, changed.Version-1)
			got, err := tools.Undo(ctx, changed.ID, changed.Version, "ben")
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			v, err := tools.Get(ctx, changed.ID)
			if err != nil || v.Version != changed.Version+1 || v.Before != nil || v.ChangedBy != "" {
				t.Errorf("%s, taken back: %+v, %v", what, v.Tool, err)
			}
			if diff := cmp.Diff(draft, v.Draft); diff != "" {
				t.Errorf("%s, taken back: %s", what, diff)
			}
			refused(what+", a second time", got.ID, got.Version)
			first = got
		}

		d := draft
		d.Owner, d.Cost = "ben@acme.example", 120
		changed, err := tools.Edit(ctx, first.ID, first.Version, d, "cy")
		if err != nil {
			t.Fatal(err)
		}
		back("a change", changed)

		d = draft
		d.State = tool.Retired
		if changed, err = tools.Edit(ctx, first.ID, first.Version, d, "cy"); err != nil {
			t.Fatal(err)
		}
		if all, err := tools.List(ctx, tool.Filter{}); err != nil || len(all) != 0 {
			t.Errorf("retired, it is listed: %+v, %v", all, err)
		}
		back("a retirement", changed)

		table, err := tool.ReadCSV(strings.NewReader("name,owner,users\nForum,cy@acme.example,7\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, n, err := tools.Import(ctx, table, "cy"); err != nil || n != 1 {
			t.Fatalf("%d changed, %v", n, err)
		}
		v, err := tools.Get(ctx, first.ID)
		if err != nil || v.Users != 7 {
			t.Fatalf("%+v, %v", v, err)
		}
		back("a table", v.Tool)

		d = draft
		d.Name = "Board"
		if changed, err = tools.Edit(ctx, first.ID, first.Version, d, "cy"); err != nil {
			t.Fatal(err)
		}
		if _, err := tools.Add(ctx, tool.Draft{Name: "forum", Category: "platform", State: tool.InUse}, "cy"); err != nil {
			t.Fatal(err)
		}
		refused("its name is another's now", changed.ID, changed.Version)
		if v, err := tools.Get(ctx, changed.ID); err != nil || v.Name != "Board" || v.Before == nil {
			t.Errorf("refused, it is %+v, %v", v.Tool, err)
		}
	})
}
