// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"
	"strings"
)

// healthTypeName names the components of health: types of several small packages whose plain names say too little.
func healthTypeName(t reflect.Type) string {
	for _, p := range [][2]string{{"internal/health", "Health"}, {"internal/orbit", "Orbit"}, {"internal/impact/noise", "Noise"}} {
		if strings.HasSuffix(t.PkgPath(), p[0]) {
			return p[1] + t.Name()
		}
	}
	return t.Name()
}

// healthDocs says what the fields of health are.
func healthDocs() map[string]string {
	return map[string]string{
		"HealthBoard":                   "How the community is, by purpose (SPACES).",
		"HealthPurpose":                 "One of the six things that a community can be for.",
		"HealthPurpose.letter":          "Its letter in SPACES.",
		"HealthPurpose.asks":            "The question that its figures answer.",
		"HealthItem":                    "One figure of the board.",
		"HealthItem.query":              "What counts, where the metric is narrowed.",
		"HealthItem.note":               "What of the query is known only as of today, and so in past periods, too.",
		"HealthItem.season":             "The same step at the same point of earlier seasons; left out where less than a season is known.",
		"HealthMovement":                "How a metric moved in its last whole period.",
		"HealthMovement.says":           "The change as a sentence.",
		"HealthMovement.query":          "What counts, where the metric is narrowed.",
		"HealthMovement.season":         "The same step at the same point of earlier seasons; left out where less than a season is known.",
		"HealthSeason":                  "The same step at the same point of earlier seasons.",
		"HealthSeason.every":            "After how long the season comes again: year, or for days week.",
		"HealthSeason.from":             "Where the same period a season ago begins.",
		"HealthSeason.then":             "The figure of that period; for days the mean of the same weekdays.",
		"HealthSeason.then_before":      "The figure of the period before that one; for days likewise.",
		"HealthSeason.then_change":      "The change of then_before to then as a share; of shares, the difference.",
		"HealthSeason.seasons":          "On how many earlier seasons the verdict rests; 0 = there are too few, and the verdict knows no season.",
		"HealthSeason.says":             "The same as a sentence.",
		"HealthSeason.records":          "The query that lists what was counted a season ago.",
		"HealthBetween":                 "A member over whom the shortest ways between other members lead (betweenness).",
		"HealthBetween.pairs":           "Pairs of other members whose shortest way leads over them; where several are as short, in parts.",
		"HealthBetween.share":           "Of all pairs of other members, from 0 to 1.",
		"HealthNetwork.between":         "Over whom most ways lead.",
		"HealthNetwork.between_sampled": "The ways of so many members were followed, and scaled up; 0 = of all.",
		"HealthComparison.note":         "What the groups are, where it is not plain, and what of the queries or groups is known only as of today, and so in past periods, too.",
		"HealthComparison":              "Groups side by side.",
		"HealthGroup":                   "One group of a comparison.",
		"HealthFunnel":                  "How far members come.",
		"HealthFunnelStep":              "One step of a funnel.",
		"HealthFunnelGroup":             "The funnel of some of the members.",
		"HealthFunnelStay":              "A member who got to a step and no further.",
		"HealthFunnel.groups":           "With by: the largest groups first, or the latest months.",
		"HealthFunnel.members":          "With at: who got to that step and no further, the latest first, 100 at most.",
		"HealthFunnelStep.low":          "The lower end of its Wilson 95 % interval.",
		"HealthFunnelStep.high":         "The upper end of its Wilson 95 % interval.",
		"HealthFunnelStep.share":        "Of those at the step before, from 0 to 1.",
		"HealthFunnelStay.since":        "When they took their last step that has a time.",
		"HealthFunnelStep.members":      "Who got here.",
		"HealthPath":                    "A way on which members begin.",
		"HealthPath.steps":              "The first five kinds of activity or channels; what comes several times in a row counts once.",
		"HealthPath.members":            "How many began so.",
		"HealthPath.share":              "Of all who began in the last year, from 0 to 1.",
		"HealthPaths":                   "How members begin.",
		"HealthNetwork":                 "Who answered whom in the last year.",
		"HealthNetwork.since":           "From when on answers count.",
		"HealthNetwork.members":         "How many answered somebody or were answered.",
		"HealthHelper":                  "A member who answers others.",
		"HealthBridge":                  "A member who is active in channels that few others connect.",
		"HealthBridge.value":            "Over the pairs of their channels: 1 / how many members are active in both.",
		"HealthBridge.channels":         "The channels in which they are active.",
		"HealthStep":                    "One step on the way from a member to another.",
		"HealthStep.last":               "When they last answered each other.",
		"HealthOrbit":                   "The Orbit model of the community, in both versions.",
		"HealthOrbit.model":             "The weights by which members are placed.",
		"HealthOrbitPeriod":             "What became of the levels in a period.",
		"HealthOrbitPeriod.count":       "Members on levels 1 to 4 at its end; index 0 is unused.",
		"HealthOrbitPeriod.gravity":     "The change in weighted commitment for each member at its start; null where there was none.",
		"HealthOrbitV1":                 "Version 1 of the Orbit model.",
		"HealthOrbitV1.gravity":         "The sum over all members of love × reach.",
		"HealthOrbitV1.love":            "The love of all members together.",
		"HealthOrbitV1.model":           "The weights of love.",
		"HealthQuiet":                   "Members who are silent for longer than is usual for them.",
		"HealthSilent":                  "A member who is silent for longer than is usual for them.",
		"HealthSilent.value":            "By what the list is ordered: active days × how overdue, three times at most.",
		"HealthSilent.says":             "The same as a sentence.",
		"HealthSilent.last_active":      "The last active day.",
		"HealthMove":                    "A member whose level or step would change.",
		"HealthMove.before":             "The value now.",
		"HealthMove.after":              "The value by the changed weights.",
		"HealthPreview":                 "What changed weights would do.",
		"HealthPreview.before":          "Members on levels 1 to 4 now; index 0 is unused.",
		"HealthPreview.after":           "Members on levels 1 to 4 by the changed weights; index 0 is unused.",
		"HealthPreview.up":              "How many would move inward.",
		"HealthPreview.down":            "How many would move outward.",
		"HealthPreview.model":           "The changed weights.",
		"HealthWhy":                     "What made a member's score.",
		"HealthWhy.model":               "The weights.",
		"HealthWhy.from":                "Since when activities count.",
		"HealthWhy.level":               "The name of the level.",
		"HealthWhy.score":               "The score.",
		"HealthWhy.weight":              "The position that the weightiest activity gives, under Orbit's version 2.",
		"HealthWhy.presence":            "The position that presence gives, under Orbit's version 2.",
		"HealthWhy.days":                "What presence rests on.",
		"HealthWhy.kinds":               "What each kind of activity adds.",
		"HealthKindWorth":               "What the activities of a kind add to a score.",
		"HealthKindWorth.kind":          "The kind of activity.",
		"HealthKindWorth.count":         "How many there are.",
		"HealthKindWorth.last":          "When the last one happened.",
		"HealthScores":                  "What the scores of a member are, and why.",
		"OrbitModel":                    "A version of the weights of a score.",
		"OrbitModel.name":               "What fields of queries go by: orbit (level), love or points.",
		"OrbitModel.version":            "0 = as Greenroom comes; when it is sent, the version that it was made from.",
		"OrbitModel.presence":           "Members reach levels by how often they are there, too; orbit only.",
		"OrbitGravity":                  "What the moves of members make of weighted commitment.",
		"OrbitGravity.members":          "How many there were at the start: what the change is divided by.",
		"OrbitFlow":                     "Where members went in a period. Lists are by level, index 0 is unused.",
		"OrbitPresence":                 "In how many periods a member reached each milestone of presence.",
		"NoiseVerdict":                  "Whether a difference is more than noise.",
		"NoiseVerdict.test":             "The test; empty where there is too little to test.",
		"NoiseVerdict.says":             "The same as a sentence.",
		"Score":                         "What a model of scores makes of a member.",
		"Score.model":                   "The model: orbit, love, points or rhythm.",
		"Score.value":                   "Love or points; of orbit the weightiest activity.",
		"ScoreVersion":                  "A version of a score that the team has saved.",
		"ScoreVersion.note":             "Why it was saved.",
		"ScoreVersion.by":               "Who saved it.",
		"ScoreVersion.at":               "When it was saved.",
		"ScoreVersion.name":             "The score.",
		"ScoreVersion.version":          "The number of the version.",
	}
}

