// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/analytics"
)

// Stakeholder is for whom a report is.
type Stakeholder string

// The stakeholders.
const (
	Executive       Stakeholder = "executive"
	Product         Stakeholder = "product"
	Marketing       Stakeholder = "marketing"
	CustomerSuccess Stakeholder = "customer_success"
	Support         Stakeholder = "support"
	Team            Stakeholder = "team"
)

// Stakeholders lists them.
func Stakeholders() []Stakeholder {
	return []Stakeholder{Executive, Product, Marketing, CustomerSuccess, Support, Team}
}

// Label is the stakeholder as people write it.
func (s Stakeholder) Label() string {
	switch s {
	case Executive:
		return "Executives"
	case Product:
		return "VP Product"
	case Marketing:
		return "Marketing"
	case CustomerSuccess:
		return "Customer success"
	case Support:
		return "Support"
	default:
		return "Community team"
	}
}

// Rhythm is how often a report is made: the length of its periods.
type Rhythm string

// The rhythms.
const (
	Weekly    Rhythm = "weekly"
	Monthly   Rhythm = "monthly"
	Quarterly Rhythm = "quarterly"
)

// Rhythms lists them.
func Rhythms() []Rhythm { return []Rhythm{Weekly, Monthly, Quarterly} }

// Granularity is the length of a period.
func (r Rhythm) Granularity() analytics.Granularity {
	switch r {
	case Weekly:
		return analytics.Week
	case Quarterly:
		return analytics.Quarter
	default:
		return analytics.Month
	}
}

// Kind is what a block is.
type Kind string

// The kinds of blocks.
const (
	Metric    Kind = "metric"    // a figure against the period before
	Chart     Kind = "chart"     // a metric over the last periods
	Breakdown Kind = "breakdown" // a metric by source, channel, ...
	Text      Kind = "text"      // Markdown
	Quotes    Kind = "quotes"    // of members who agreed to be quoted
	Goal      Kind = "goal"      // how a goal stands
	Program   Kind = "program"   // what came of a program
	Changes   Kind = "changes"   // what changed by more than noise, and topics that rise
	Proof     Kind = "proof"     // a measure of what the community does for the business
	Unknown   Kind = "unknown"   // what we do not know
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{Metric, Chart, Breakdown, Text, Quotes, Goal, Program, Changes, Proof, Unknown}
}

// Label is the kind as people write it.
func (k Kind) Label() string {
	switch k {
	case Metric:
		return "Figure"
	case Chart:
		return "Chart"
	case Breakdown:
		return "Table by group"
	case Text:
		return "Text"
	case Quotes:
		return "Quotes"
	case Goal:
		return "Goal"
	case Program:
		return "Program"
	case Changes:
		return "What changed"
	case Proof:
		return "Proof"
	default:
		return "What we do not know"
	}
}

// Block is one part of a report. Which fields matter follows from its kind.
type Block struct {
	ID      string              `json:"id,omitempty" doc:"Names the block in its report; given where it is left out. Edits of an edition belong to it."`
	Kind    Kind                `json:"kind" doc:"What the block is."`
	Title   string              `json:"title,omitempty" doc:"Its heading; left out: what it shows."`
	Metric  string              `json:"metric,omitempty" doc:"Of a metric, chart or breakdown: a metric of the catalog."`
	Query   string              `json:"query,omitempty" doc:"What counts, in the query language."`
	Segment string              `json:"segment,omitempty" doc:"Whose activities count: a query about members."`
	By      analytics.Dimension `json:"by,omitempty" doc:"Of a breakdown: by what."`
	Periods int                 `json:"periods,omitempty" doc:"Of a chart: how many periods; 12 where it is left out."`
	Limit   int                 `json:"limit,omitempty" doc:"How many rows, quotes or changes at most."`
	Goal    int64               `json:"goal,omitempty" doc:"Of a goal: which; 0 = those that are open."`
	Program string              `json:"program,omitempty" doc:"Of a program: its key; left out: those that run."`
	Measure string              `json:"measure,omitempty" doc:"Of a proof: the measure's key."`
	Text    string              `json:"text,omitempty" doc:"Of a text: Markdown. Of what we do not know: more that is to be said. HTML in it is left out."`
}

// Schedule is to whom editions go by themselves.
type Schedule struct {
	On           bool     `json:"on" doc:"An edition is made by itself when a period is over."`
	Review       bool     `json:"review" doc:"It is drafted only, and the owner gets a task; a person delivers it."`
	Day          int      `json:"day" doc:"On which day of the new period, from 1; of a week 1 is Monday."`
	Hour         int      `json:"hour" doc:"At which hour, 0 to 23, in the report's time zone."`
	Mail         []string `json:"mail,omitempty" doc:"Mail addresses; each gets a mail of its own, with the PDF."`
	Destinations []int64  `json:"destinations,omitempty" doc:"Destinations by number, such as a Slack channel: each gets a card with a link."`
	LinkDays     int      `json:"link_days,omitempty" doc:"For how many days the link in mails and cards opens; 0 = no link."`
}

