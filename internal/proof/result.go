// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/verdict"
)

// Unit is what a figure counts.
type Unit string

// The units.
const (
	UnitShare Unit = "share" // 0 to 1; a difference is in points
	UnitCount Unit = "count"
	UnitRatio Unit = "ratio" // 1 = no difference
	UnitDays  Unit = "days"
	UnitMoney Unit = "money" // of the reporting currency
	UnitHours Unit = "hours"
)

// Units lists them.
func Units() []Unit { return []Unit{UnitShare, UnitCount, UnitRatio, UnitDays, UnitMoney, UnitHours} }

// Estimate is a figure with its interval; null is what is not known, or without bound.
type Estimate struct {
	Value *float64 `json:"value" doc:"The figure; null where it is not known."`
	Low   *float64 `json:"low" doc:"Lower end of the 95 % interval; null = without bound, or not known."`
	High  *float64 `json:"high" doc:"Upper end."`
	P     *float64 `json:"p,omitempty" doc:"How often chance alone makes something so far from nothing."`
}

// Line is one covariate of the balance table.
type Line struct {
	Covariate         string   `json:"covariate" doc:"What was matched on."`
	Exposed           float64  `json:"exposed" doc:"Mean of those exposed, before matching."`
	Others            float64  `json:"others" doc:"Mean of the others, before matching."`
	Difference        *float64 `json:"difference" doc:"Their difference in standard deviations."`
	MatchedExposed    float64  `json:"matched_exposed" doc:"Mean of those exposed who have a like."`
	MatchedOthers     float64  `json:"matched_others" doc:"Mean of their likes."`
	MatchedDifference *float64 `json:"matched_difference" doc:"Their difference; up to 0.1 is good, above 0.25 is not."`
}

// Step is a point of a chart: a period, or a time after the comparison began.
type Step struct {
	At    float64  `json:"at" doc:"Periods from the exposure, or days."`
	Label string   `json:"label" doc:"As people read it."`
	Value *float64 `json:"value" doc:"The effect, or the figure."`
	Low   *float64 `json:"low,omitempty" doc:"Lower end of the interval."`
	High  *float64 `json:"high,omitempty" doc:"Upper end."`
	Other *float64 `json:"other,omitempty" doc:"What it is set against: the likes, or how it would have gone on."`
}

// Reason is one rule of the light, with what it found.
type Reason struct {
	Rule string        `json:"rule" doc:"The rule."`
	Fits verdict.Light `json:"fits" doc:"The best light that it allows."`
	Says string        `json:"says" doc:"What it found."`
}

// LeftOut is who was not looked at, and why.
type LeftOut struct {
	Count  int    `json:"count" doc:"How many."`
	Reason string `json:"reason" doc:"Why."`
}

// Result is what a run found, frozen.
type Result struct {
	Asked     Draft         `json:"asked" doc:"The question as it was when it was run."`
	Version   int64         `json:"version" doc:"The study's version then."`
	AsOf      time.Time     `json:"as_of" doc:"The data go up to here."`
	Seed      int64         `json:"seed" doc:"What chance began with: the same data give the same result."`
	Method    string        `json:"method" doc:"How the question was answered."`
	Why       string        `json:"why" doc:"Why in this way."`
	Unit      Unit          `json:"unit" doc:"Of the effect. A difference of shares is in points."`
	Effect    Estimate      `json:"effect" doc:"What it did, with its 95 % interval."`
	Plain     *Estimate     `json:"plain,omitempty" doc:"The plain difference, with nothing done about who takes part: no effect."`
	Placebo   *Estimate     `json:"placebo,omitempty" doc:"The same comparison of something that it cannot have changed: should be nothing."`
	Control   *Estimate     `json:"control,omitempty" doc:"The same comparison, in the same time, of something that it cannot change: should be nothing."`
	Exposed   int           `json:"exposed" doc:"Those who were exposed, or were offered it; of a series, periods after."`
	Others    int           `json:"others" doc:"The others; of a series, periods before."`
	Compared  int           `json:"compared" doc:"Those exposed who have a like."`
	With      *float64      `json:"with,omitempty" doc:"Mean outcome of those exposed who are compared."`
	Without   *float64      `json:"without,omitempty" doc:"Mean outcome of those they are compared with."`
	Light     verdict.Light `json:"light" doc:"How far to believe it: experiment, good evidence, weak evidence, correlation only."`
	Says      string        `json:"says" doc:"The effect, in a sentence."`
	Verdict   string        `json:"verdict" doc:"The light, in a sentence."`
	Reasons   []Reason      `json:"reasons" doc:"The rules of the light."`
	Power     string        `json:"power,omitempty" doc:"What these numbers could show at all."`
	EValue    *float64      `json:"e_value,omitempty" doc:"How strong something unmeasured would have to be to explain the effect away."`
	ELimit    *float64      `json:"e_limit,omitempty" doc:"The same for the limit of the interval."`
	Imbalance []float64     `json:"imbalance,omitempty" doc:"L1 over coarsened cells, before and after matching."`
	Balance   []Line        `json:"balance,omitempty" doc:"How alike those exposed and the others are."`
	Steps     []Step        `json:"steps,omitempty" doc:"Period by period, or how many are left after so many days."`
	Assumes   []string      `json:"assumes" doc:"What has to hold, in plain words."`
	Unknown   []string      `json:"unknown" doc:"What is not known."`
	LeftOut   []LeftOut     `json:"left_out,omitempty" doc:"Who was not looked at."`
}

