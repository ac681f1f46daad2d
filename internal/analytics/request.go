// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"iter"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Request asks for one metric.
type Request struct {
	Metric string
	// From and To are the range; To is the first moment that is not in it.
	From, To    time.Time
	Granularity Granularity
	// Zone is the time zone in which days begin; nil is UTC.
	Zone *time.Location
	// Query narrows what counts; nil is everything. It is about the metric's Entity.
	Query *query.Query
	// Segment narrows whose activities count: a query about members; nil is everybody.
	Segment *query.Query
	// Breakdown asks for a series for each value; "" is one series for all.
	Breakdown Dimension
	Options   Options
}

// Options change what a metric counts. The zero value is the default.
type Options struct {
	Staff  bool          // count the team too
	Bots   bool          // count bots too
	Target time.Duration // for response_within_target; 0 = DefaultTarget
	By     Responder     // whose first response counts; "" = anybody's
	Groups int           // with a breakdown: how many groups at most; 0 = DefaultGroups
}

// The defaults of Options.
const (
	DefaultTarget = 24 * time.Hour
	DefaultGroups = 8
	maxGroups     = 100
)

// Responder says whose response is meant.
type Responder string

// The responders. Bots are none.
const (
	ByAnybody Responder = ""
	ByStaff   Responder = "staff"  // the team
	ByMember  Responder = "member" // somebody who is not of the team
)

// Dimension is what a metric can be broken down by.
type Dimension string

// The dimensions.
const (
	BySource       Dimension = "source"
	ByChannel      Dimension = "channel"
	ByKind         Dimension = "kind"
	ByOrganization Dimension = "organization"
	ByCountry      Dimension = "country"
	ByTag          Dimension = "tag"
	ByCategory     Dimension = "category"  // of messages that were read
	BySentiment    Dimension = "sentiment" // likewise
)

// Dimensions lists them.
func Dimensions() []Dimension {
	return []Dimension{BySource, ByChannel, ByKind, ByOrganization, ByCountry, ByTag, ByCategory, BySentiment}
}

// OtherGroup is the group of everything that is in none of the groups shown.
const OtherGroup = "other"

// Result is the answer to a Request.
type Result struct {
	Name    string    `json:"name"`
	Version int       `json:"version"`
	Unit    Unit      `json:"unit"`
	Series  []Point   `json:"series"`
	LeftOut LeftOut   `json:"left_out"`
	AsOf    time.Time `json:"as_of"` // what has happened later, or was imported later, is not in it
}

// Point is one figure of a series.
type Point struct {
	From    time.Time `json:"from"` // the period, or the cohort's first period
	To      time.Time `json:"to"`
	Group   string    `json:"group,omitempty"`    // with a breakdown: the value, as a query writes it
	GroupID int64     `json:"group_id,omitempty"` // of an organization
	Offset  *int      `json:"offset,omitempty"`   // for retention: periods after the cohort's own
	Value   *float64  `json:"value"`              // nil: there is no such figure, for want of cases
	Low     *float64  `json:"low,omitempty"`      // 95 % interval, where the metric has one
	High    *float64  `json:"high,omitempty"`
	Count   int64     `json:"count"` // what was counted: of a share its upper number
	N       int64     `json:"n"`     // how many cases the figure rests on: of a share its lower number
	// Partial tells that the period is not over yet, or that the range cuts it.
	Partial bool `json:"partial,omitempty"`
}

// LeftOut counts members who would have counted, but for what they are.
type LeftOut struct {
	Staff    int64 `json:"staff"`
	Bots     int64 `json:"bots"`
	Hidden   int64 `json:"hidden"`
	Contacts int64 `json:"contacts"`
}

// Members answers conditions on members, their organizations and authors; the record store does.
type Members interface {
	// IdentitySet returns the ids of the identities whose member fits. Node is a condition on members (a segment), or
	// one term of another query: on members, on organizations, or author.
	IdentitySet(ctx context.Context, node query.Node) ([]int64, error)
}

// Finder answers conditions that the columns cannot: free text, titles, ids and the like; the record store does.
type Finder interface {
	// ActivityIDs yields the ids of the activities that fit, deleted ones left out.
	ActivityIDs(ctx context.Context, node query.Node) iter.Seq2[int64, error]
	// ConversationIDs yields the ids of the conversations that fit.
	ConversationIDs(ctx context.Context, node query.Node) iter.Seq2[int64, error]
}

// FactReader reads activities by id; the projection does.
type FactReader interface {
	// FactsByID returns the activities that have one of the ids.
	FactsByID(ctx context.Context, ids []int64) (*Facts, error)
}

// Names says what breakdowns are called; the record store does.
type Names interface {
	OrganizationNames(ctx context.Context, ids []int64) (map[int64]string, error)
	// MemberTags lists every tag that a member carries.
	MemberTags(ctx context.Context) ([]Tag, error)
}

// valid checks a request and fills in its defaults.
func (r *Request) valid(m *Metric) error {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.Options.Target == 0 {
		r.Options.Target = DefaultTarget
	}
	if r.Options.Groups == 0 {
		r.Options.Groups = DefaultGroups
	}
	r.From, r.To = r.From.In(r.Zone), r.To.In(r.Zone)
	invalid := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	switch {
	case !contains(Granularities(), r.Granularity):
		return invalid("there is no granularity %q; choose one of %s", r.Granularity, listed(Granularities()))
	case r.Granularity == Total && !m.Total:
		return invalid("%s needs periods; choose day, week, month or quarter", m.Name)
	case r.Breakdown != "" && !contains(m.Breakdowns, r.Breakdown):
		return invalid("%s cannot be broken down by %q; choose one of %s", m.Name, r.Breakdown, listed(m.Breakdowns))
	case r.Options.Groups < 1 || r.Options.Groups > maxGroups:
		return invalid("the number of groups must be from 1 to %d, not %d", maxGroups, r.Options.Groups)
	case r.Options.Target < 0:
		return invalid("the target must be a length of time above zero")
	case r.Options.By != ByAnybody && r.Options.By != ByStaff && r.Options.By != ByMember:
		return invalid("a response is by staff or by a member, not by %q", r.Options.By)
	}
	return nil
}
