// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"os"
	"strconv"
)

// events is how many events a test sends: few, unless GREENROOM_TEST_EVENTS says how many.
func events(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("GREENROOM_TEST_EVENTS")); err == nil && n > 0 {
		return n
	}
	return usual
}
