// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom/internal/event"
	"greenroom/internal/program"
	"greenroom/internal/server"
)

// sampleOwner is who owns what the sample community has of its own.
const sampleOwner = "maya@" + sampleTeam

// samplePrograms makes a program with some members in it, events and a content schedule, unless there are some. Nothing of
// it writes to anybody.
func samplePrograms(ctx context.Context, app *server.App) error {
	for _, closed := range []bool{false, true} {
		if all, err := app.Programs.List(ctx, closed); err != nil || len(all) > 0 {
			return err
		}
	}
	d := program.Templates()[0]
	d.Owner = sampleOwner
	d.Plan.Budget, d.Plan.Currency, d.Plan.Cohort = 150_000, "EUR", "First cohort"
	d.Plan.Dates = []program.Date{{At: app.Now().AddDate(0, 0, 9).Truncate(24 * time.Hour), Title: "Champions' call"}}
	p, err := app.Programs.Add(ctx, d, sampleOwner)
	if err != nil {
		return fmt.Errorf("making the sample's program: %w", err)
	}
	if p, err = app.Programs.Start(ctx, p.Key, sampleOwner); err != nil {
		return fmt.Errorf("starting the sample's program: %w", err)
	}
	all, err := app.Programs.Propose(ctx, p.Key, 9)
	if err != nil {
		return fmt.Errorf("ranking members of the sample: %w", err)
	}
	for i := range all {
		c := &all[i]
		reason := strings.Join(c.Reasons, ", ")
		if i >= 6 { // the rest waits for a decision, or to be found
			if i == 6 {
				_, err = app.Programs.Apply(ctx, p.Key, program.Wish{Member: c.MemberID, Note: reason}, sampleOwner)
			}
			if err != nil {
				return fmt.Errorf("putting a member of the sample forward: %w", err)
			}
			continue
		}
		if err := app.Programs.Enroll(ctx, p.Key, c.MemberID, sampleOwner, reason); err != nil {
			return fmt.Errorf("enrolling a member of the sample: %w", err)
		}
		if i%2 == 0 {
			if _, err := app.Programs.Stage(ctx, p.Key, c.MemberID, "active", "", sampleOwner); err != nil {
				return fmt.Errorf("moving a member of the sample on: %w", err)
			}
		}
	}
	return sampleEvents(ctx, app, p.Key, all)
}

// sampleEvents makes an event that is over, with who came, one that is to come, and some content.
func sampleEvents(ctx context.Context, app *server.App, key string, people []program.Candidate) error {
	day := app.Now().Truncate(24 * time.Hour)
	over, err := app.Events.Add(ctx, event.Draft{Title: "Community call", Kind: event.Call, State: event.Announced, Start: day.AddDate(0, 0, -6).Add(17 * time.Hour), Text: "What is new, and your questions.", Program: key, Owner: sampleOwner}, sampleOwner)
	if err != nil {
		return fmt.Errorf("making the sample's event: %w", err)
	}
	ahead, err := app.Events.Add(ctx, event.Draft{Title: "Workshop: from the first deployment to the second", Kind: event.Workshop, State: event.Announced, Start: day.AddDate(0, 0, 8).Add(16 * time.Hour), End: day.AddDate(0, 0, 8).Add(18 * time.Hour), Capacity: 30, Owner: sampleOwner}, sampleOwner)
	if err != nil {
		return fmt.Errorf("making the sample's event: %w", err)
	}
	for i := range people {
		for _, id := range []int64{over.ID, ahead.ID} {
			r, err := app.Events.Register(ctx, id, event.Person{MemberID: people[i].MemberID})
			if err != nil {
				return fmt.Errorf("registering a member of the sample: %w", err)
			}
			if id == over.ID {
				if _, err := app.Store.MoveRegistration(ctx, r.ID, pickPresence(i%4 != 3), over.Start); err != nil {
					return fmt.Errorf("noting that a member of the sample came: %w", err)
				}
			}
		}
	}
	if _, err := app.Events.SetState(ctx, over.ID, event.Announced, sampleOwner); err != nil { // tells who came as activities
		return fmt.Errorf("telling who came to the sample's event: %w", err)
	}
	for i, x := range []struct {
		title, channel string
		days, moves    int
	}{{"What members asked this month", "Newsletter", -3, 4}, {"How three teams deploy", "Blog", 4, 3}, {"Call for talks", "#announcements", 6, 2}, {"Ten answers worth reading", "Blog", 13, 1}, {"A video about the first hour", "", 0, 0}} {
		piece := event.Piece{Title: x.title, Channel: x.channel, Owner: sampleOwner}
		if x.days != 0 {
			piece.At = day.AddDate(0, 0, x.days).Add(9 * time.Hour)
		}
		c, err := app.Events.AddContent(ctx, piece, sampleOwner)
		for _, to := range event.Statuses()[1 : x.moves+1] {
			if err == nil {
				_, err = app.Events.MoveContent(ctx, c.ID, to, sampleOwner)
			}
		}
		if err != nil {
			return fmt.Errorf("making content %d of the sample: %w", i+1, err)
		}
	}
	return app.Projector.CatchUp(ctx)
}

func pickPresence(came bool) event.Presence {
	if came {
		return event.Attended
	}
	return event.Missed
}
