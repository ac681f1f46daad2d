// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Budget is what a platform says is left of what it allows.
type Budget struct {
	Name      string    `json:"name"`              // e.g. "requests an hour", "units a day"
	Limit     int64     `json:"limit"`             // 0 = not told
	Remaining int64     `json:"remaining"`         // in the unit of Name
	ResetAt   time.Time `json:"reset_at,omitzero"` // when it is full again; zero = not told
	At        time.Time `json:"at"`                // when the platform said so
}

// Metered is what a run asked of its platform.
type Metered struct {
	Requests int64            `json:"requests"`
	Retries  int64            `json:"retries"`            // requests that repeated one that had failed
	Waited   time.Duration    `json:"waited"`             // nanoseconds, for limits and between retries
	Budgets  []Budget         `json:"budgets,omitempty"`  // the platform's last word on each
	Warnings map[string]int64 `json:"warnings,omitempty"` // what a person should know, and how often it was met
}
