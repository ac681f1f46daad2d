// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/process"
	crew "greenroom/internal/team"
)

// SampleProcesses makes a team with hours and an absence, and its processes, one of them timed, unless there are processes
// already. Nobody of this team can sign in.
func (a *App) SampleProcesses(ctx context.Context, engine *analytics.Engine) error {
	work, team := a.Processes(engine), a.Crew()
	if have, err := work.List(ctx, true); err != nil || len(have) > 0 {
		return err
	}
	if _, err := a.Auth.SampleLink(ctx); err != nil { // its owner is made first: with other users there would be none
		return err
	}
	const maya, sam, mara = "maya@lumenlabs.example", "sam@lumenlabs.example", "mara@lumenlabs.example"
	for _, x := range []struct{ email, name, role, zone, hours string }{
		{maya, "Maya Lindqvist", process.RoleManager, "Europe/Stockholm", "Mon-Thu 9:00-17:00, Fri 9:00-13:00"},
		{sam, "Sam Okafor", process.RoleAdvocate, "America/New_York", "Mon-Fri 9:00-17:00"},
		{mara, "Mara Keller", process.RoleOps, "Europe/Berlin", "Mon-Wed 8:00-14:00"},
	} {
		if _, err := a.Auth.AddUser(ctx, auth.CommandLine(), auth.NewUser{Email: x.email, Name: x.name, Role: auth.RoleContributor}); err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
			return fmt.Errorf("adding %s to the sample's team: %w", x.name, err)
		}
		days, err := crew.ParseDays(x.hours)
		if err != nil {
			return err
		}
		if _, err := team.SetProfile(ctx, crew.Profile{Email: x.email, Role: x.role, Zone: x.zone, Days: days}, "sample"); err != nil {
			return fmt.Errorf("writing the profile of %s: %w", x.name, err)
		}
	}
	now := a.Now().In(zones{a}.Zone())
	day := func(n int) string { return now.AddDate(0, 0, n).Format(time.DateOnly) }
	if _, err := team.Leave(ctx, crew.Absence{Person: sam, From: day(-1), To: day(3), StandIn: maya, Note: "The talk for the meetup is with me; everything else can be answered."}, "sample"); err != nil {
		return fmt.Errorf("writing the sample's absence: %w", err)
	}
	for _, x := range []struct{ key, does string }{
		{"welcoming", maya}, {"answering", maya + " " + sam}, {"moderation", maya}, {"digest", maya}, {"content", sam}, {"reporting", mara}, {"feedback", mara}, {"champions", ""},
	} {
		t, err := process.FindTemplate(x.key)
		if err != nil {
			return err
		}
		d := t.Draft
		d.Doers = strings.Fields(x.does)
		if x.key == "welcoming" {
			five := process.Range{Low: 4, Likely: 6, High: 9}
			d.Surfaces = []process.Surface{{Name: "Slack", Query: "source:slack"}, {Name: "Forum", Query: "source:discourse", Minutes: &five}}
		}
		p, err := work.Add(ctx, d, "sample")
		if err != nil {
			return fmt.Errorf("making the sample's process %s: %w", d.Name, err)
		}
		if x.key != "answering" {
			continue
		}
		for _, minutes := range []float64{6, 9, 11, 12, 14, 17, 26} {
			if _, err := work.Note(ctx, p.ID, minutes, 1, maya); err != nil {
				return fmt.Errorf("timing the sample's process %s: %w", d.Name, err)
			}
		}
		if _, err := team.SaveDuty(ctx, crew.Duty{DutyDraft: crew.DutyDraft{Kind: crew.OfProcess, Subject: d.Name, Link: fmt.Sprintf("/processes/%d", p.ID), Accountable: maya, Responsible: []string{sam, process.RoleChampions}, Consulted: []string{process.RoleSupport}, Informed: []string{process.RoleProduct}}}, "sample"); err != nil {
			return err
		}
	}
	_, err := team.SaveDuty(ctx, crew.Duty{DutyDraft: crew.DutyDraft{Kind: crew.OfChannel, Subject: "#help on Slack", Responsible: []string{process.RoleChampions}}}, "sample")
	return err
}
