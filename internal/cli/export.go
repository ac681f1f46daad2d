// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

func (c *command) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "export FOLDER",
		Short: "Write members, organizations, activities and conversations as JSON Lines",
		Long:  "Export writes everything as JSON Lines, ordered by id, one file a list. Two stores with the same facts and decisions give the same bytes.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error { return c.export(cmd.Context(), app, args[0]) })
		},
	}
}

func (c *command) export(ctx context.Context, app *server.App, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the folder " + dir + " cannot be made", Err: err}
	}
	if err := exportList(ctx, filepath.Join(dir, "members.jsonl"), query.Members, app.Store.ListMembers); err != nil {
		return err
	}
	if err := exportList(ctx, filepath.Join(dir, "organizations.jsonl"), query.Organizations, app.Store.ListOrganizations); err != nil {
		return err
	}
	if err := exportList(ctx, filepath.Join(dir, "activities.jsonl"), query.Activities, app.Store.ListActivities); err != nil {
		return err
	}
	if err := exportList(ctx, filepath.Join(dir, "conversations.jsonl"), query.Conversations, app.Store.ListConversations); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.io.Out, "exported to %s\n", dir)
	return err
}

func exportList[T any](ctx context.Context, path string, entity query.Entity, read func(context.Context, list.Request) (list.Page[T], error)) (err error) {
	f, err := os.Create(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be written", Err: err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buf := bufio.NewWriter(f)
	q := &query.Query{Root: everything(entity), Sort: []query.Order{{Field: &query.Field{Attr: list.ByID}}}}
	for req := (list.Request{Query: q, Limit: list.MaxLimit}); ; {
		p, err := read(ctx, req)
		if err != nil {
			return fmt.Errorf("exporting %s: %w", entity, err)
		}
		for i := range p.Items {
			if err := writeJSON(buf, &p.Items[i]); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return buf.Flush()
		}
		req.Cursor = p.Next
	}
}

// everything is a condition that also finds what lists leave out by default.
func everything(entity query.Entity) query.Node {
	text := map[query.Entity]string{query.Members: "is:hidden or -is:hidden or is:contact", query.Activities: "is:deleted or -is:deleted"}[entity]
	if text == "" {
		return nil
	}
	q, err := query.Parse(query.NewSchema(entity, kindNames()), text)
	if err != nil {
		return nil
	}
	return q.Root
}