// Draft is all that people decide about a report.
type Draft struct {
	Title    string      `json:"title" doc:"Its name."`
	For      Stakeholder `json:"for" doc:"For whom it is."`
	Rhythm   Rhythm      `json:"rhythm" doc:"The length of its periods."`
	Zone     string      `json:"zone,omitempty" doc:"The time zone in which its periods begin, such as Europe/Lisbon; left out: the community's."`
	Owner    string      `json:"owner,omitempty" doc:"Mail address of who answers for it."`
	Blocks   []Block     `json:"blocks" doc:"In the order in which they are read."`
	Schedule Schedule    `json:"schedule" doc:"When it goes to whom."`
}

// Report is the recipe of editions.
type Report struct {
	ID      int64 `json:"id" doc:"The report's number."`
	Version int64 `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	Draft
	Since     time.Time `json:"since,omitzero" doc:"Since when its schedule is on. Periods that were over before are not delivered by themselves."`
	Archived  bool      `json:"archived,omitempty" doc:"It is kept, and nothing is made of it any more."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
	ChangedBy string    `json:"changed_by,omitempty" doc:"Who changed it last."`
	ChangedAt time.Time `json:"changed_at,omitzero" doc:"When."`
}

// The most that a report holds.
const (
	maxTitle      = 200
	maxText       = 20_000
	maxBlocks     = 60
	maxRecipients = 50
	maxPeriods    = 60
	maxLimit      = 50
	maxLinkDays   = 366
)

// Validate says what is wrong with a draft, as an error of CodeInvalid, fills in what is usual, and gives blocks their ids.
func (d *Draft) Validate() error {
	d.Title, d.Owner, d.Zone = strings.TrimSpace(d.Title), strings.TrimSpace(d.Owner), strings.TrimSpace(d.Zone)
	if d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle || strings.ContainsAny(d.Title, "\r\n") {
		return greenroom.Errorf(greenroom.CodeInvalid, "a report needs a title of one line, of at most %d characters", maxTitle)
	}
	if d.For == "" {
		d.For = Team
	}
	if d.Rhythm == "" {
		d.Rhythm = Monthly
	}
	if !slices.Contains(Stakeholders(), d.For) {
		return greenroom.Errorf(greenroom.CodeInvalid, "a report cannot be for %q; choose %s", d.For, greenroom.AnyOf(Stakeholders()))
	}
	if !slices.Contains(Rhythms(), d.Rhythm) {
		return greenroom.Errorf(greenroom.CodeInvalid, "a report is weekly, monthly or quarterly, not %q", d.Rhythm)
	}
	if d.Zone != "" {
		if _, err := time.LoadLocation(d.Zone); err != nil || d.Zone == "Local" {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is no time zone; expected a name such as Europe/Lisbon", d.Zone)
		}
	}
	if len(d.Blocks) > maxBlocks {
		return greenroom.Errorf(greenroom.CodeInvalid, "a report has at most %d blocks", maxBlocks)
	}
	if err := d.checkBlocks(); err != nil {
		return err
	}
	return d.Schedule.validate(d.Rhythm)
}

func (d *Draft) checkBlocks() error {
	taken := make(map[string]bool)
	for i := range d.Blocks {
		taken[d.Blocks[i].ID] = true
	}
	seen, next := make(map[string]bool), 1
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.ID == "" || seen[b.ID] || len(b.ID) > 40 {
			for b.ID = fmt.Sprintf("b%d", next); taken[b.ID]; b.ID = fmt.Sprintf("b%d", next) {
				next++
			}
			taken[b.ID] = true
		}
		seen[b.ID] = true
		if err := b.validate(); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "block %d: %s", i+1, greenroom.ErrorMessage(err))
		}
	}
	return nil
}

func (b *Block) validate() error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	b.Title, b.Query, b.Segment = strings.TrimSpace(b.Title), strings.TrimSpace(b.Query), strings.TrimSpace(b.Segment)
	switch {
	case !slices.Contains(Kinds(), b.Kind):
		return bad("there is no kind of block %q; choose %s", b.Kind, greenroom.AnyOf(Kinds()))
	case utf8.RuneCountInString(b.Title) > maxTitle || strings.ContainsAny(b.Title, "\r\n"):
		return bad("a heading is one line of at most %d characters", maxTitle)
	case utf8.RuneCountInString(b.Text) > maxText:
		return bad("a text has at most %d characters", maxText)
	case b.Periods < 0 || b.Periods > maxPeriods:
		return bad("a chart has 2 to %d periods", maxPeriods)
	case b.Limit < 0 || b.Limit > maxLimit:
		return bad("at most %d rows are shown", maxLimit)
	case b.Kind == Proof && b.Measure == "":
		return bad("choose what is to be proven")
	}
	if b.Kind != Metric && b.Kind != Chart && b.Kind != Breakdown {
		return nil
	}
	m, err := analytics.Lookup(b.Metric)
	if err != nil {
		return bad("%s", greenroom.ErrorMessage(err))
	}
	b.Metric = m.Name
	switch {
	case !m.Total:
		return bad("%s is a table of cohorts, and no figure a period", m.Label)
	case b.Kind == Breakdown && !slices.Contains(m.Breakdowns, b.By):
		return bad("%s cannot be broken down by %q; choose %s", m.Label, b.By, greenroom.AnyOf(m.Breakdowns))
	}
	return nil
}

