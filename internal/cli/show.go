// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
)

func (c *command) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "show member|organization|activity|conversation|raw ID",
		Short:     "Show one object with all that is known of it",
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"member", "organization", "activity", "conversation", "raw"},
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[1])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error { return c.show(cmd.Context(), app, args[0], id) })
		},
	}
}

func parseID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not an id: ids are whole numbers from 1 on", s)
	}
	return id, nil
}

func (c *command) show(ctx context.Context, app *server.App, what string, id int64) error {
	var v any
	var err error
	switch what {
	case "member":
		v, err = showMember(ctx, app, id)
	case "organization":
		v, err = app.Store.Organization(ctx, id)
	case "activity":
		v, err = app.Store.Activity(ctx, id)
	case "conversation":
		v, err = showConversation(ctx, app, id)
	case "raw":
		payload, err := app.Store.ActivityPayload(ctx, id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.io.Out, "%s\n", payload)
		return err
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no %q to show: member, organization, activity, conversation or raw", what)
	}
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	_, err = fmt.Fprintf(c.io.Out, "%s\n", text)
	return err
}

type shownMember struct {
	greenroom.Member
	Accounts []greenroom.Identity `json:"accounts"`
	History  []greenroom.Decision `json:"history"`
}

func showMember(ctx context.Context, app *server.App, id int64) (shownMember, error) {
	m, err := app.Store.Member(ctx, id)
	if err != nil {
		return shownMember{}, err
	}
	v := shownMember{Member: m}
	if v.Accounts, err = app.Store.MemberIdentities(ctx, m.ID); err != nil {
		return v, err
	}
	v.History, err = app.Members.History(ctx, m.ID)
	return v, err
}

type shownConversation struct {
	greenroom.Conversation
	Activities []greenroom.Activity `json:"activities"`
}

func showConversation(ctx context.Context, app *server.App, id int64) (shownConversation, error) {
	conv, err := app.Store.Conversation(ctx, id)
	if err != nil {
		return shownConversation{}, err
	}
	activities, err := app.Store.ConversationActivities(ctx, id, 1000)
	return shownConversation{Conversation: conv, Activities: activities}, err
}
