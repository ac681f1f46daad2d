// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"greenroom/internal/analytics"
	"greenroom/internal/proof"
)

// Proof makes the service that keeps studies and measures, over the engine for figures. It is one for pages, API and background, so
// that what is asked for begins at once.
func (a *App) Proof(engine *analytics.Engine) *proof.Service {
	a.proving.Do(func() {
		a.proved = proof.New(proof.Parts{Studies: a.Store, Runs: a.Store, Facts: a.Store, Figures: engine, Audit: auditor{a.Auth}, Log: a.Log, Now: a.Now})
		a.proved.UseBusiness(a.Store, a.Store)
	})
	return a.proved
}
