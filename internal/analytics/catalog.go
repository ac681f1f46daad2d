// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"strings"
	"sync"

	"greenroom"
	"greenroom/internal/query"
)

// Unit is the unit of a metric's values.
type Unit string

// The units. Shares are from 0 to 1, a difference of shares from -1 to 1.
const (
	UnitMembers       Unit = "members"
	UnitActivities    Unit = "activities"
	UnitConversations Unit = "conversations"
	UnitShare         Unit = "share"
	UnitSeconds       Unit = "seconds"
	UnitOrganizations Unit = "organizations"
)

// Metric is a named measure.
type Metric struct {
	Name  string // as queries, the API and the command line write it
	Label string // as pages write it
	// Version grows when the definition changes; figures of different versions do not compare.
	Version    int
	Unit       Unit
	Definition string // in words for its readers
	Formula    string
	Source     string // where the definition is from
	SourceURL  string
	// Entity is what a request's query is about, and Breakdowns by what the metric can be broken down.
	Entity     query.Entity
	Breakdowns []Dimension
	Lower      bool // a lower value is the better one
	Total      bool // can be computed over one period that is as long as the range

	compute  func(c *calc) ([]Point, error)
	about    *about                      // only messages that say this; nil = all
	upper    *about                      // of a share: what its upper number counts; nil = as about, or as the metric's name says
	only     func(k greenroom.Kind) bool // the kinds of activity that it is about; nil = all
	whole    bool                        // compares whole periods: the range is widened to them
	sums     bool                        // figures of all groups add up
	compares bool                        // counts members: figures add up over groups that share no member
}

// The metrics that something is done for which no other one needs: members looks at all time, activities is asked for by
// every page that shows sources.
const (
	nameMembers    = "members"
	nameActivities = "activities"
)

// Lookup finds a metric by name, without regard to case and with - for _.
func Lookup(name string) (*Metric, error) {
	want := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	all := whole()
	names := make([]string, len(all))
	for i := range all {
		if all[i].Name == want {
			m := all[i]
			return &m, nil
		}
		names[i] = all[i].Name
	}
	return nil, greenroom.Errorf(greenroom.CodeNotFound, "there is no metric %q; there are %s", name, strings.Join(names, ", "))
}

// Catalog lists every metric, in the order in which they are explained.
func Catalog() []Metric { return slices.Clone(whole()) }

// whole is the catalog, made once.
var whole = sync.OnceValue(func() []Metric { //nolint:gochecknoglobals // it is made once and never changed
	var all []Metric
	for _, part := range [][]Metric{memberCatalog(), rhythmCatalog(), activityCatalog(), contributionCatalog(), conversationCatalog(), responseCatalog(), saidCatalog(), careCatalog()} {
		all = append(all, part...)
	}
	for i := range all {
		m := &all[i]
		m.Breakdowns = Dimensions()
		m.compares = m.Unit == UnitMembers && m.Name != "contributor_concentration"
		if m.Entity == "" {
			m.Entity = query.Activities
		}
		if m.Version == 0 {
			m.Version = 1
		}
	}
	return all
})

// The sources that more than one definition goes by.
const (
	growthSource   = "Growth accounting; CHAOSS New Contributors and Inactive Contributors"
	growthURL      = "https://chaoss.community/kb/metric-new-contributors/"
	responseSource = "CHAOSS Time to First Response; Kaplan and Meier 1958 for those that still wait"
	responseURL    = "https://chaoss.community/kb/metric-time-to-first-response/"
	absenceSource  = "CHAOSS Contributor Absence Factor (formerly Bus Factor)"
	absenceURL     = "https://chaoss.community/kb/metric-contributor-absence-factor/"
	rhythmSource   = "DAU/MAU as in Discourse, over 28 days so that every weekday counts alike"
	rhythmURL      = "https://github.com/discourse/discourse/blob/main/app/models/concerns/reports/dau_by_mau.rb"
	cohortSource   = "N-th period retention (Mixpanel), cohorts counted where they have got to (Amplitude)"
	cohortURL      = "https://help.mixpanel.com/hc/en-us/articles/360045484191-Advanced-Retention-Functionality"
)

