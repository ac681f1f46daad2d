// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import "greenroom/internal/text"

// urgency is judged by cues, not learned: what is urgent differs little between communities, and a rule can be told to
// those who ask why they were woken.
func (r *reader) urgency(c text.Category, question bool) text.Urgency {
	has := func(list ...cue) bool {
		for _, k := range list {
			if r.found[k] > 0 {
				return true
			}
		}
		return false
	}
	switch c {
	case text.CategoryAnnouncement, text.CategoryIntroduction, text.CategoryJob, text.CategoryPraise:
		// Release notes name holes that they close, and offers end tonight.
		return text.UrgencyNone
	default:
	}
	if has(cueCalm) {
		return text.UrgencyNone
	}
	trouble := has(cueFault, cueFaultWord, cueBlocked, cueDislike) || c == text.CategoryBug
	calls := has(cueUrgent) || r.shouts
	switch {
	case has(cueOutage) && (trouble || calls || c != text.CategoryOther):
		return text.UrgencyNow
	case has(cueLoss) && c != text.CategoryFeature:
		return text.UrgencyNow
	case has(cueHole) && c != text.CategoryFeature && (c == text.CategoryBug || calls || trouble && !question):
		return text.UrgencyNow
	case calls && has(cueDeadline, cueBlocked) && (trouble || question), has(cueDeadline) && has(cueBlocked):
		return text.UrgencyNow
	case has(cueBlocked) && c != text.CategoryFeature, has(cueUrgent) && (question || trouble):
		return text.UrgencySoon
	case has(cueDeadline) && (question || trouble) && c != text.CategoryFeature && has(cueHelp, cueTry, cueFault, cueUrgent):
		return text.UrgencySoon
	case has(cueAgain) && (question || c == text.CategoryBug || c == text.CategoryQuestion):
		return text.UrgencySoon
	default:
		return text.UrgencyNone
	}
}
