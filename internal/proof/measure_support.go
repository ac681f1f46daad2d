// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"fmt"
	"math"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/deflection"
	"greenroom/internal/impact/noise"
	"greenroom/internal/impact/resample"
)

const forSupport = "Support"

// The inputs of measures that people can set.
const (
	formSessions  = "forms.sessions"
	formDeflected = "forms.deflected"
	formReturned  = "forms.returned"
	searchesAll   = "searches.all"
	searchesClick = "searches.clicked"
	searchesOn    = "searches.went_on"
	surveyAsked   = "survey.asked"
	surveySupport = "survey.support"
	surveyFound   = "survey.found"
	surveyInstead = "survey.instead"
	visits        = "visits"
	viewsAnswered = "views.answered"
	viewsOther    = "views.other"
	shareAnswered = "share.answered"
	shareOther    = "share.other"
	caseCost      = "case.cost"
	namesOfUs     = "community.names"
	wordsOfBrand  = "brand.words"
	wordsOfOthers = "others.words"
)

// usualInputs are the inputs before somebody sets them. Counts are of the time that is looked at.
func usualInputs() []Input {
	count := func(key, name, unit string) Input {
		return Input{Key: key, Name: name, Unit: unit, Origin: "nobody has given it yet", Editable: true}
	}
	answered, other := deflection.Priors()
	prior := func(key string, in assumption.Input) Input {
		return Input{Key: key, Name: in.Name, Unit: in.Unit, Low: in.Low, Likely: in.Likely, High: in.High, Origin: in.Origin, Editable: true, Known: true}
	}
	return []Input{
		count(formSessions, "sessions at the case form, a month", "sessions"), count(formDeflected, "of these, looked at a suggestion and did not submit", "sessions"), count(formReturned, "of these, opened a case within three days", "sessions"),
		count(searchesAll, "searches in the community, a month", "searches"), count(searchesClick, "of these, with a click", "searches"), count(searchesOn, "of these, went on to support", "searches"),
		count(surveyAsked, "visitors who were asked", "visitors"), count(surveySupport, "of these, came for support", "visitors"), count(surveyFound, "of these, found it", "visitors"), count(surveyInstead, "of these, would have contacted support", "visitors"),
		count(visits, "visits of the community, a month", "visits"),
		count(viewsAnswered, "views of answered questions, a month", "views"), count(viewsOther, "views of other questions, a month", "views"),
		prior(shareAnswered, answered), prior(shareOther, other),
		{Key: namesOfUs, Name: "what the CRM calls the community, as the origin of a deal", Words: []string{"Community", "Forum", "Discord", "Slack", "Meetup"}, Origin: "usual words", Editable: true, Known: true},
		{Key: wordsOfBrand, Name: "words of the brand", Origin: "nobody has given it yet", Editable: true},
		{Key: wordsOfOthers, Name: "words of others, for the share of voice", Origin: "nobody has given it yet", Editable: true},
		{Key: caseCost, Name: "cost of a support case", Unit: "of the reporting currency", Low: 10, Likely: 15, High: 25, Origin: "a guess; ask support", Editable: true, Known: true},
	}
}

func supportMeasures() []Measure {
	causal := "Would they have opened a case without the community?"
	never := " The ways to count the same cases differ; they are never added."
	return []Measure{
		{
			Key: "deflection_explicit", Label: "Case deflection, explicit", For: forSupport, Asks: "How many cases does the community save?", Unit: UnitShare, Causal: causal, Example: "deflection-explicit", Sources: cite(coveo),
			Definition: "Sessions at the case form that ended with a suggestion and without a case, also within three days." + never, Formula: "(looked at a suggestion and did not submit − came back with a case) / sessions", compute: explicit,
		},
		{
			Key: "deflection_implicit", Label: "Case deflection, by searches", For: forSupport, Asks: "How many cases does the community save?", Unit: UnitShare, Causal: causal, Example: "deflection-implicit", Sources: cite(unify),
			Definition: "Searches with a click that did not go on to support." + never, Formula: "(searches with a click − those that went on) / searches", compute: implicit,
		},
		{
			Key: "deflection_survey", Label: "Case deflection, by survey", For: forSupport, Asks: "How many cases does the community save?", Unit: UnitCount, Causal: causal, Example: "deflection-survey", Sources: cite(khoros),
			Definition: "Visits a month of people who came for support, found it, and would have contacted support otherwise; each is asked of those who said yes before." + never, Formula: "visits × came for support × of these found × of these would have contacted", compute: surveyed,
		},
		{
			Key: "deflection_views", Label: "Case deflection, by answers and views", For: forSupport, Asks: "How many cases does the community save?", Unit: UnitCount, Causal: causal, Example: "deflection-views", Sources: cite(vanilla),
			Definition: "Questions of the time that another member solved, and a share of views. The shares are a vendor's constants with a wide range: set your own." + never, Formula: "solved + views of answered × share + other views × share", compute: viewed,
		},
		{
			Key: "deflection_savings", Label: "Saved by deflection", For: forSupport, Asks: "How many cases does the community save?", Unit: UnitMoney, Causal: causal, Example: "deflection-views", Sources: cite(vanilla, thecr),
			Definition: "The cases of “by answers and views” times the cost of a case, with the range of all assumptions together.", Formula: "cases × cost of a case", compute: saved,
		},
	}
}

