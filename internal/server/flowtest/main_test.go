// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package flowtest_test walks through jobs from end to end with the keyboard alone.
package flowtest_test

import (
	"os"
	"testing"

	"greenroom/internal/server/servertest"
)

// house is what the tests share: one browser, and the sample read once.
var house servertest.House

func TestMain(m *testing.M) { os.Exit(house.Run(m)) }