func memberCatalog() []Metric {
	return []Metric{
		{
			Name: nameMembers, Label: "Members", Unit: UnitMembers, Total: true, compute: membersKnown,
			Definition: "Members who are known at the end of the period: those who have been active by then, or whose account was made by then. " +
				"With a query on activities, those who have an activity that fits by then.",
			Formula: "distinct members with min(first activity, joined) < end of period",
			Source:  "CHAOSS Contributors", SourceURL: "https://chaoss.community/kb/metric-contributors/",
		},
		{
			Name: "new_members", Label: "New members", Unit: UnitMembers, Total: true, compute: newcomers, whole: true,
			Definition: "Members whose first activity (that fits the query) lies in the period. The range is widened to whole periods.",
			Formula:    "distinct members with start of period <= first activity < end of period",
			Source:     growthSource, SourceURL: growthURL,
		},
		{
			Name: "active_members", Label: "Active members", Unit: UnitMembers, Total: true, compute: active,
			Definition: "Members with at least one activity in the period.",
			Formula:    "distinct members with an activity in the period",
			Source:     growthSource, SourceURL: growthURL,
		},
		{
			Name: "returning_members", Label: "Returning members", Unit: UnitMembers, Total: true, compute: returning, whole: true,
			Definition: "Members active in the period and in the one before. The range is widened to whole periods.",
			Formula:    "|A(t) and A(t-1)|, A(t) being who was active in period t",
			Source:     growthSource, SourceURL: growthURL,
		},
		{
			Name: "resurrected_members", Label: "Resurrected members", Unit: UnitMembers, Total: true, compute: resurrected, whole: true,
			Definition: "Members active in the period and at some time before, but not in the period before it. " +
				"Active members are new, returning or resurrected. The range is widened to whole periods.",
			Formula: "|A(t) and (A(0) or ... or A(t-2)) without A(t-1)|",
			Source:  growthSource, SourceURL: growthURL,
		},
		{
			Name: "gone_quiet", Label: "Gone quiet", Unit: UnitMembers, Total: true, Lower: true, compute: goneQuiet, whole: true,
			Definition: "Members active in the period before and not in this one. The range is widened to whole periods; while a period is not over, " +
				"the figure can only fall.",
			Formula: "|A(t-1) without A(t)|",
			Source:  growthSource, SourceURL: growthURL,
		},
		{
			Name: "retention", Label: "Retention", Unit: UnitShare, compute: retention, whole: true,
			Definition: "Of the members who were first active in one period (the cohort), the share active in exactly the n-th period after it. " +
				"Periods are those of the calendar; only periods that have begun are shown, and one that is not over is marked partial. " +
				"The interval is Wilson's, 95 %. The range is widened to whole periods.",
			Formula: "|cohort and A(t+n)| / |cohort|",
			Source:  cohortSource, SourceURL: cohortURL,
		},
	}
}

func rhythmCatalog() []Metric {
	rolling := func(name, label string, days int, words string) Metric {
		return Metric{
			Name: name, Label: label, Unit: UnitMembers, Total: true, compute: rollingActive(days),
			Definition: "Members active in the " + words + " that end with the last day of the period. While the period is not over, with today.",
			Formula:    "distinct members active on the days d-" + daysBefore(days) + " to d, d being the last day of the period",
			Source:     rhythmSource, SourceURL: rhythmURL,
		}
	}
	return []Metric{
		{
			Name: "daily_active", Label: "Active on the day", Unit: UnitMembers, Total: true, compute: rollingActive(1),
			Definition: "Members active on the last day of the period. While the period is not over, today.",
			Formula:    "distinct members active on day d, d being the last day of the period",
			Source:     rhythmSource, SourceURL: rhythmURL,
		},
		rolling("weekly_active", "Active in 7 days", 7, "7 days"),
		rolling("monthly_active", "Active in 28 days", monthDays, "28 days"),
		{
			Name: "stickiness", Label: "Stickiness", Unit: UnitShare, Total: true, compute: stickiness,
			Definition: "How much of a month's membership comes on a day: the mean of the daily shares of members active that day among those active " +
				"in the 28 days up to it. Days that are not over, or on whose window nobody was active, are left out.",
			Formula: "mean over the period's days d of DAU(d) / MAU28(d)",
			Source:  rhythmSource, SourceURL: rhythmURL,
		},
	}
}

func daysBefore(days int) string {
	if days == monthDays {
		return "27"
	}
	return "6"
}
