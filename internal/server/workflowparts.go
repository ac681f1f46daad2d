// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"

	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
	"greenroom/internal/program"
	"greenroom/internal/store"
	"greenroom/internal/workflow"
	"greenroom/internal/writeback"
)

// WorkflowParts are what other features do for workflows. Base is the address of this Greenroom, for links; "" = none.
func (a *App) WorkflowParts(surveys *Surveys, acts *Acts, base string) workflow.Parts {
	return workflow.Parts{Base: base, Programs: enrolling{a.Programs}, Surveys: inviting{surveys}, Desk: giving{a.Inbox}, CRM: setting{a.Store, acts.Service}}
}

// enrolling puts members into programs for workflows. Who is in it already stays as they are.
type enrolling struct{ programs *program.Service }

// Enroll puts a member into a program.
func (e enrolling) Enroll(ctx context.Context, key, program string, member int64, by string) error {
	return e.programs.Enroll(ctx, program, member, by, key)
}

// inviting asks members for workflows.
type inviting struct{ surveys *Surveys }

// Invite asks a member. That they are not asked, because of what they chose or were asked of late, is no failure.
func (i inviting) Invite(ctx context.Context, key, survey string, member int64, _ string) error {
	o := outbox.Origin{Kind: "workflow"}
	if _, err := fmt.Sscanf(key, "workflow/%d/run/%d/%s", &o.ID, &o.Run, &o.Step); err != nil {
		return fmt.Errorf("reading the key %q of a workflow's step: %w", key, err)
	}
	_, err := i.surveys.Invite(ctx, survey, member, o)
	return err
}

// giving gives conversations to people for workflows.
type giving struct{ inbox *inbox.Service }

// Assign gives a conversation to somebody.
func (g giving) Assign(ctx context.Context, conversation int64, owner, by string) error {
	_, err := g.inbox.Assign(ctx, conversation, owner, by)
	return err
}

// setting writes to CRMs for workflows.
type setting struct {
	store   *store.Store
	writing *writeback.Service
}

// Set makes the action that writes a value to a member's contact.
func (c setting) Set(ctx context.Context, key string, s *workflow.Step, value string, member int64) (bool, error) {
	return c.writing.SetOne(ctx, &writeback.One{Source: s.Source, Property: s.Property, Value: value, MemberID: member}, key, "workflow", !s.Approve)
}

// Targets lists the sources whose contacts can be written to.
func (c setting) Targets(ctx context.Context) ([]string, error) {
	all, err := c.store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range all {
		if c.writing.Writable(&all[i]) {
			names = append(names, all[i].Name)
		}
	}
	return names, nil
}