func (s *Schedule) validate(r Rhythm) error {
	if s.Day == 0 {
		s.Day = 1
	}
	most := 28
	if r == Weekly {
		most = 7
	}
	switch {
	case s.Day < 1 || s.Day > most:
		return greenroom.Errorf(greenroom.CodeInvalid, "a %s report is made on day 1 to %d of the new period", r, most)
	case s.Hour < 0 || s.Hour > 23:
		return greenroom.Errorf(greenroom.CodeInvalid, "the hour is from 0 to 23")
	case s.LinkDays < 0 || s.LinkDays > maxLinkDays:
		return greenroom.Errorf(greenroom.CodeInvalid, "a link opens for at most %d days", maxLinkDays)
	case len(s.Mail) > maxRecipients || len(s.Destinations) > maxRecipients:
		return greenroom.Errorf(greenroom.CodeInvalid, "a report goes to at most %d addresses", maxRecipients)
	}
	var clean []string
	for _, text := range s.Mail {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		a, err := mail.ParseAddress(text)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a mail address", text)
		}
		if !slices.ContainsFunc(clean, func(have string) bool { return strings.EqualFold(have, a.Address) }) {
			clean = append(clean, a.Address)
		}
	}
	s.Mail = clean
	slices.Sort(s.Destinations)
	s.Destinations = slices.Compact(s.Destinations)
	return nil
}

// Period is a stretch of time that an edition is about.
type Period struct {
	Key  string    `json:"key" doc:"Such as 2026-10, 2026-W43 or 2026-Q4."`
	From time.Time `json:"from" doc:"Its first moment."`
	To   time.Time `json:"to" doc:"The first moment after it."`
}

// PeriodOf is the period that a moment lies in.
func (r Rhythm) PeriodOf(t time.Time) Period {
	g := r.Granularity()
	from := g.Start(t)
	p := Period{From: from, To: g.Step(from, 1)}
	switch r {
	case Weekly:
		year, week := from.ISOWeek()
		p.Key = fmt.Sprintf("%d-W%02d", year, week)
	case Quarterly:
		p.Key = fmt.Sprintf("%d-Q%d", from.Year(), (int(from.Month())-1)/3+1)
	case Monthly:
		p.Key = from.Format("2006-01")
	}
	return p
}

// Last is the last whole period before a moment.
func (r Rhythm) Last(now time.Time) Period {
	return r.PeriodOf(r.Granularity().Step(r.Granularity().Start(now), -1))
}

// ParsePeriod reads the key of a period in a zone.
func (r Rhythm) ParsePeriod(key string, zone *time.Location) (Period, error) {
	bad := greenroom.Errorf(greenroom.CodeInvalid, "%q is no period of a %s report; expected such as %s", key, r, r.PeriodOf(time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)).Key)
	var year, n int
	var at time.Time
	switch r {
	case Weekly:
		if _, err := fmt.Sscanf(key, "%d-W%d", &year, &n); err != nil {
			return Period{}, bad
		}
		at = time.Date(year, 1, 4, 12, 0, 0, 0, zone).AddDate(0, 0, 7*(n-1)) // the 4th is always in week 1
	case Quarterly:
		if _, err := fmt.Sscanf(key, "%d-Q%d", &year, &n); err != nil {
			return Period{}, bad
		}
		at = time.Date(year, time.Month(3*n-2), 1, 12, 0, 0, 0, zone)
	case Monthly:
		if _, err := fmt.Sscanf(key, "%d-%d", &year, &n); err != nil {
			return Period{}, bad
		}
		at = time.Date(year, time.Month(n), 1, 12, 0, 0, 0, zone)
	}
	p := r.PeriodOf(at)
	if p.Key != key {
		return Period{}, bad
	}
	return p, nil
}

// Label is the period as people write it.
func (p Period) Label() string {
	switch {
	case strings.Contains(p.Key, "W"):
		return "Week of " + p.From.Format("2 January 2006")
	case strings.Contains(p.Key, "Q"):
		year, quarter, _ := strings.Cut(p.Key, "-")
		return quarter + " " + year
	default:
		return p.From.Format("January 2006")
	}
}

// due is the moment at which the edition of a period is made by itself.
func (s *Schedule) due(p Period) time.Time {
	y, m, d := p.To.Date()
	return time.Date(y, m, d+s.Day-1, s.Hour, 0, 0, 0, p.To.Location())
}
