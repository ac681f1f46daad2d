// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"
	"strings"

	"greenroom"
	"greenroom/internal/business"
)

// businessTypeName names the types of business data and accounts, some of which are called as others are.
func businessTypeName(t reflect.Type) (string, bool) {
	const path = "internal/business"
	named := func(name string) string {
		switch name {
		case "Account", "Reconciliation", "StageRule", "StageLine":
			return name
		case "View":
			return "AccountView"
		}
		return "Business" + name
	}
	if strings.HasSuffix(t.PkgPath(), path) {
		return named(t.Name()), true
	}
	if outer, inner, ok := strings.Cut(t.Name(), "["); ok && strings.Contains(inner, path+".") {
		inner = strings.TrimSuffix(inner, "]")
		return named(inner[strings.LastIndexByte(inner, '.')+1:]) + outer, true
	}
	return "", false
}

func businessEnums(all map[reflect.Type][]string) {
	enum(all, greenroom.DealOpen, greenroom.DealWon, greenroom.DealLost, "")
	enum(all, greenroom.SubscriptionTrial, greenroom.SubscriptionActive, greenroom.SubscriptionLate, greenroom.SubscriptionPaused, greenroom.SubscriptionEnded, greenroom.SubscriptionPending)
	enum(all, greenroom.Prospect, greenroom.Trial, greenroom.Customer, greenroom.Churned, "")
	enum(all, business.Healthy, business.Watch, business.AtRisk, business.Unknown)
}

// describeBusiness says what fields of accounts and business data are.
func describeBusiness(owner, name string) string {
	if doc := businessDocs[owner+"."+name]; doc != "" {
		return doc
	}
	switch owner {
	case "Account", "AccountView", "AccountDetail", "BusinessPatch", "AccountChange", "BusinessHealth", "BusinessReason", "BusinessNote", "StageRule", "StageLine", "BusinessSettings", "Reconciliation", "BusinessGroup",
		"BusinessDifference", "BusinessProblem", "Deal", "DealStep", "Ticket", "Subscription", "Recurring", "Lifecycle", "Phase", "Rate", "Stage":
		return businessDocs["."+name]
	}
	return ""
}

// businessDocs are the texts, by the type's and the field's name; without a type they hold for all of them.
var businessDocs = map[string]string{
	".active":            "Of these, active in the last 90 days.",
	".activity":          "Activities by week; the last is the seven days up to now.",
	".amount":            "In its currency; 0 = not told.",
	".at":                "When.",
	".at_risk":           "From how many points on an account is at risk.",
	".base":              "1 of this currency",
	".by":                "Who.",
	".cancels":           "It runs, and will not be renewed.",
	".chance_points":     "Their sum, at most 100.",
	".chances":           "Signals that it could buy more.",
	".closed":            "When it was closed.",
	".count":             "How many are here.",
	".currency":          "ISO 4217.",
	".day":               "The day.",
	".deal":              "The deal here, by number.",
	".deals":             "How many deals, or the deals.",
	".differences":       "Deals that are not the same on both sides.",
	".end":               "When it ended.",
	".expected":          "When it is expected to close.",
	".external_id":       "As the source calls it.",
	".factor":            "What the sum is multiplied by for a near renewal.",
	".features":          "What the plan includes.",
	".first_reply":       "Nanoseconds to the first reply.",
	".follow_up":         "The day of the next step.",
	".from":              "Where that is known from, or since when.",
	".groups":            "By stage and month.",
	".health":            "How it does, and why.",
	".history":           "The stages it went through, the oldest first.",
	".href":              "The address of the records behind it.",
	".id":                "The number.",
	".ids":               "The deals, by number.",
	".interval":          "Months that the amount is for.",
	".kind":              "What it is about.",
	".known":             "Whether the source tells enough to say what it brings.",
	".last_active":       "When somebody of it was last active.",
	".level":             "How it does.",
	".lifecycle":         "What the organization was to the business, and when.",
	".line":              "The line of the file.",
	".member":            "The person, by number.",
	".month":             "In which the deals were opened.",
	".mrr":               "What is paid a month.",
	".name":              "What it is called.",
	".next_step":         "What comes next, in words.",
	".open_questions":    "Questions that are open.",
	".open_tickets":      "Tickets that are open.",
	".opened":            "When it was opened.",
	".organization":      "The organization, by number.",
	".organization_name": "What the organization is called.",
	".origin":            "Who says so.",
	".owner":             "Who looks after it.",
	".paid_topics":       "Words by which a question is about what is paid for.",
	".people":            "Members of it.",
	".phases":            "The oldest first.",
	".pipeline":          "What open deals are worth, or the pipeline's name.",
	".points":            "From 0 to 100; more is worse for health, and better for chances.",
	".position":          "Order within the pipeline, from 1; 0 = not known.",
	".priority":          "In the source's words.",
	".probability":       "From 0 to 1, as the source tells it.",
	".problems":          "What could not be read or reckoned; it is in no sum.",
	".qualified":         "Whether it counts as qualified.",
	".qualified_at":      "When it was first qualified.",
	".reason":            "Why it was canceled.",
	".reasons":           "Each with its numbers.",
	".renewal":           "The next renewal.",
	".renewal_of":        "Which subscription renews.",
	".reopened":          "How often.",
	".reporting":         "The currency that everything is reported in.",
	".revenue":           "What it brought a month over time.",
	".said":              "What the source says it is.",
	".satisfaction":      "good, bad or not rated.",
	".says":              "What differs.",
	".seats":             "Seats that are paid for.",
	".seats_used":        "Seats that are used.",
	".seen":              "Deals that were in it at some time.",
	".snoozed":           "The last day on which it is left out of the lists.",
	".solved":            "Whether it is solved.",
	".source":            "The source, by name.",
	".source_id":         "The source, by number.",
	".stage":             "In the source's words.",
	".start":             "When it began.",
	".state":             "What it means.",
	".state_from":        "Where that is known from: rule, source, name or nothing.",
	".suggested":         "What the name suggests.",
	".sum":               "The sum of the reasons, or of the amounts.",
	".text":              "In words.",
	".theirs":            "By the source's export; -1 = none was given.",
	".theirs_sum":        "By the source's export.",
	".to":                "Until when; left out = it lasts.",
	".trial_end":         "When the trial ends or ended.",
	".trial_start":       "When the trial began.",
	".type":              "In the source's words.",
	".usage":             "Product usage by week, or the share of what the plan allows that is used.",
	".value":             "is so many of the other.",
	".version":           "Grows with each change.",
	".why":               "How that was reckoned, or what is missing.",
}
