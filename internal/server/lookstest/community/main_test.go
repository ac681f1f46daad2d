// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package community_test looks at every page of the team, and closely at those about the community: what is known of people and what is counted.
package community_test

import (
	"os"
	"testing"

	"greenroom/internal/server/servertest"
)

// house is what the tests share: one browser, and the sample read once.
var house servertest.House

func TestMain(m *testing.M) { os.Exit(house.Run(m)) }
