// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"math"
	"time"
)

// topic is something people talk about. Its phrases are in phrases/NAME.txt.
type topic struct {
	name  string
	tags  []string // how platforms with tags and labels mark it
	hard  float64  // how much longer an answer takes, and how much more often none comes; 1 is usual
	local bool     // whether phrases in other languages exist
	// interest is how much the topic is talked about at a time, from the progress of the whole period (0 to 1), the spike of the
	// bad release (0 to 1) and how fresh the last release is (1 to 0).
	interest func(progress, spike, fresh float64) float64
}

// topics is the table of what is talked about.
func topics() []topic {
	steady := func(x float64) func(float64, float64, float64) float64 {
		return func(float64, float64, float64) float64 { return x }
	}
	rising := func(low, high, from float64) func(float64, float64, float64) float64 {
		return func(p, _, _ float64) float64 { return low + (high-low)/(1+math.Exp(-(p-from)*18)) }
	}
	return []topic{
		{"importer", []string{"importer", "csv"}, 1.2, true, func(_, spike, _ float64) float64 { return 1 + 11*spike }},
		{"webhooks", []string{"webhooks", "retries"}, 1.5, true, rising(0.4, 2.6, 0.84)},
		{"sso", []string{"sso", "entra"}, 1.4, true, rising(0.3, 2.2, 0.72)},
		{"install", []string{"install", "upgrade"}, 1, true, func(_, _, fresh float64) float64 { return 0.9 + 2*fresh }},
		{"scheduler", []string{"scheduler"}, 0.9, false, steady(1)},
		{"connectors", []string{"connectors"}, 1, false, steady(1.5)},
		{"schema", []string{"schema", "transform"}, 0.9, false, steady(1.1)},
		{"performance", []string{"performance"}, 1.3, false, func(p, spike, _ float64) float64 { return 0.7 + 0.5*p + spike }},
		{"monitoring", []string{"alerts", "metrics"}, 0.8, false, steady(0.8)},
		{"sdk", []string{"sdk", "api"}, 0.9, false, func(p, _, _ float64) float64 { return 0.5 + 0.6*p }},
		{"docs", []string{"documentation"}, 0.6, false, func(p, _, _ float64) float64 { return 1.1 - 0.7*p }},
		{"backfill", []string{"backfill", "sync"}, 1, false, steady(0.9)},
		{"permissions", []string{"permissions", "security"}, 1.1, false, steady(0.6)},
		{"contributing", []string{"contributing"}, 0.7, false, steady(0.3)},
	}
}

// topicAt draws what a conversation that starts at a time is about. prefer is the topic a channel is for, or "".
func (w *world) topicAt(d dice, at time.Time, prefer string, local bool) *topic {
	fresh := 0.0
	for _, r := range w.releases {
		if age := at.Sub(r.at); age >= 0 && len(r.version) == 3 {
			fresh = math.Exp(-age.Hours() / 24 / 8)
		}
	}
	progress, spike := w.progress(at), w.spike(at)
	weights := make([]float64, len(w.topics))
	for i, t := range w.topics {
		weights[i] = t.interest(progress, spike, fresh)
		if t.name == prefer {
			weights[i] *= 5
		}
		if local && !t.local {
			weights[i] = 0
		}
	}
	return &w.topics[d.index(weights)]
}
