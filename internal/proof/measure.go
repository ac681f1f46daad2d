// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/impact/attribution"
	"greenroom/internal/impact/verdict"
)

// Source is what a definition follows.
type Source struct {
	Title string `json:"title" doc:"What it is called."`
	URL   string `json:"url" doc:"Where it is."`
}

// Measure is something that is counted for the business, with its definition.
type Measure struct {
	Key        string   `json:"key" doc:"How it is named."`
	Label      string   `json:"label" doc:"What it is called."`
	For        string   `json:"for" doc:"Who asks: executives, marketing and sales, customer success, support, product."`
	Asks       string   `json:"asks" doc:"The question that it belongs to."`
	Unit       Unit     `json:"unit" doc:"Of its figure."`
	Definition string   `json:"definition" doc:"What it counts."`
	Formula    string   `json:"formula" doc:"How it is computed."`
	Causal     string   `json:"causal,omitempty" doc:"What would have to be asked to call it an effect; left out where it is a plain count."`
	Sources    []Source `json:"sources" doc:"Where the definition comes from."`
	Example    string   `json:"example" doc:"Its worked example in docs/measures.md, which is a test."`

	compute func(*Books) (Figure, []Record, error)
}

// Part is one part of a figure, beside the others: definitions and groups are never added.
type Part struct {
	Label string   `json:"label" doc:"What it is."`
	Value *float64 `json:"value" doc:"Its figure; null where there is none."`
	Low   *float64 `json:"low,omitempty" doc:"Lower end of its range."`
	High  *float64 `json:"high,omitempty" doc:"Upper end of its range."`
	Unit  Unit     `json:"unit" doc:"Its unit."`
	Count int      `json:"count,omitempty" doc:"Of so many records."`
}

// Input is a number that a figure rests on.
type Input struct {
	Key      string   `json:"key" doc:"How it is named; with a version it can be set."`
	Name     string   `json:"name" doc:"What it is."`
	Unit     string   `json:"unit,omitempty" doc:"Its unit, in words."`
	Low      float64  `json:"low" doc:"The least that would not surprise."`
	Likely   float64  `json:"likely" doc:"The most likely."`
	High     float64  `json:"high" doc:"The greatest that would not surprise."`
	Words    []string `json:"words,omitempty" doc:"Of an input that is a list of words: the words."`
	Origin   string   `json:"origin" doc:"Where it comes from: a ledger, a survey, a vendor, a guess."`
	Editable bool     `json:"editable" doc:"It can be set; others are counted."`
	Known    bool     `json:"known" doc:"Somebody gave it, it was counted, or a source has it. Without it figures that need it are left open."`
	Version  int64    `json:"version,omitempty" doc:"Grows with each change; 0 = nobody has set it."`
}

// Figure is a measure in a time.
type Figure struct {
	Key     string        `json:"key" doc:"The measure."`
	From    time.Time     `json:"from" doc:"First moment."`
	To      time.Time     `json:"to" doc:"First moment after it."`
	Value   *float64      `json:"value" doc:"The figure; null where it cannot be told."`
	Low     *float64      `json:"low,omitempty" doc:"Lower end of its range."`
	High    *float64      `json:"high,omitempty" doc:"Upper end of its range."`
	Unit    Unit          `json:"unit" doc:"Its unit."`
	Money   string        `json:"currency,omitempty" doc:"The currency of money."`
	Count   int           `json:"count" doc:"Records behind it."`
	Of      int           `json:"of,omitempty" doc:"Of so many that could be."`
	Parts   []Part        `json:"parts,omitempty" doc:"What stands beside it. Never added."`
	Verdict verdict.Light `json:"verdict,omitempty" doc:"How far an effect behind it is known; left out where nothing is credited."`
	Causal  string        `json:"causal,omitempty" doc:"What would have to be asked to call it an effect."`
	Study   int64         `json:"study,omitempty" doc:"The study that answers it; left out = none does."`
	Answer  string        `json:"answer,omitempty" doc:"What the study found."`
	Inputs  []Input       `json:"inputs,omitempty" doc:"What it rests on."`
	Matters string        `json:"matters,omitempty" doc:"Which assumption matters most."`
	Records string        `json:"records,omitempty" doc:"Address of the list behind it."`
	Unknown []string      `json:"unknown,omitempty" doc:"What is not known."`
}

// Record is one thing that a figure counts.
type Record struct {
	Name         string    `json:"name" doc:"What it is called."`
	Organization int64     `json:"organization,omitempty" doc:"Whose it is."`
	Member       int64     `json:"member,omitempty" doc:"Who it is, or who did it."`
	Activity     int64     `json:"activity,omitempty" doc:"The activity."`
	At           time.Time `json:"at,omitzero" doc:"When."`
	Value        float64   `json:"value" doc:"What it adds, in the figure's unit or in money."`
	Note         string    `json:"note,omitempty" doc:"Why it counts, or why not."`
}

// Touch is a day on which somebody did something.
type Touch = attribution.Touch

// Crowd are counts of the community in a time.
type Crowd struct {
	Accepted    int // questions of the time that another member solved
	Active      int // members who did something
	Champions   int // enrolled in programs for champions at the end
	ChampionIDs []int64
	Mentions    []Mention
	Reach       []Record       // members who took part in what releases and announcements opened
	Users       map[int64]bool // organizations that used the product
	TellsUse    bool           // some source tells of product usage
	Spent       []Spend        // of programs, in the time
}