// given are inputs that all have to be known.
func (b *Books) given(keys ...string) ([]Input, []string) {
	var in []Input
	var missing []string
	for _, k := range keys {
		i := b.Inputs[k]
		if in = append(in, i); !i.Known {
			missing = append(missing, "Not known: "+i.Name+". Set it under Assumptions.")
		}
	}
	return in, missing
}

// months is how long the books go, in months of a mean year.
func (b *Books) months() float64 { return b.To.Sub(b.From).Hours() / 24 / (365.25 / 12) }

func rate(hits, n float64, in []Input) Figure {
	f := Figure{Inputs: in}
	if n > 0 && hits >= 0 && hits <= n {
		v := hits / n
		low, high := noise.Wilson(int64(math.Round(hits)), int64(math.Round(n)))
		f.Value, f.Low, f.High, f.Count, f.Of = &v, &low, &high, int(hits), int(n)
	}
	return f
}

func explicit(b *Books) (Figure, []Record, error) {
	in, missing := b.given(formSessions, formDeflected, formReturned)
	if missing != nil {
		return Figure{Inputs: in, Unknown: missing}, nil, nil
	}
	f := rate(in[1].Likely-in[2].Likely, in[0].Likely, in)
	f.Unknown = []string{"Who gave up, and called instead."}
	return f, nil, nil
}

func implicit(b *Books) (Figure, []Record, error) {
	in, missing := b.given(searchesAll, searchesClick, searchesOn)
	if missing != nil {
		return Figure{Inputs: in, Unknown: missing}, nil, nil
	}
	f := rate(in[1].Likely-in[2].Likely, in[0].Likely, in)
	f.Unknown = []string{"Who would not have opened a case anyway."}
	return f, nil, nil
}

// mostReplies is how many replies are drawn from at most.
const mostReplies = 20_000

func surveyed(b *Books) (Figure, []Record, error) {
	in, missing := b.given(surveyAsked, surveySupport, surveyFound, surveyInstead, visits)
	if missing != nil {
		return Figure{Inputs: in, Unknown: missing}, nil, nil
	}
	n := make([]int, 4)
	for i := range n {
		if n[i] = int(in[i].Likely); n[i] < 0 || i > 0 && n[i] > n[i-1] || n[0] > mostReplies {
			return Figure{Inputs: in, Unknown: []string{fmt.Sprintf("Each count has to be at most the one before it, and the first at most %d.", mostReplies)}}, nil, nil
		}
	}
	answers := make([]deflection.Answer, n[0])
	for i := range answers {
		yes := func(k int) deflection.Reply {
			switch {
			case i < n[k]:
				return deflection.Yes
			case i < n[k-1]:
				return deflection.No
			}
			return deflection.NotAsked
		}
		answers[i] = deflection.Answer{Support: yes(1), Found: yes(2), Instead: yes(3)}
	}
	chain, err := deflection.Survey(answers, 2000, resample.Source(seedOf))
	if err != nil {
		return Figure{Inputs: in, Unknown: []string{"Nobody was asked."}}, nil, nil //nolint:nilerr // it is said
	}
	v, low, high := chain.Share.Value*in[4].Likely, chain.Share.Low*in[4].Likely, chain.Share.High*in[4].Likely
	return Figure{Value: &v, Low: &low, High: &high, Inputs: in, Unknown: []string{"Whether those who answer are like those who do not."}}, nil, nil
}

// seedOf makes ranges come out the same each time.
const seedOf = 7

func (i *Input) assumed(times float64) assumption.Input {
	return assumption.Input{Name: i.Name, Unit: i.Unit, Origin: i.Origin, Low: i.Low * times, Likely: i.Likely * times, High: i.High * times}
}

// deflected runs a model over solved questions, shares of views, and the cost of a case.
func (b *Books) deflected(model func(cases, cost float64) float64) (Figure, error) {
	in, _ := b.given(viewsAnswered, viewsOther, shareAnswered, shareOther, caseCost)
	f := Figure{Count: b.Crowd.Accepted}
	solved := Input{Name: "questions that another member solved", Unit: "questions", Low: float64(b.Crowd.Accepted), Likely: float64(b.Crowd.Accepted), High: float64(b.Crowd.Accepted), Origin: "counted from the connected sources", Known: true}
	f.Inputs = append([]Input{solved}, in...)
	if !in[0].Known && !in[1].Known {
		f.Unknown = append(f.Unknown, "How often questions are viewed: nobody has given it, so views count as none. Set them under Assumptions.")
	}
	o, err := assumption.Run([]assumption.Input{in[0].assumed(b.months()), in[1].assumed(b.months()), in[2].assumed(1), in[3].assumed(1), in[4].assumed(1)}, assumption.Draws, seedOf, func(v []float64) float64 {
		return model(float64(b.Crowd.Accepted)+v[0]*v[2]+v[1]*v[3], v[4])
	})
	if err != nil {
		return f, fmt.Errorf("computing the range: %w", err)
	}
	f.Value, f.Low, f.High = &o.Likely, &o.Low, &o.High
	if len(o.Swings) > 0 && o.Swings[0].Width > 0 {
		f.Matters = o.Says()
	}
	f.Unknown = append(f.Unknown, "Who would have opened a case: nobody can count what did not happen.")
	return f, nil
}

func viewed(b *Books) (Figure, []Record, error) {
	f, err := b.deflected(func(cases, _ float64) float64 { return cases })
	f.Inputs = f.Inputs[:5]
	return f, nil, err
}

func saved(b *Books) (Figure, []Record, error) {
	f, err := b.deflected(func(cases, cost float64) float64 { return cases * cost })
	return f, nil, err
}
