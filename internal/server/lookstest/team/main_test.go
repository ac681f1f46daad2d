// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package team_test looks at the pages of what the team does: events, programs, workflows, goals, documents, reports.
package team_test

import (
	"os"
	"testing"

	"greenroom/internal/server/servertest"
)

// house is what the tests share: one browser, and the sample read once.
var house servertest.House

func TestMain(m *testing.M) { os.Exit(house.Run(m)) }
