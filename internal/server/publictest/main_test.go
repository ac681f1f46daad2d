// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package publictest_test is about the pages that members and visitors see.
package publictest_test

import (
	"os"
	"testing"

	"greenroom/internal/server/servertest"
)

// house is what the tests share: one browser, and the sample read once.
var house servertest.House

func TestMain(m *testing.M) { os.Exit(house.Run(m)) }
