// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

// kindNames lists the activity kinds for the query language.
func kindNames() []string {
	var names []string
	for _, k := range greenroom.Kinds() {
		names = append(names, k.String())
	}
	return names
}

func (c *command) listCommand() *cobra.Command {
	var text string
	var limit int
	cmd := &cobra.Command{
		Use:       "list members|organizations|activities|conversations",
		Short:     "List what a query finds",
		Example:   "  greenroom list conversations --query 'is:waiting sort:opened' --limit 5\n  greenroom list members --query 'did:answer since:30d count:>=3' --format csv",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"members", "organizations", "activities", "conversations"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				return c.list(cmd.Context(), app, query.Entity(args[0]), text, limit)
			})
		},
	}
	cmd.Flags().StringVarP(&text, "query", "q", "", "what to list, in the query language")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most that many (0 = all)")
	return cmd
}

func (c *command) list(ctx context.Context, app *server.App, entity query.Entity, text string, limit int) error {
	q, err := query.Parse(query.NewSchema(entity, kindNames()), text)
	if err != nil {
		return queryError(err)
	}
	switch entity {
	case query.Members:
		return listAll(ctx, c, q, limit, app.Store.ListMembers, memberTable())
	case query.Organizations:
		return listAll(ctx, c, q, limit, app.Store.ListOrganizations, organizationTable())
	case query.Activities:
		return listAll(ctx, c, q, limit, app.Store.ListActivities, activityTable())
	default:
		return listAll(ctx, c, q, limit, app.Store.ListConversations, conversationTable())
	}
}

// queryError shows where in the query the mistake is.
func queryError(err error) error {
	e, ok := err.(*query.Error) //nolint:errorlint // Parse returns it as it is
	if !ok {
		return err
	}
	return &greenroom.Error{Code: greenroom.CodeInvalid, Message: e.Error() + "\n" + e.Caret()}
}

// listAll pages through a list and writes it as it comes.
func listAll[T any](ctx context.Context, c *command, q *query.Query, limit int,
	read func(context.Context, list.Request) (list.Page[T], error), t table[T],
) error {
	out, err := newWriter(c.io.Out, c.format, t)
	if err != nil {
		return err
	}
	req := list.Request{Query: q, Limit: list.MaxLimit}
	for n := 0; ; {
		if limit > 0 {
			req.Limit = min(list.MaxLimit, limit-n)
		}
		p, err := read(ctx, req)
		if err != nil {
			return err
		}
		for i := range p.Items {
			if err := out.item(&p.Items[i]); err != nil {
				return fmt.Errorf("writing the list: %w", err)
			}
		}
		n += len(p.Items)
		if p.Next == "" || limit > 0 && n >= limit {
			return out.end()
		}
		req.Cursor = p.Next
	}
}

func memberTable() table[greenroom.Member] {
	return table[greenroom.Member]{
		head: []string{"id", "name", "organization", "emails", "sources", "tags", "activities", "first active", "last active", "marks"},
		row: func(m *greenroom.Member) []string {
			var sources []string
			for _, id := range m.Identities {
				sources = append(sources, id.Source+"/"+orText(id.Handle, id.ExternalID))
			}
			return []string{
				number(m.ID), m.Name, m.Organization, strings.Join(m.Emails, " "), strings.Join(sources, " "), strings.Join(m.Tags, " "),
				number(m.Activities), date(m.FirstActive), date(m.LastActive), marks(m),
			}
		},
	}
}

func marks(m *greenroom.Member) string {
	var all []string
	for _, mark := range []struct {
		name string
		on   bool
	}{{"staff", m.Staff}, {"bot", m.Bot}, {"hidden", m.Hidden}, {"contact", m.Contact}} {
		if mark.on {
			all = append(all, mark.name)
		}
	}
	return strings.Join(all, " ")
}

func organizationTable() table[greenroom.Organization] {
	return table[greenroom.Organization]{
		head: []string{"id", "name", "domains", "lifecycle", "members", "activities", "last active"},
		row: func(o *greenroom.Organization) []string {
			return []string{number(o.ID), o.Name, strings.Join(o.Domains, " "), o.Lifecycle, number(o.Members), number(o.Activities), date(o.LastActive)}
		},
	}
}

func activityTable() table[greenroom.Activity] {
	return table[greenroom.Activity]{
		head: []string{"id", "occurred", "kind", "source", "channel", "member", "text", "url"},
		row: func(a *greenroom.Activity) []string {
			return []string{number(a.ID), a.OccurredAt.Format(time.DateTime), a.Kind.String(), a.Source, a.Channel, a.Member, orText(a.Title, a.Body), a.URL}
		},
	}
}

func conversationTable() table[greenroom.Conversation] {
	return table[greenroom.Conversation]{
		head: []string{"id", "opened", "state", "source", "channel", "author", "replies", "title", "url"},
		row: func(v *greenroom.Conversation) []string {
			return []string{number(v.ID), v.OpenedAt.Format(time.DateTime), string(v.State), v.Source, v.Channel, v.Author, number(v.Replies), v.Title, v.URL}
		},
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func orText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