// RunState is how far a run is.
type RunState string

// The states of a run.
const (
	Waiting   RunState = "waiting"
	Running   RunState = "running"
	Canceling RunState = "canceling"
	Canceled  RunState = "canceled"
	Failed    RunState = "failed"
	Done      RunState = "done"
)

// Over reports whether nothing more comes of a run.
func (s RunState) Over() bool { return s == Canceled || s == Failed || s == Done }

// Run is a study computed once.
type Run struct {
	ID      int64     `json:"id" doc:"The run's number."`
	StudyID int64     `json:"study_id" doc:"The study's number."`
	State   RunState  `json:"state" doc:"waiting, running, canceling, canceled, failed or done."`
	Phase   string    `json:"phase,omitempty" doc:"What is being done."`
	Done    int       `json:"done" doc:"Steps that are done."`
	Total   int       `json:"total" doc:"Of so many."`
	Problem string    `json:"problem,omitempty" doc:"Why there is no result."`
	Result  *Result   `json:"result,omitempty" doc:"What was found."`
	By      string    `json:"by" doc:"Who asked."`
	AskedAt time.Time `json:"asked_at" doc:"When."`
	SeenAt  time.Time `json:"-"`
	EndedAt time.Time `json:"ended_at,omitzero" doc:"When it was over."`
}

// Compared is somebody who was compared in a run.
type Compared struct {
	MemberID     int64     `json:"member_id" doc:"Who they are now; 0 in a study of accounts."`
	Organization int64     `json:"organization,omitempty" doc:"Of a study of accounts: the account."`
	Name         string    `json:"name" doc:"What they are called."`
	Exposed      bool      `json:"exposed" doc:"They were exposed, or offered it."`
	Compared     bool      `json:"compared" doc:"They have a like, or are one."`
	At           time.Time `json:"at" doc:"From when on the outcome counts."`
	Outcome      float64   `json:"outcome" doc:"What came."`
}

func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func estimate(e chance.Estimate) Estimate {
	return Estimate{known(e.Value), known(e.Low), known(e.High), known(e.P)}
}

// take copies what the statistics found.
func (r *Result) take(f *study.Result) {
	e := f.Effect
	if r.Unit == UnitRatio {
		e = e.Exp()
	}
	r.Effect = estimate(e)
	if f.Trial == nil && f.Changes == nil {
		p := f.Plain
		if r.Unit == UnitRatio {
			p = p.Exp()
		}
		plain := estimate(p)
		r.Plain = &plain
	}
	r.Placebo, r.Control = r.beside(f.Placebo), r.beside(f.Control)
	r.EValue, r.ELimit = known(float64(f.EValue.Value)), known(float64(f.EValue.Limit))
	r.Method = f.Method
	r.judged(f.Verdict)
	for _, b := range f.Balance {
		r.Balance = append(r.Balance, line(b))
	}
	if len(f.Balance) > 0 {
		r.Imbalance = f.Imbalance[:]
	}
	if d := float64(f.Detectable); !math.IsNaN(d) {
		switch r.Unit {
		case UnitShare:
			r.Power = experiment.Could(d, true)
		case UnitRatio:
			r.Power = "With these numbers it could show ratios of " + decimal(math.Exp(d)) + " or more, and of " + decimal(math.Exp(-d)) + " or less (in 4 of 5 cases)."
		default:
			r.Power = experiment.Could(d, false)
		}
	}
}

// beside is a comparison that should find nothing, in the unit of the effect.
func (r *Result) beside(e *chance.Estimate) *Estimate {
	if e == nil {
		return nil
	}
	if r.Unit == UnitRatio {
		ratio := e.Exp()
		e = &ratio
	}
	out := estimate(*e)
	return &out
}

