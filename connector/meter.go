// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
)

// Budget is what a platform says is left of what it allows.
type Budget = greenroom.Budget

// Metered is what a Meter has counted.
type Metered = greenroom.Metered

// Meter counts what a read asks of a platform and keeps the last word on its budgets. It is safe for several goroutines,
// and a nil one counts nothing.
type Meter struct {
	mu       sync.Mutex
	requests int64
	retries  int64
	waited   time.Duration
	budgets  map[string]Budget
	warnings map[string]int64
}

// Request counts a request, and whether it repeats one that failed.
func (m *Meter) Request(again bool) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests++
	if again {
		m.retries++
	}
}

// Wait adds to the time that was spent waiting.
func (m *Meter) Wait(d time.Duration) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waited += d
}

// Budget notes what the platform says is left.
func (m *Meter) Budget(b Budget) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.budgets == nil {
		m.budgets = make(map[string]Budget)
	}
	m.budgets[b.Name] = b
}

// Warn notes something that a person should know of the source and that stops nothing: a field that is no longer there,
// a deprecated version, a page that the platform refuses. The text is a whole sentence; the same text is counted.
func (m *Meter) Warn(text string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.warnings == nil {
		m.warnings = make(map[string]int64)
	}
	if _, known := m.warnings[text]; known || len(m.warnings) < maxWarnings {
		m.warnings[text]++
	}
}

// maxWarnings bounds how many different warnings one read keeps.
const maxWarnings = 50

// Metered returns what was counted so far, budgets by name.
func (m *Meter) Metered() Metered {
	if m == nil {
		return Metered{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all := Metered{Requests: m.requests, Retries: m.retries, Waited: m.waited, Warnings: maps.Clone(m.warnings)}
	all.Budgets = slices.SortedFunc(maps.Values(m.budgets), func(a, b Budget) int { return strings.Compare(a.Name, b.Name) })
	return all
}