// healthFields says what fields are that mean the same in every type of health.
func healthFields() map[string]string {
	return map[string]string{
		"purposes": "The purposes, in the order of SPACES.", "items": "The figures.", "metric": "The metric's name.", "label": "Its name for people.", "unit": "The unit of the values. Shares are from 0 to 1.",
		"lower_is_better": "A lower value is the better one.", "value": "The figure; null where there is none.", "low": "The lower end of the 95 % interval.", "high": "The upper end of the 95 % interval.",
		"previous": "The figure of the period before.", "change": "The change as a share of the figure before; of shares, the difference.", "noise": "Whether the change is more than noise; verdicts that stand together are corrected for how many they are.",
		"series": "The figures of the periods up to this one.", "records": "The query that lists what was counted.", "entity": "What that query is about.", "by": "How long the periods are.", "from": "Where the period begins.", "to": "The first moment that is no longer in it.",
		"across": "What the groups are.", "groups": "The groups.", "between": "Whether the first two groups differ over all periods by more than noise.", "against_the_others": "Whether the group differs from all the others of the period; shares only.", "n": "How many cases the figure rests on.",
		"name": "The name.", "member": "The member's id.", "within_days": "In how many days of the first step the others had to be taken; 0 = any time.", "steps": "The steps.", "at": "The step whose members are listed.", "step": "The step as it was written; of a score, 1 to 3 within the level.",
		"no_further": "Who got here and no further.", "share_of_first": "Of those at the first step, from 0 to 1.", "median_days": "Days from the step before, of those who took it; null where the step has no time.", "state": "It is a state of today and has no time.",
		"connections": "Pairs of members who answered each other, in either direction.", "density": "The share of possible connections that there are.", "reciprocity": "The share of connections in which each has answered the other.", "total_reach": "The strengths of all connections together.",
		"helpers": "Who answers most.", "bridges": "Who connects channels that few connect.", "unanswered_newcomers": "What newcomers began and nobody answered, the latest first.", "unanswered_total": "How many of these there are.", "unanswered_query": "The query that lists them.",
		"staff": "Of the team.", "answers": "How often they answered others.", "helped": "How many others they answered.", "first_responses": "To how many questions they gave the first response.", "degree": "To how many they are connected.", "reach": "The strengths of their connections together (Orbit, version 2).", "last": "When they answered last.",
		"channels": "What is done in a channel counts so many times.", "only_link": "Pairs of channels that nobody else connects.", "strength": "Of the connection to the one before; 0 of the first.", "times": "How often the two have answered each other.",
		"now": "Members on levels 1 to 4 today; index 0 is unused.", "team": "The same of the team, who are in none of the other figures.", "periods": "The last periods, the oldest first.", "version_1": "Version 1 of the model.", "partial": "The period is not over.", "flow": "Where members went.",
		"gravity_of_those_who_stayed": "Gravity over those alone who were on a level at both ends.", "members_with_reach": "Of how many the team has set the field reach; that of others is 1.",
		"organization": "The member's organization.", "usual_days": "Median days between two active days.", "long_days": "Nine in ten of their gaps were no longer.", "silent_days": "Days since the last active one.", "active_days": "Active days of the last two years.",
		"level": "1 (innermost) to 4; 0 = none.", "level_before": "The level now; 0 = none.", "level_after": "The level by the changed weights.", "step_before": "The step within the level now.", "step_after": "The step by the changed weights.",
		"same": "How many would stay.", "moves": "Who would move, the greatest moves first, 200 at most.", "worth": "What they add together; under Orbit's version 2 the weight of one.", "due": "From then on the silence is longer than usual.",
		"rule": "How it scores: orbit_v2, orbit_v1 or points.", "weights": "The weight of each kind of activity; one that is not named weighs nothing.", "half_life_days": "After how many days points are worth half; 0 = they keep their worth.", "look_back_days": "How many days count; 0 = all.",
		"interval": "When members can fall to a lower level: at the start of each month, quarter or year.", "thresholds": "The values from which a member is on level 1, 2 and 3.",
		"weeks": "Weeks with two active days or more.", "months": "Months with seven or more.", "quarters": "Quarters with thirty or more.",
		"commitment_before": "Weighted commitment at the start.", "commitment_after": "Weighted commitment at the end.", "joined": "Who came onto a level from none.", "left": "Who fell off all levels.", "joined_change": "What those who came add to the change.", "left_change": "What those who left take from it.",
		"start": "Members on each level at the start.", "end": "Members on each level at the end.", "up": "Who moved inward, by the level at the start.", "held": "Who stayed.", "down": "Who moved outward or fell off.", "commitment": "What the moves make of weighted commitment.",
		"test": "The test.", "p": "How often chance alone makes such a difference or a greater one.", "more_than_noise": "p is below 0.05.", "note": "Why.",
	}
}

// describeHealth says what a field of health is; "" for other types.
func describeHealth(owner, name string) string {
	for _, prefix := range []string{"Health", "Orbit", "Noise", "Score"} {
		if strings.HasPrefix(owner, prefix) {
			return healthFields()[name]
		}
	}
	return ""
}
