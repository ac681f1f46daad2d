// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// elsewhere is a warehouse without anything in it.
type elsewhere struct{}

func (elsewhere) Tally(context.Context, *analytics.Tally, func(*analytics.TallyRow)) error {
	return nil
}

func (elsewhere) Conversations(context.Context, *analytics.Opened, func(*analytics.Conversation, int)) error {
	return nil
}

// A crowd whose activities are in another engine says so, rather than that nobody did anything.
func TestCrowdOfActivitiesElsewhere(t *testing.T) {
	crowd := analytics.NewEngine(analytics.NewColumnsOver(elsewhere{}), analytics.Answers{}, time.Now).Crowd()
	never := func(analytics.Act) { t.Error("there is an activity") }
	for what, err := range map[string]error{
		"Err": crowd.Err(), "Each": crowd.Each(t.Context(), time.Time{}, time.Now(), true, never), "Of": crowd.Of(t.Context(), 1, time.Time{}, never),
	} {
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "needs the embedded engine") {
			t.Errorf("%s: %v", what, err)
		}
	}
	crowd = analytics.NewEngine(analytics.NewColumns(), analytics.Answers{}, time.Now).Crowd()
	if err := crowd.Each(t.Context(), time.Time{}, time.Now(), true, never); err != nil {
		t.Errorf("here: %v", err)
	}
}