func (r *Result) judged(v verdict.Verdict) {
	r.Light, r.Verdict = v.Light, v.Says
	r.Reasons = make([]Reason, 0, len(v.Findings))
	for _, f := range v.Findings {
		if !strings.Contains(f.Says, "NaN") { // where nobody has a like nothing more can be said
			r.Reasons = append(r.Reasons, Reason(f))
		}
	}
}

func line(b match.Balance) Line {
	return Line{b.Covariate, b.Exposed, b.Others, known(float64(b.Difference)), b.MatchedExposed, b.MatchedOthers, known(float64(b.MatchedDifference))}
}

// curves puts the curves of both sides on one axis of days.
func curves(l *study.Lasting, last float64) []Step {
	const points = 24
	var out []Step
	for i := range points + 1 {
		day := math.Round(last * float64(i) / points)
		if i > 0 && day == out[len(out)-1].At {
			continue
		}
		a, b := l.Exposed.At(day), l.Others.At(day)
		out = append(out, Step{At: day, Label: strconv.Itoa(int(day)), Value: known(a.Share), Low: known(a.Low), High: known(a.High), Other: known(b.Share)})
	}
	return out
}

// decimal writes a figure with two decimals, without those that say nothing.
func decimal(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// difference writes an effect with its unit.
func difference(u Unit, v float64) string {
	switch u {
	case UnitShare:
		return strconv.FormatFloat(math.Abs(v)*100, 'f', 1, 64) + " points"
	case UnitRatio:
		return decimal(v)
	default:
		return decimal(math.Abs(v))
	}
}

// signed writes the end of an interval.
func signed(u Unit, v *float64) string {
	switch {
	case v == nil:
		return "not known"
	case u == UnitShare:
		return strconv.FormatFloat(*v*100, 'f', 1, 64)
	}
	return decimal(*v)
}

// headline says the effect in a sentence.
func (r *Result) headline() string {
	if r.Effect.Value == nil {
		return "Nothing can be told: " + r.Verdict
	}
	v := *r.Effect.Value
	interval := fmt.Sprintf(" (95 %% interval %s to %s)", signed(r.Unit, r.Effect.Low), signed(r.Unit, r.Effect.High))
	of := r.Asked.Outcome
	switch {
	case r.Unit == UnitRatio:
		what := map[OutcomeKind]string{Stays: "going quiet was", Next: "writing or answering was", Closes: "winning the deal was", Leaves: "paying no more was"}[of.Kind]
		who := "those exposed"
		if of.Kind.OfAccounts() {
			who = "accounts with somebody in the community"
		}
		return fmt.Sprintf("At any time %s %s times as likely for %s as for their likes%s.", what, decimal(v), who, interval)
	case of.Kind == ByMetric:
		return fmt.Sprintf("After that day the figure was %s %s a period than it would have been, had it gone on as before%s.", difference(r.Unit, v), moreLess(v), interval)
	case of.Kind == Monthly:
		return fmt.Sprintf("Those exposed did %s %s a month, against how the others changed%s.", difference(r.Unit, v), moreLess(v), interval)
	}
	who := "Those exposed"
	than := "than their likes"
	if r.Light == verdict.Experiment || r.Method == trialMethod {
		who, than = "Those to whom it was offered", "than those who were held out"
	}
	const accounts = "Accounts with somebody in the community "
	switch of.Kind {
	case Won:
		return fmt.Sprintf(accounts+"won their deal within %d days %s %s often %s%s.", of.Days, difference(r.Unit, v), moreLess(v), than, interval)
	case Renewed:
		return fmt.Sprintf(accounts+"renewed %s %s often %s%s.", difference(r.Unit, v), moreLess(v), than, interval)
	case Expanded:
		return fmt.Sprintf(accounts+"paid more after %d days %s %s often %s%s.", of.Days, difference(r.Unit, v), moreLess(v), than, interval)
	case Active:
		return fmt.Sprintf("%s were active within %d days %s %s often %s%s.", who, of.Days, difference(r.Unit, v), moreLess(v), than, interval)
	case Says:
		return fmt.Sprintf("%s wrote or answered within %d days %s %s often %s%s.", who, of.Days, difference(r.Unit, v), moreLess(v), than, interval)
	default:
		return fmt.Sprintf("%s did %s %s within %d days %s%s.", who, difference(r.Unit, v), moreLess(v), of.Days, than, interval)
	}
}

// trialMethod is how study.Trial calls itself.
const trialMethod = "randomized, intention to treat"

func moreLess(v float64) string {
	if v < 0 {
		return "less"
	}
	return "more"
}
