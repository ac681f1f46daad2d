// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"

	"greenroom/internal/ask"
	stakeholder "greenroom/internal/finder"
)

// SampleQuestions keeps some questions, unless there are some already.
func (a *App) SampleQuestions(ctx context.Context) error {
	have, err := a.Questions().Saved(ctx)
	if err != nil || len(have) > 0 {
		return err
	}
	for _, e := range ask.Examples()[:3] {
		if _, err := a.Questions().Keep(ctx, ask.Draft{Title: e.Title, SQL: e.SQL, Shape: e.Shape}, "sample"); err != nil {
			return fmt.Errorf("keeping a question: %w", err)
		}
	}
	return nil
}

// SampleStudies makes a study and asks the first who fits, unless there are some already. The invitation stays a draft.
func (a *App) SampleStudies(ctx context.Context) error {
	studies := a.Studies()
	have, err := studies.List(ctx)
	if err != nil || len(have) > 0 {
		return err
	}
	st, err := studies.Add(ctx, stakeholder.Draft{
		Title: "Interviews on webhooks", Text: "What people do with webhooks, and what stops them.", Owner: "maya@lumenlabs.example", Said: "body:webhook", Wanted: 6,
		Subject: "May we ask you about webhooks?", Letter: "Hello {name},\n\nyou wrote about webhooks, and we would like to make them better. Do you have half an hour for a talk?\n\nThank you,\nMaya",
	}, "sample")
	if err != nil {
		return fmt.Errorf("making a study: %w", err)
	}
	found, err := studies.Find(ctx, &st.Draft, st.ID)
	if err != nil || len(found.Candidates) == 0 {
		return err
	}
	_, err = studies.Invite(ctx, st.ID, []int64{found.Candidates[0].Member}, "sample")
	return err
}
