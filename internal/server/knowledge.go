// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"time"

	"greenroom/internal/fetch"
	"greenroom/internal/knowledge"
)

// Knowledge makes the service that keeps documents. Links are followed to public addresses and to networks that the operator allows, and
// nowhere else.
func (a *App) Knowledge(allowed []netip.Prefix) *knowledge.Service {
	check := func(set knowledge.Settings) *knowledge.Checker {
		pace := knowledge.UsualPace()
		pace.Delay, pace.Anchors = time.Duration(set.DelayMS)*time.Millisecond, set.Anchors
		return knowledge.NewChecker(fetch.Guarded(pace.Timeout, allowed), a.Now, pace)
	}
	return knowledge.New(a.Store, auditor{a.Auth}, a.Log, a.Now, a.Zone, check)
}
