// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import "greenroom/internal/query"

func activityCatalog() []Metric {
	return []Metric{
		{
			Name: nameActivities, Label: "Activities", Unit: UnitActivities, Total: true, compute: activities, sums: true,
			Definition: "Activities in the period, of the kinds that make a member active. A query that names kinds counts these instead, " +
				"joining and product usage too.",
			Formula: "count of activities",
			Source:  "CHAOSS Activity Dates and Times", SourceURL: "https://chaoss.community/kb/metric-activity-dates-and-times/",
		},
		{
			Name: "contributor_concentration", Label: "Contributor absence factor", Unit: UnitMembers, Total: true, compute: concentration,
			Definition: "The smallest number of members who together made half of the period's activities. The lower it is, the more depends on few. " +
				"How many members were active stands beside it.",
			Formula: "smallest k with the sum of the k greatest numbers of activities >= 50 % of all",
			Source:  absenceSource, SourceURL: absenceURL,
		},
		{
			Name: "top_share", Label: "Share of the ten most active", Unit: UnitShare, Total: true, Lower: true, compute: topShare,
			Definition: "The share of the period's activities by known members that the ten most active of them made.",
			Formula:    "sum of the 10 greatest numbers of activities / all activities of members",
			Source:     absenceSource, SourceURL: absenceURL,
		},
	}
}

func conversationCatalog() []Metric {
	return []Metric{
		{
			Name: "conversations", Label: "Conversations", Unit: UnitConversations, Total: true, sums: true, Entity: query.Conversations,
			compute:    number(func(*conversation) bool { return true }),
			Definition: "Conversations opened in the period.",
			Formula:    "count of conversations",
			Source:     "CHAOSS Issues New, for every kind of conversation", SourceURL: "https://chaoss.community/kb/metric-issues-new/",
		},
		{
			Name: "questions", Label: "Questions", Unit: UnitConversations, Total: true, sums: true, Entity: query.Conversations,
			compute:    number((*conversation).question),
			Definition: "Conversations opened in the period that begin with a question, those that the team has decided to ignore among them.",
			Formula:    "count of conversations that begin with a question",
			Source:     "CHAOSS Issues New, for questions", SourceURL: "https://chaoss.community/kb/metric-issues-new/",
		},
		{
			Name: "unanswered", Label: "Unanswered questions", Unit: UnitConversations, Total: true, sums: true, Lower: true, Entity: query.Conversations,
			compute: number(func(v *conversation) bool { return v.question() && v.state == stateOpen }),
			Definition: "Questions opened in the period that wait until now: nobody but their author has responded, the source does not call them " +
				"resolved and the team has not decided to ignore them.",
			Formula: "count of questions in the state open",
			Source:  responseSource, SourceURL: responseURL,
		},
		{
			Name: "answered_share", Label: "Answered", Unit: UnitShare, Total: true, Entity: query.Conversations, compute: portion(answered),
			Definition: "Of the questions opened in the period, the share with a response by somebody other than their author until now; bots do not " +
				"count as somebody. Ignored questions are left out. The interval is Wilson's, 95 %.",
			Formula: "questions with a response / questions",
			Source:  responseSource, SourceURL: responseURL,
		},
		{
			Name: "resolved_share", Label: "Resolved", Unit: UnitShare, Total: true, Entity: query.Conversations, compute: portion(resolved),
			Definition: "Of the questions opened in the period, the share that is resolved by now: the source calls it solved, accepted, merged or " +
				"closed. Ignored questions are left out. The interval is Wilson's, 95 %.",
			Formula: "resolved questions / questions",
			Source:  "CHAOSS Issue Resolution Duration", SourceURL: "https://chaoss.community/kb/metric-issue-resolution-duration/",
		},
	}
}

func responseCatalog() []Metric {
	const waiting = " over all questions opened in the period, those that still wait among them: a question without a response counts with the time " +
		"that it has been waiting until now or, where it was resolved without one, until then (Kaplan-Meier estimate, censored there). " +
		"There is no figure while too many wait for the estimate to get there. Ignored questions are left out. " +
		"Count is how many have a response, n how many questions there are."
	return []Metric{
		{
			Name: "time_to_first_response", Label: "Time to first response, median", Unit: UnitSeconds, Total: true, Lower: true,
			Entity: query.Conversations, compute: timeToResponse(0.5),
			Definition: "How long it takes until half of the questions have their first response by somebody other than the author," + waiting,
			Formula:    "smallest t with S(t) <= 0.5, S(t) = product over response times t_i <= t of (1 - d_i / n_i)",
			Source:     responseSource, SourceURL: responseURL,
		},
		{
			Name: "time_to_first_response_p90", Label: "Time to first response, 90th percentile", Unit: UnitSeconds, Total: true, Lower: true,
			Entity: query.Conversations, compute: timeToResponse(0.9),
			Definition: "How long it takes until nine in ten questions have their first response by somebody other than the author," + waiting,
			Formula:    "smallest t with S(t) <= 0.1, S(t) = product over response times t_i <= t of (1 - d_i / n_i)",
			Source:     responseSource, SourceURL: responseURL,
		},
		{
			Name: "response_within_target", Label: "Response within target", Unit: UnitShare, Total: true,
			Entity: query.Conversations, compute: portion(inTime),
			Definition: "Of all questions opened in the period, the share whose first response came within the target (24 hours unless set otherwise). " +
				"Questions that never got one count as missed; those that still wait and are younger than the target are not due yet and are left out, " +
				"as are ignored ones. The interval is Wilson's, 95 %.",
			Formula: "questions with first response - opened <= target / (questions - those not due yet)",
			Source:  responseSource, SourceURL: responseURL,
		},
	}
}
