// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"time"

	"greenroom/internal/analytics"
)

// State says how far an edition has come.
type State string

// The states.
const (
	Drafted   State = "draft"
	Delivered State = "delivered" // frozen with its data
)

// States lists them.
func States() []State { return []State{Drafted, Delivered} }

// Edition is what was made of a report for one period.
type Edition struct {
	ID          int64     `json:"id" doc:"The edition's number."`
	ReportID    int64     `json:"report_id" doc:"The report that it was made of."`
	Version     int64     `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	State       State     `json:"state" doc:"draft, or delivered: frozen with its data."`
	Period      Period    `json:"period" doc:"What it is about."`
	Content     Content   `json:"content" doc:"What it shows."`
	CreatedBy   string    `json:"created_by" doc:"Who had it drafted."`
	CreatedAt   time.Time `json:"created_at" doc:"When."`
	EditedBy    string    `json:"edited_by,omitempty" doc:"Who edited it last."`
	EditedAt    time.Time `json:"edited_at,omitzero" doc:"When."`
	DeliveredBy string    `json:"delivered_by,omitempty" doc:"Who had it delivered."`
	DeliveredAt time.Time `json:"delivered_at,omitzero" doc:"When it was frozen."`
	Recipients  []string  `json:"recipients,omitempty" doc:"To whom it went: mail addresses, and destinations by name."`
}

// Content is what an edition shows: values, no markup.
type Content struct {
	Title     string    `json:"title" doc:"The report's name."`
	Community string    `json:"community" doc:"Of which community."`
	For       string    `json:"for" doc:"For whom."`
	Period    string    `json:"period" doc:"The period as people write it."`
	Zone      string    `json:"zone" doc:"The time zone in which the period begins."`
	MadeAt    time.Time `json:"made_at" doc:"When the figures were computed."`
	AsOf      time.Time `json:"as_of,omitzero" doc:"What happened or was imported later is not in the figures."`
	Blocks    []Filled  `json:"blocks" doc:"In the order in which they are read."`
}

// Filled is a block with what it shows.
type Filled struct {
	Block   Block   `json:"block" doc:"The block that it was made of, with its arguments."`
	Title   string  `json:"title" doc:"Its heading."`
	Comment Comment `json:"comment" doc:"What is said of it."`
	Figure  *Figure `json:"figure,omitempty" doc:"Of a metric or a proof."`
	Plot    *Plot   `json:"chart,omitempty" doc:"Of a chart; of a metric its last periods."`
	Table   *Table  `json:"table,omitempty" doc:"Of a breakdown, goals, programs and what changed."`
	Quotes  []Quote `json:"quotes,omitempty" doc:"Of quotes."`
	Lines   []Line  `json:"lines,omitempty" doc:"Sentences: what changed, what we do not know."`
	Problem string  `json:"problem,omitempty" doc:"Why there is nothing to show."`
}

// Comment is a sentence or more beside a block.
type Comment struct {
	Rule   string `json:"rule,omitempty" doc:"What follows from the data, by rule."`
	Text   string `json:"text" doc:"What is shown: the same, or what somebody made of it. Markdown."`
	Edited bool   `json:"edited,omitempty" doc:"Somebody edited it; refreshing keeps it."`
	By     string `json:"by,omitempty" doc:"Who."`
}

// Figure is one number, as the API gives it for the same arguments.
type Figure struct {
	Label      string         `json:"label" doc:"What it is."`
	Unit       analytics.Unit `json:"unit" doc:"Shares are from 0 to 1, times in seconds. Of a proof also ratio, days, hours, or money with its currency: money EUR."`
	Value      *float64       `json:"value" doc:"Null where there is no such figure."`
	Low        *float64       `json:"low,omitempty" doc:"Its 95 % interval, where there is one."`
	High       *float64       `json:"high,omitempty" doc:"Its 95 % interval, where there is one."`
	Previous   *float64       `json:"previous,omitempty" doc:"The period before."`
	YearAgo    *float64       `json:"year_ago,omitempty" doc:"The same period a year ago."`
	Lower      bool           `json:"lower_is_better,omitempty" doc:"A lower value is the better one."`
	Real       bool           `json:"more_than_noise,omitempty" doc:"The change against the period before is more than noise."`
	Judged     string         `json:"judged,omitempty" doc:"How that was tested."`
	Range      bool           `json:"range,omitempty" doc:"Low and high are what guesses leave open, not a 95 % interval."`
	Verdict    string         `json:"verdict,omitempty" doc:"Of a proof: experiment, good evidence, weak evidence or correlation only."`
	Definition string         `json:"definition,omitempty" doc:"What it counts."`
	Source     string         `json:"source,omitempty" doc:"Where the definition is from."`
	Benchmarks []Benchmark    `json:"benchmarks,omitempty" doc:"What it is set against: the own past, and published figures with their source."`
	Entity     string         `json:"entity,omitempty" doc:"What it counts: members, activities or conversations."`
	Records    string         `json:"query,omitempty" doc:"The query that lists what it counts."`
	Path       string         `json:"path,omitempty" doc:"Where the records behind it are, where no query says it."`
}

// Benchmark is what a figure is set against.
type Benchmark struct {
	Text   string   `json:"text" doc:"What it is."`
	Value  *float64 `json:"value,omitempty" doc:"Its figure, in the same unit."`
	Source string   `json:"source,omitempty" doc:"Who published it; left out for the own past."`
	URL    string   `json:"url,omitempty" doc:"Where."`
}

// Plot is a chart's data.
type Plot struct {
	Unit   analytics.Unit `json:"unit" doc:"Of all values."`
	Labels []string       `json:"labels" doc:"The periods."`
	Values []*float64     `json:"values" doc:"Null where there is none."`
	Low    []*float64     `json:"low,omitempty" doc:"Lower ends of 95 % intervals."`
	High   []*float64     `json:"high,omitempty" doc:"Upper ends."`
	Bars   bool           `json:"bars,omitempty" doc:"Drawn as bars: a count, which begins at zero."`
}

// Table is rows and columns.
type Table struct {
	Columns []string `json:"columns" doc:"What the columns are called."`
	Numbers []bool   `json:"numbers,omitempty" doc:"Which columns hold numbers."`
	Rows    []Row    `json:"rows" doc:"The rows."`
}

// Row is a line of a table.
type Row struct {
	Cells  []string   `json:"cells" doc:"As people read them."`
	Values []*float64 `json:"values,omitempty" doc:"The numbers behind them; null where a cell is none."`
	Entity string     `json:"entity,omitempty" doc:"What the row counts."`
	Query  string     `json:"query,omitempty" doc:"The query that lists it."`
	Path   string     `json:"path,omitempty" doc:"Where there is more about it."`
}

// Quote is what a member said and agreed to be quoted with.
type Quote struct {
	Testimonial int64  `json:"testimonial" doc:"The testimonial's number."`
	Member      int64  `json:"member_id,omitempty" doc:"Who said so."`
	Text        string `json:"text" doc:"The words that were agreed to."`
	Naming      string `json:"naming" doc:"How they want to be named."`
	Withdrawn   bool   `json:"withdrawn,omitempty" doc:"They took it back since; nothing is quoted any more."`
}

// Line is a sentence with what is behind it.
type Line struct {
	Text   string   `json:"text" doc:"The sentence."`
	Sub    []string `json:"more,omitempty" doc:"What explains it."`
	Entity string   `json:"entity,omitempty" doc:"What it counts."`
	Query  string   `json:"query,omitempty" doc:"The query that lists it."`
	Path   string   `json:"path,omitempty" doc:"Where there is more about it."`
}

// Restated is a figure of a delivered edition beside what is known of it today.
type Restated struct {
	Block string         `json:"block" doc:"The block's id."`
	Label string         `json:"label" doc:"What the figure is."`
	Unit  analytics.Unit `json:"unit" doc:"Of both."`
	Then  *float64       `json:"then" doc:"As it was delivered."`
	Now   *float64       `json:"now" doc:"As it is computed today, with the same arguments."`
	Same  bool           `json:"same" doc:"They do not differ."`
}
