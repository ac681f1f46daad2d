// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
)

// TestMeter counts from several goroutines; of a budget it keeps the last word.
func TestMeter(t *testing.T) {
	var m connector.Meter
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			m.Request(false)
			m.Request(true)
			m.Wait(time.Second)
			m.Warn("A field is gone.")
		})
	}
	wg.Wait()
	for i := range int64(3) {
		m.Budget(connector.Budget{Name: "units a day", Limit: 10, Remaining: 9 - i, At: noon})
	}
	m.Budget(connector.Budget{Name: "requests", Remaining: 5, At: noon})
	got := m.Metered()
	want := connector.Metered{
		Requests: 20, Retries: 10, Waited: 10 * time.Second, Warnings: map[string]int64{"A field is gone.": 10},
		Budgets: []connector.Budget{{Name: "requests", Remaining: 5, At: noon}, {Name: "units a day", Limit: 10, Remaining: 7, At: noon}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	got.Warnings["mine"] = 1 // a copy
	if diff := cmp.Diff(want.Warnings, m.Metered().Warnings); diff != "" {
		t.Errorf("what was given out has changed what is kept:\n%s", diff)
	}
}

// TestMeterIsBounded keeps a number of warnings, and goes on counting those that it has.
func TestMeterIsBounded(t *testing.T) {
	var m connector.Meter
	for i := range 1000 {
		m.Warn("warning " + strconv.Itoa(i))
		m.Warn("warning 0")
	}
	got := m.Metered().Warnings
	if len(got) > 100 || got["warning 0"] != 1001 {
		t.Errorf("keeps %d warnings, the first %d times", len(got), got["warning 0"])
	}
}

// TestNoMeter counts nothing.
func TestNoMeter(t *testing.T) {
	var m *connector.Meter
	m.Request(true)
	m.Wait(time.Second)
	m.Budget(connector.Budget{Name: "x"})
	m.Warn("x")
	if diff := cmp.Diff(connector.Metered{}, m.Metered()); diff != "" {
		t.Errorf("counted:\n%s", diff)
	}
}
