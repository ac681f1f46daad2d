// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"

	"greenroom/internal/analytics"
)

// published are figures of others about a metric, each with where it stands. There are few: most of what is passed around has
// no source, and what has none is not shown.
func published(metric string) []Benchmark {
	switch metric {
	case "contributors", "new_contributors", "contributor_concentration", "top_share":
		return []Benchmark{{
			Text:   "In most online communities 90 % of users never contribute, 9 % a little, and 1 % account for almost all of it. An observation of 2006, before chat.",
			Source: "Nielsen Norman Group, The 90-9-1 Rule for Participation Inequality", URL: "https://www.nngroup.com/articles/participation-inequality/",
		}}
	case "member_share":
		low := .5
		return []Benchmark{{
			Text: "What a practitioner aims at: members rather than the team write 50 %, later 80 %, of posts. One team's goal, not a survey.", Value: &low,
			Source: "Gainsight community, question 8363", URL: "https://communities.gainsight.com/questions/8363",
		}}
	default:
		return nil
	}
}

// ownPast sets a figure against the community's own earlier periods; series ends with the figure.
func ownPast(m *analytics.Metric, series []*float64) []Benchmark {
	for len(series) > 0 && (series[0] == nil || *series[0] == 0) { // before the community began
		series = series[1:]
	}
	if len(series) < 4 || series[len(series)-1] == nil {
		return nil
	}
	now, n, above := *series[len(series)-1], 0, 0
	var low, high *float64
	for _, v := range series[:len(series)-1] {
		if v == nil {
			continue
		}
		if n++; now > *v {
			above++
		}
		if low == nil || *v < *low {
			low = v
		}
		if high == nil || *v > *high {
			high = v
		}
	}
	if n < 3 {
		return nil
	}
	u := m.Unit
	text := fmt.Sprintf("The %d periods before: from %s to %s; this one is above %d of them.", n, ValueText(u, low), ValueText(u, high), above)
	switch {
	case above == n:
		text = fmt.Sprintf("The highest of %d periods; before, it was from %s to %s.", n+1, ValueText(u, low), ValueText(u, high))
	case now < *low:
		text = fmt.Sprintf("The lowest of %d periods; before, it was from %s to %s.", n+1, ValueText(u, low), ValueText(u, high))
	}
	return []Benchmark{{Text: text, Value: high}}
}
