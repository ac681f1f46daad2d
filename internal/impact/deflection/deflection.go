// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deflection estimates how many support cases were not opened because the community had the answer.
//
// Nobody can count what did not happen, so there are four ways, which answer different questions and give different numbers:
//
//   - [Explicit]: somebody opened the case form, looked at what it suggested, and did not submit. Those who came back with a case in
//     the days after are not counted; without that, giving up looks like success (coveo.com/en/resources/infographics/types-of-case-deflection,
//     scottbideau.com/deflection-defined).
//   - [Implicit]: somebody searched, clicked, and did not go on to support (community.searchunify.com, Case Deflection and Its Stages).
//   - [Survey]: visitors are asked whether they came for support, found it, and would have contacted support otherwise (Khoros). Each
//     question is asked of those who said yes to the one before: to multiply three shares of all visitors assumes that they have
//     nothing to do with each other, which they have.
//   - [Views]: accepted answers and page views by a vendor's constants: 1 of 5 views of an answered question, 1 of 20 of others
//     (vanilla.higherlogic.com/blog/ticket-deflection-metrics-community). These are priors to be replaced by own figures, so they are
//     inputs with wide ranges.
//
// [Value] turns cases into money with a range, and says which assumption matters most. The four ways count the same cases: they are
// never added.
package deflection

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/noise"
	"greenroom/internal/impact/resample"
)

// ErrNobody says that there is nobody to count.
var ErrNobody = errors.New("nobody was asked or seen")

// Session is somebody at the case form.
type Session struct {
	Viewed    bool // looked at something that was suggested
	Submitted bool
	CameBack  bool // opened a case within the follow-up time all the same
}

// Rate is a share with its 95 % interval (Wilson's).
type Rate struct {
	Hits int64   `json:"hits"`
	Of   int64   `json:"of"`
	Rate float64 `json:"rate"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func rate(hits, of int64) (Rate, error) {
	if of <= 0 {
		return Rate{}, ErrNobody
	}
	r := Rate{Hits: hits, Of: of, Rate: float64(hits) / float64(of)}
	r.Low, r.High = noise.Wilson(hits, of)
	return r, nil
}

// Explicit is the share of sessions at the case form that ended with an answer.
func Explicit(sessions []Session) (Rate, error) {
	hits := int64(0)
	for _, s := range sessions {
		if s.Viewed && !s.Submitted && !s.CameBack {
			hits++
		}
	}
	r, err := rate(hits, int64(len(sessions)))
	if err != nil {
		return r, fmt.Errorf("count sessions at the case form: %w", err)
	}
	return r, nil
}

// Implicit is the share of search sessions with a click that did not go on to support.
func Implicit(searches, clicked, wentOn int64) (Rate, error) {
	if clicked > searches || wentOn > clicked || wentOn < 0 {
		return Rate{}, fmt.Errorf("count searches: %d searches, %d of them with a click, %d of these went on to support: each has to be part of the one before", searches, clicked, wentOn)
	}
	r, err := rate(clicked-wentOn, searches)
	if err != nil {
		return r, fmt.Errorf("count searches: %w", err)
	}
	return r, nil
}

// Reply is how somebody answered a question of the survey.
type Reply int

// The replies.
const (
	NotAsked Reply = iota
	No
	Yes
)

// Answer is one visitor's answers.
type Answer struct {
	Support Reply // did you come for support?
	Found   Reply // did you find it? Asked of those who did
	Instead Reply // would you have contacted support? Asked of those who found it
}

// Chain is the survey's chain of shares, each of those who said yes before.
type Chain struct {
	Support Rate            `json:"support"`
	Found   Rate            `json:"found"`
	Instead Rate            `json:"instead"`
	Share   chance.Estimate `json:"share"` // of all visits that are deflected: the product, with its bootstrap interval
	Draws   []float64       `json:"-"`     // of the bootstrap, for [assumption.Input]
}

// Survey estimates the share of visits that saved a case.
func Survey(answers []Answer, draws int, random *rand.Rand) (Chain, error) {
	all := make([]int, len(answers))
	for i := range all {
		all[i] = i
	}
	var c Chain
	counts := func(cases []int) (hits, of [3]int64) {
		for _, i := range cases {
			chain := [3]Reply{answers[i].Support, answers[i].Found, answers[i].Instead}
			for q, reply := range chain {
				if reply == NotAsked {
					break
				}
				of[q]++
				if reply == No {
					break
				}
				hits[q]++
			}
		}
		return hits, of
	}
	hits, of := counts(all)
	for q, to := range []*Rate{&c.Support, &c.Found, &c.Instead} {
		var err error
		if *to, err = rate(hits[q], of[q]); err != nil {
			return c, fmt.Errorf("estimate deflection by survey: question %d: %w", q+1, err)
		}
	}
	scatter, err := resample.Bootstrap(len(answers), draws, random, func(cases []int) float64 {
		hits, of := counts(cases)
		share := 1.0
		for q := range hits {
			share *= float64(hits[q]) / float64(of[q])
		}
		return share
	})
	if err != nil {
		return c, fmt.Errorf("estimate deflection by survey: %w", err)
	}
	c.Share, c.Draws = scatter.BCa(), scatter.Draws
	return c, nil
}

// Input makes an input of the chain's share.
func (c Chain) Input() assumption.Input {
	return assumption.Input{
		Name: "visits that saved a case", Unit: "share", Low: c.Share.Low, Likely: c.Share.Value, High: c.Share.High, Draws: c.Draws,
		Origin: fmt.Sprintf("survey of %d visitors", c.Support.Of),
	}
}

// The vendor's priors of [Views], with ranges that are ours: from a fifth to twice as much.
const (
	AnsweredViews = 1.0 / 5
	OtherViews    = 1.0 / 20
)

// Priors are the inputs of [Views] where nobody has own figures.
func Priors() (answered, other assumption.Input) {
	const origin = "vendor's constant (Vanilla), range ours"
	answered = assumption.Input{Name: "views of answered questions that saved a case", Unit: "share", Low: AnsweredViews / 5, Likely: AnsweredViews, High: 2 * AnsweredViews, Origin: origin}
	other = assumption.Input{Name: "other views that saved a case", Unit: "share", Low: OtherViews / 5, Likely: OtherViews, High: 2 * OtherViews, Origin: origin}
	return answered, other
}

// Views counts accepted answers by other members as one case each, and views by shares.
func Views(accepted, answeredViews, otherViews int64, answered, other assumption.Input, seed uint64) (assumption.Outcome, error) {
	o, err := assumption.Run([]assumption.Input{answered, other}, assumption.Draws, seed, func(v []float64) float64 {
		return float64(accepted) + float64(answeredViews)*v[0] + float64(otherViews)*v[1]
	})
	if err != nil {
		return o, fmt.Errorf("estimate deflection by views: %w", err)
	}
	return o, nil
}
