// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// fields are what a source tells beyond the columns, by names in lower case with single spaces: "Trial_End" is "trial end".
type fields map[string]string

func read(f map[string]string) fields {
	all := make(fields, len(f))
	for name, v := range f {
		name = strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
		if v = strings.TrimSpace(v); v != "" && all[name] == "" {
			all[name] = v
		}
	}
	return all
}

func (f fields) text(names ...string) string {
	for _, n := range names {
		if v := f[n]; v != "" {
			return v
		}
	}
	return ""
}

func (f fields) number(names ...string) (v float64, ok bool) {
	text := strings.ReplaceAll(f.text(names...), ",", "")
	v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), "%"), 64)
	return v, err == nil && v == v && v < 1e15 && v > -1e15
}

func (f fields) day(names ...string) time.Time { return ParseDay(f.text(names...)) }

// ParseDay reads a day or a time in the forms that business systems write; zero for what is none.
func ParseDay(text string) time.Time {
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05.000-0700", "2006/01/02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// probability is told in percent by some and as a share by others.
func (f fields) probability() *float64 {
	v, ok := f.number("probability", "win probability")
	if !ok || v < 0 {
		return nil
	}
	if v > 1 || strings.HasSuffix(f.text("probability", "win probability"), "%") {
		v /= 100
	}
	return &v
}

// Deal reads a business record of type "deal".
func Deal(r *greenroom.BusinessRecord, rules Stages) greenroom.Deal {
	f := read(r.Fields)
	d := greenroom.Deal{
		ID: r.ID, SourceID: r.SourceID, Source: r.Source, ExternalID: r.ExternalID, Organization: r.OrganizationID, OrganizationName: r.Organization, Member: r.MemberID,
		Name: r.Name, Pipeline: f.text("pipeline"), Type: f.text("deal type", "type"), Owner: f.text("owner", "deal owner", "owner email"), Stage: r.Stage,
		Amount: r.Amount, Currency: r.Currency, Probability: f.probability(), Opened: r.OpenedAt, Expected: f.day("expected close", "close date", "expected"),
	}
	means := rules.meaning(r.SourceID, d.Pipeline, r.Stage, d.Probability)
	d.State, d.StateFrom, d.Position = means.State, means.from, means.Position
	if said := greenroom.DealState(strings.ToLower(f.text("state"))); d.StateFrom != greenroom.StateByRule && said.Valid() {
		d.State, d.StateFrom = said, greenroom.StateBySource
	}
	for _, s := range history(r) {
		m := rules.meaning(r.SourceID, d.Pipeline, s.Name, nil)
		d.History = append(d.History, greenroom.DealStep{Stage: s.Name, At: s.At, State: m.State, Position: m.Position, Qualified: m.Qualified})
		if m.Qualified && d.QualifiedAt.IsZero() {
			d.QualifiedAt = s.At
		}
	}
	d.Qualified = means.Qualified || !d.QualifiedAt.IsZero() || d.State == greenroom.DealWon
	switch d.State {
	case greenroom.DealOpen:
		if d.Expected.IsZero() {
			d.Expected = r.ClosedAt
		}
	default:
		d.Closed = r.ClosedAt
		if d.Closed.IsZero() { // when it came to the stage in which it is
			for _, s := range slices.Backward(d.History) {
				if s.State != d.State {
					break
				}
				d.Closed = s.At
			}
		}
	}
	return d
}

// meaning is what a stage means, and where that is known from.
type meaning struct {
	StageRule
	from string
}

func (s Stages) meaning(source int64, pipeline, stage string, probability *float64) meaning {
	name := strings.ToLower(stage)
	if r, ok := s[StageKey{source, pipeline, name}]; ok {
		return meaning{r, greenroom.StateByRule}
	}
	if r, ok := s[StageKey{source, "", name}]; ok {
		return meaning{r, greenroom.StateByRule}
	}
	state, qualified, sure := Suggest(stage, probability)
	m := meaning{StageRule: StageRule{SourceID: source, Pipeline: pipeline, Stage: stage, State: state, Qualified: qualified}}
	if sure {
		m.from = greenroom.StateByName
	}
	return m
}

// history is what the source told of stages: its steps, or a field "stage history" such as "discovery 2026-01-05; won 2026-03-01",
// which is how a CSV file can tell it.
func history(r *greenroom.BusinessRecord) []greenroom.Stage {
	steps := slices.Clone(r.Stages)
	if len(steps) == 0 {
		for name, at := range dated(read(r.Fields).text("stage history", "stages", "history")) {
			steps = append(steps, greenroom.Stage{Name: name, At: at})
		}
	}
	slices.SortStableFunc(steps, func(a, b greenroom.Stage) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(steps, func(a, b greenroom.Stage) bool { return strings.EqualFold(a.Name, b.Name) })
}

// dated reads "name day; name day".
func dated(text string) func(func(string, time.Time) bool) {
	return func(yield func(string, time.Time) bool) {
		for part := range strings.SplitSeq(text, ";") {
			part = strings.TrimSpace(part)
			cut := strings.LastIndexAny(part, " =@")
			if cut <= 0 {
				continue
			}
			at := ParseDay(part[cut+1:])
			if name := strings.TrimRight(part[:cut], " =@:"); name != "" && !at.IsZero() && !yield(name, at) {
				return
			}
		}
	}
}

// Ticket reads a business record of type "case".
func Ticket(r *greenroom.BusinessRecord) greenroom.Ticket {
	f := read(r.Fields)
	t := greenroom.Ticket{
		ID: r.ID, SourceID: r.SourceID, Source: r.Source, ExternalID: r.ExternalID, Organization: r.OrganizationID, OrganizationName: r.Organization, Member: r.MemberID,
		Name: r.Name, Stage: r.Stage, Priority: strings.ToLower(f.text("priority")), Owner: f.text("owner"), Satisfaction: strings.ToLower(f.text("satisfaction")),
		Opened: r.OpenedAt, Closed: r.ClosedAt, History: history(r),
	}
	if n, ok := f.number("reopened"); ok && n > 0 {
		t.Reopened = int(min(n, 1e6))
	}
	if n, ok := f.number("first reply minutes"); ok && n > 0 {
		t.FirstReply = time.Duration(min(n, 1e9) * float64(time.Minute))
	}
	t.Solved = !t.Closed.IsZero() || names(r.Stage, []string{"solved", "closed", "resolved", "done", "completed", "gelöst", "geschlossen"})
	return t
}

// Subscription reads a business record of type "subscription". now decides whether a trial or a subscription with an end is over.
func Subscription(r *greenroom.BusinessRecord, now time.Time) greenroom.Subscription {
	f := read(r.Fields)
	s := subscription{
		ID: r.ID, SourceID: r.SourceID, Source: r.Source, ExternalID: r.ExternalID, Organization: r.OrganizationID, OrganizationName: r.Organization, Member: r.MemberID,
		Name: r.Name, Stage: r.Stage, Amount: r.Amount, Currency: r.Currency, Start: r.OpenedAt, End: r.ClosedAt, Owner: f.text("owner"), History: history(r),
		Renewal: f.day("renews", "renewal", "renewal date", "renews on", "current period end"), TrialStart: f.day("trial start", "trial starts", "trial started"),
		TrialEnd: f.day("trial end", "trial ends", "trial ended"), Reason: f.text("cancellation reason", "reason"), Features: f.text("features", "plan features"),
	}
	s.Seats, _ = f.number("seats", "quantity", "licenses", "licences") //nolint:misspell // as some write it
	s.SeatsUsed, _ = f.number("seats used", "active seats", "users")
	if v, ok := f.number("usage", "usage percent", "used"); ok && v > 0 {
		if s.Usage = v; strings.HasSuffix(f.text("usage", "usage percent", "used"), "%") || v > 5 {
			s.Usage = v / 100
		}
	}
	s.trial()
	s.State = s.state(now)
	s.Cancels = s.State != greenroom.SubscriptionEnded && f.text("ends", "cancels", "cancel at") != "" && !strings.EqualFold(f.text("ends", "cancels", "cancel at"), "no")
	if s.State == greenroom.SubscriptionEnded && s.End.IsZero() {
		if s.End = f.day("canceled", "cancelled", "ended"); s.End.IsZero() && len(s.History) > 0 { //nolint:misspell // as some write it
			s.End = s.History[len(s.History)-1].At
		}
	}
	s.revenue(f)
	return greenroom.Subscription(s)
}

// subscription is a Subscription that is being read.
type subscription greenroom.Subscription
