// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"greenroom/internal/ask"
	stakeholder "greenroom/internal/finder"
)

// Questions is the service that answers questions in SQL: one for all who ask, since it counts what runs at a time.
func (a *App) Questions() *ask.Service {
	a.asking.Do(func() { a.questions = ask.New(a.Store, auditor{a.Auth}, a.Log, a.Now) })
	return a.questions
}

// Studies is the service that finds members to talk to.
func (a *App) Studies() *stakeholder.Service {
	return stakeholder.New(a.Store, a.Store, auditor{a.Auth}, a.Now)
}
