// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"greenroom"
	"greenroom/internal/query"
)

// The sources of the definitions below.
const (
	spacesSource     = "SPACES (David Spinks, CMX), Contribution"
	spacesURL        = "https://www.cmxhub.com/blog/the-spaces-model"
	contributorsURL  = "https://chaoss.community/kb/metric-contributors/"
	contributedKinds = "replies, answers, comments, issues, pull requests, merges, reviews, commits, pushes, releases and wiki edits"
)

// contributes reports whether a kind gives something to others or to what is built, beyond being there.
func contributes(k greenroom.Kind) bool {
	switch k {
	case greenroom.KindIssue, greenroom.KindPullRequest, greenroom.KindMerge, greenroom.KindCommit, greenroom.KindPush, greenroom.KindRelease, greenroom.KindWiki:
		return true
	default:
		return isReply(k)
	}
}

// posts reports whether a kind is something that was written for others to read.
func posts(k greenroom.Kind) bool { return k.Info().Opens || k.Info().Answers }

func contributionCatalog() []Metric {
	return []Metric{
		{
			Name: "contributors", Label: "Contributors", Unit: UnitMembers, Total: true, compute: active, only: contributes,
			Definition: "Members who contributed in the period: " + contributedKinds + " are contributions; opening a conversation, reacting or following is none.",
			Formula:    "distinct members with a contribution in the period",
			Source:     "CHAOSS Contributors; CHAOSS Types of Contributions", SourceURL: contributorsURL,
		},
		{
			Name: "new_contributors", Label: "New contributors", Unit: UnitMembers, Total: true, compute: newcomers, whole: true, only: contributes,
			Definition: "Members whose first contribution (that fits the query) lies in the period; " + contributedKinds + " are contributions. " +
				"The range is widened to whole periods.",
			Formula: "distinct members with start of period <= first contribution < end of period",
			Source:  "CHAOSS New Contributors", SourceURL: "https://chaoss.community/kb/metric-new-contributors/",
		},
		{
			Name: "occasional_contributors", Label: "Occasional contributors", Unit: UnitMembers, Total: true, compute: occasional, only: contributes,
			Definition: "Members with one to three contributions in the period; " + contributedKinds + " are contributions. CHAOSS leaves the line to " +
				"each community, so this one is ours. Count is those few, n all contributors.",
			Formula: "distinct members with 1 <= contributions in the period <= 3",
			Source:  "CHAOSS Occasional Contributors", SourceURL: "https://chaoss.community/kb/metric-occasional-contributors/",
		},
		{
			Name: "helpers", Label: "Helpers", Unit: UnitMembers, Total: true, compute: active, only: isReply,
			Definition: "Members who replied to, answered, commented on or reviewed what somebody wrote, in the period.",
			Formula:    "distinct members with a reply, answer, comment or review in the period",
			Source:     "CHAOSS Contributors, for those who respond", SourceURL: contributorsURL,
		},
		{
			Name: "elephant_factor", Label: "Elephant factor", Unit: UnitOrganizations, Total: true, compute: elephant, only: contributes,
			Definition: "The smallest number of organizations whose members together made half of the period's contributions, among contributions by " +
				"members whose organization is known. The lower it is, the more depends on few companies. n is how many organizations contributed. " +
				contributedKindsUpper + " are contributions.",
			Formula: "smallest k with the sum of the k greatest numbers of contributions by organization >= 50 % of all by organizations",
			Source:  "CHAOSS Elephant Factor", SourceURL: "https://chaoss.community/kb/metric-elephant-factor/",
		},
		{
			Name: "member_share", Label: "Posts by members", Unit: UnitShare, Total: true, compute: memberShare, only: posts,
			Definition: "Of all posts and responses of the period by members and the team, the share that members wrote. Bots are left out. SPACES names 50 % as " +
				"where a community begins to carry itself and 80 % as where it does. The interval is Wilson's, 95 %.",
			Formula: "posts by members / (posts by members + posts by the team)",
			Source:  spacesSource, SourceURL: spacesURL,
		},
	}
}

const contributedKindsUpper = "Replies, answers, comments, issues, pull requests, merges, reviews, commits, pushes, releases and wiki edits"

func careCatalog() []Metric {
	return []Metric{
		{
			Name: "answered_by_members", Label: "Answered by members", Unit: UnitShare, Total: true, Entity: query.Conversations, compute: portion(byMembers),
			Definition: "Of the questions opened in the period that have a response by now, the share whose first response came from a member and not from the " +
				"team. Bots count as neither, ignored questions are left out. The interval is Wilson's, 95 %.",
			Formula: "questions first answered by a member / questions with a response",
			Source:  spacesSource, SourceURL: spacesURL,
		},
		{
			Name: "time_to_resolution", Label: "Time to resolution, median", Unit: UnitSeconds, Total: true, Lower: true, Entity: query.Conversations, compute: timeToResolution,
			Definition: "How long it takes until half of the questions opened in the period are resolved: the source calls them solved, accepted, merged or closed. " +
				"Questions that are not resolved count with the time that has passed until now (Kaplan-Meier estimate, censored there); there is no figure " +
				"while too few are. Ignored questions, and resolved ones of which the source does not say when, are left out. Count is how many are resolved.",
			Formula: "smallest t with S(t) <= 0.5, S(t) = product over resolution times t_i <= t of (1 - d_i / n_i)",
			Source:  "CHAOSS Issue Resolution Duration; Kaplan and Meier 1958", SourceURL: "https://chaoss.community/kb/metric-issue-resolution-duration/",
		},
	}
}
