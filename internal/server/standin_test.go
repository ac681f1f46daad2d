// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/program"
	"greenroom/internal/roadmap"
	"greenroom/internal/server"
	crew "greenroom/internal/team"
)

// TestStandInApproves has somebody go whose word a message, a program and a plan wait for: all three stand in their day, and
// while they are away in the day of who stands in, also where that one stands in for a stand-in; afterwards in theirs alone. The
// draft is the stand-in's meanwhile, and so is one that is written while they are away; what was approved does not come back.
func TestStandInApproves(t *testing.T) {
	now := time.Now()
	app := startAt(t, func() time.Time { return now }, server.ServeOptions{Community: "Lumen"}).app
	ctx := t.Context()
	for _, who := range []string{"ana", "ben", "cy"} {
		if _, err := app.Auth.AddUser(ctx, auth.CommandLine(), auth.NewUser{Email: who + "@acme.example", Role: auth.RoleManager}); err != nil {
			t.Fatal(err)
		}
	}
	const ana, ben, cy = "ana@acme.example", "ben@acme.example", "cy@acme.example"
	if _, err := app.Store.AddMessages(ctx, []outbox.Message{{Key: "k", Channel: outbox.Email, Purpose: consent.Care, Sender: ana, To: "ida@example.org", Subject: "Hello", Text: "Hi", State: outbox.Draft, CreatedAt: now}}); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Programs.Add(ctx, program.Draft{Name: "Champions", Kind: program.Champions, Sponsor: ana, Owner: ben, Plan: program.Plan{Stages: []program.Stage{{Key: "in", Name: "In"}}}}, ben); err != nil {
		t.Fatal(err)
	}
	v, err := app.Plans().Add(ctx, roadmap.Plan{Title: "Launch", State: roadmap.Active}, nil, ben)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Plans().SignOff(ctx, v.ID, roadmap.Sponsor, "Go.", ana); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Plans().AddTask(ctx, roadmap.Task{Plan: v.ID, Title: "One more", Days: 1}, ben); err != nil {
		t.Fatal(err)
	}
	want := func(when, drafts string, whose map[string]string) {
		t.Helper()
		for _, who := range []string{ana, ben, cy} {
			d, err := app.Crew().Day(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			got, all := []string(nil), []string(nil)
			for _, it := range d.Items {
				if it.Kind == crew.DayApproval {
					got = append(got, it.Title+it.For)
				}
			}
			if by, ok := whose[who]; ok {
				all = []string{"Program: Champions" + by, "Plan: Launch" + by}
			}
			if who == drafts {
				all = append([]string{"Message to ida@example.org"}, all...)
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Errorf("%s, the day of %s: %s", when, who, diff)
			}
		}
	}
	hand := func() {
		t.Helper()
		if _, err := app.Store.HandOver(ctx); err != nil {
			t.Fatal(err)
		}
	}
	leave := func(who, standIn string, days int) {
		t.Helper()
		day := func(n int) string { return now.UTC().AddDate(0, 0, n).Format(time.DateOnly) }
		if _, err := app.Crew().Leave(ctx, crew.Absence{Person: who, StandIn: standIn, From: day(0), To: day(days)}, who); err != nil {
			t.Fatal(err)
		}
	}
	want("all there", ana, map[string]string{ana: ""})
	leave(ana, ben, 9)
	want("ana away", ben, map[string]string{ana: "", ben: ana})
	leave(ben, cy, 3)
	want("ben away, too", cy, map[string]string{ana: "", cy: ana})
	now = now.AddDate(0, 0, 5)
	hand()
	want("ben back", ben, map[string]string{ana: "", ben: ana})
	now = now.AddDate(0, 0, 10)
	hand()
	want("all back", ana, map[string]string{ana: ""})
}