// Spend is what a program spent.
type Spend struct {
	Program string
	greenroom.Money
}

// Mention is a message that has a brand's word.
type Mention struct {
	Word     string
	Own      bool
	Activity int64
	Member   int64
	At       time.Time
	Title    string
}

// Books are all that measures of a time are computed from.
type Books struct {
	From, To time.Time
	Now      time.Time
	Deals    []greenroom.Deal
	Subs     []greenroom.Subscription
	Touches  []Touch          // of all time before To
	Weeks    map[int64][]int  // by organization: what its people did by week; the last is the seven days before To
	Said     map[int64]string // by deal: what the CRM has as its origin
	Rates    *greenroom.Rates
	Names    []string // by which the community goes in the CRM
	Window   time.Duration
	Inputs   map[string]Input
	Costs    []Cost
	Crowd    Crowd
	Lights   map[string]verdict.Light // by measure: how its effect is known
	touched  map[int64][]Touch        // by organization
}

// of gives the touches of an organization.
func (b *Books) of(organization int64) []Touch {
	if b.touched == nil {
		b.touched = make(map[int64][]Touch)
		for _, t := range b.Touches {
			b.touched[t.Organization] = append(b.touched[t.Organization], t)
		}
	}
	if organization == 0 {
		return nil
	}
	return b.touched[organization]
}

// in reports whether a time lies in the books.
func (b *Books) in(t time.Time) bool { return !t.IsZero() && !t.Before(b.From) && t.Before(b.To) }

// money converts, and says what could not be.
func (b *Books) money(m greenroom.Money, at time.Time, problems map[string]bool) float64 {
	v, err := b.Rates.Convert(m, at)
	if err != nil {
		problems[err.Error()] = true
		return 0
	}
	return v
}

// Measures lists all measures, in the order in which pages show them.
func Measures() []Measure {
	var all []Measure
	for _, part := range [][]Measure{dealMeasures(), accountMeasures(), supportMeasures(), productMeasures(), returnMeasures()} {
		all = append(all, part...)
	}
	return all
}

// FindMeasure finds a measure by its key.
func FindMeasure(key string) (Measure, error) {
	for _, m := range Measures() {
		if m.Key == key {
			return m, nil
		}
	}
	return Measure{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no measure %q; `greenroom impact measures` lists them", key)
}

// Compute computes a measure from books.
func (m *Measure) Compute(b *Books) (Figure, []Record, error) {
	f, records, err := m.compute(b)
	f.Key, f.From, f.To, f.Unit, f.Causal = m.Key, b.From, b.To, m.Unit, m.Causal
	money := m.Unit == UnitMoney || slices.ContainsFunc(f.Parts, func(p Part) bool { return p.Unit == UnitMoney })
	if money && b.Rates != nil {
		f.Money = b.Rates.Reporting
	}
	if m.Causal != "" {
		f.Verdict = verdict.Correlation
	}
	return f, records, err
}

// The sources that definitions cite.
const (
	saasdash = iota
	petavue
	feverbee
	cohorts
	coveo
	unify
	khoros
	vanilla
	thecr
	hubspot
)

var sources = [...]Source{
	saasdash: {"Saasdash: community-to-pipeline attribution model", "https://saasdash.ai/blog/community-to-pipeline-attribution-model"},
	petavue:  {"Petavue: marketing-sourced pipeline, three definitions", "https://petavue-help-docs.pages.dev/skills/marketing-sourced-pipeline.html"},
	feverbee: {"FeverBee: comparing members with non-members", "https://www.feverbee.com/comparingmembers/"},
	cohorts:  {"Matched cohorts for loyalty programs", "https://8139causal.github.io/customer/loyalty/cohort-matching/"},
	coveo:    {"Coveo: types of case deflection", "https://coveo.com/en/resources/infographics/types-of-case-deflection"},
	unify:    {"SearchUnify: case deflection and its stages", "https://community.searchunify.com/hc/en-us/articles/9408933597725-Case-Deflection-and-Its-Stages"},
	khoros:   {"Khoros: how do we calculate deflection", "https://community.khoros.com/t5/Strategy/How-do-we-calculate-Deflection-and-Self-Service-calculation/m-p/541266"},
	vanilla:  {"Higher Logic Vanilla: ticket deflection metrics", "https://vanilla.higherlogic.com/blog/ticket-deflection-metrics-community"},
	thecr:    {"The Community Roundtable: ROI calculator", "https://www.communityroundtable.com/roi-calculator/"},
	hubspot:  {"HubSpot: a closer look at attribution models", "https://blog.hubspot.com/customers/a-closer-look-at-attribution-models-in-hubspot"},
}

func cite(of ...int) []Source {
	cited := make([]Source, 0, len(of))
	for _, i := range of {
		cited = append(cited, sources[i])
	}
	return cited
}

// IsWords reports whether the input is a list of words.
func (i *Input) IsWords() bool {
	return i.Key == namesOfUs || i.Key == wordsOfBrand || i.Key == wordsOfOthers
}
