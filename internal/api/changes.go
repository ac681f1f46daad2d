// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"maps"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
)

func exampleChanges() health.Changes {
	item := exampleBoard().Purposes[0].Items[0]
	item.Metric, item.Label = "response_within_target", "Response within target"
	return health.Changes{
		By: analytics.Week, From: exampleTime(16), To: exampleTime(23), Before: exampleTime(9),
		Looked: []health.Look{{Metric: item.Metric, Label: item.Label, Says: "Response within target: 80.0 %, up 20.0 points from 60.0 %.", Noise: exampleVerdict()}},
		Moved: []health.Moved{{
			Item: item, Says: "Response within target: 80.0 %, up 20.0 points from 60.0 %.",
			Parts: []health.Part{{Dimension: "channel", Name: "help", Now: exampleFigure(0.9), Before: exampleFigure(0.5), Delta: 0.1, Share: 0.5, Says: "Channel help: without it, the figure would have gone from 65.0 % to 75.0 %."}},
		}},
		People: []health.Circle{{
			Kind: "new_helpers", Title: "New helpers", Total: 1, Entity: "members", Query: "id:42",
			People: []health.Person{{Member: 42, Name: "Ana Torres", Says: "Answered for the first time, 3 times."}},
		}},
		Next: []health.Task{{Says: "Thank Ana Torres for their first answers.", Entity: "members", Query: "id:42"}},
	}
}

// withChanges adds what the fields of changes are.
func withChanges(docs map[string]string) map[string]string {
	maps.Copy(docs, map[string]string{
		"HealthChanges":             "What changed in the last whole period against the one before.",
		"HealthChanges.before":      "Where the period begins that it is compared with.",
		"HealthChanges.looked_at":   "Every figure that was looked at, moved or not.",
		"HealthChanges.moved":       "What changed by more than noise, the surest first.",
		"HealthChanges.people":      "Who to talk to.",
		"HealthChanges.next":        "What to do, by rules.",
		"HealthLook":                "A figure that was looked at.",
		"HealthLook.says":           "The change as a sentence.",
		"HealthMoved":               "A figure whose change is more than noise.",
		"HealthMoved.query":         "What counts, where the metric is narrowed.",
		"HealthMoved.small":         "It rests on fewer than ten cases.",
		"HealthMoved.says":          "The change as a sentence.",
		"HealthMoved.a_year_ago":    "The same period a year ago, as a sentence; left out where there is no such history.",
		"HealthMoved.season":        "The same step at the same point of earlier seasons; left out where less than a season is known.",
		"HealthMoved.year_ago":      "The figure of the same period a year ago.",
		"HealthMoved.parts":         "The groups that moved it, the most surprising first.",
		"HealthMoved.spread":        "Said where no group stands out.",
		"HealthPart":                "A group that moved a figure.",
		"HealthPart.dimension":      "source, channel, kind, organization, category, topic or segment.",
		"HealthPart.moved":          "The part of the change that is this group's.",
		"HealthPart.share":          "Of the whole change; above 1 where others went the other way.",
		"HealthPart.exact":          "It is counted; otherwise it is the change less what the change would be without the group.",
		"HealthPart.says":           "The same as a sentence.",
		"HealthCircle":              "Members to talk to.",
		"HealthCircle.kind":         "new_helpers, gone_quiet or newcomers_unanswered.",
		"HealthCircle.title":        "The same for people.",
		"HealthCircle.total":        "How many there are.",
		"HealthCircle.people":       "The first of them.",
		"HealthCircle.query":        "The query that lists them.",
		"HealthPerson":              "One of them.",
		"HealthPerson.says":         "What of them.",
		"HealthPerson.conversation": "The conversation that it is about; left out where there is none.",
		"HealthTask":                "Something to do.",
		"HealthTask.says":           "What, as a sentence.",
		"HealthTask.query":          "The query that lists what it is about.",
	})
	return docs
}
