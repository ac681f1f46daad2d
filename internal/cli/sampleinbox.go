// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"time"

	"greenroom/internal/inbox"
	"greenroom/internal/server"
	"greenroom/internal/task"
)

// sampleInbox shows the inbox at work in the sample: targets, a note, a snooze and two tasks, unless somebody has set
// targets already. Nothing of it writes to anybody.
func sampleInbox(ctx context.Context, app *server.App) error {
	const by = "mara@" + sampleTeam
	set, err := app.Inbox.Settings(ctx)
	if err != nil || set.Revision > 0 {
		return err
	}
	set.Rules = []inbox.Rule{
		{Query: "org.lifecycle:trial,customer", Hours: 4, Business: true}, {Query: "urgency:now", Hours: 2}, {Query: "source:github,stack-overflow", Hours: 48},
	}
	if _, err := app.Inbox.SetSettings(ctx, set, by); err != nil {
		return fmt.Errorf("setting the sample's targets: %w", err)
	}
	p, err := app.Inbox.Queue(ctx, inbox.Filter{Limit: 3})
	if err != nil {
		return fmt.Errorf("reading the sample's inbox: %w", err)
	}
	if len(p.Items) > 1 {
		if _, err := app.Inbox.Note(ctx, p.Items[0].Conversation.ID, "Asked the platform team; they want the exact version. Whoever takes this, please ask for it.", by); err != nil {
			return fmt.Errorf("making the sample's note: %w", err)
		}
		if _, err := app.Inbox.Snooze(ctx, p.Items[1].Conversation.ID, time.Time{}, true, by); err != nil {
			return fmt.Errorf("putting an item of the sample to sleep: %w", err)
		}
	}
	for i, d := range []task.Draft{
		{Title: "Answer what is past its target", Link: "/inbox?view=overdue", DueAt: app.Now()},
		{Title: "Look at the targets of the inbox", Note: "Which conversations should be answered sooner than others?", Link: "/inbox/settings", DueAt: app.Now().AddDate(0, 0, 5)},
	} {
		if _, err := app.Tasks.Add(ctx, d, by); err != nil {
			return fmt.Errorf("making task %d of the sample: %w", i+1, err)
		}
	}
	return nil
}
