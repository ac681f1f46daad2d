// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/matching"
)

// Matches lets people judge who is one person.
type Matches interface {
	Suggestions(ctx context.Context, q matching.Query) ([]matching.Match, int64, error)
	Unchecked(ctx context.Context, limit int) ([]matching.Match, error)
	Judge(ctx context.Context, a, b int64, v matching.Verdict, by string) (review int64, err error)
	Check(ctx context.Context, a, b int64, right bool, by string) (review int64, err error)
	Undo(ctx context.Context, review int64, by string) error
	Quality(ctx context.Context) (matching.Quality, error)
	MatchRules
}

// MatchRules is what the model may decide by itself.
type MatchRules interface {
	MatchSettings(ctx context.Context) (matching.Settings, matching.State, error)
	Apply(ctx context.Context, auto, suggest float64) error
}

// MatchList is what waits for a person.
type MatchList struct {
	Items []matching.Match `json:"items" doc:"Pairs of accounts, what is worth most first."`
	Total int64            `json:"total" doc:"How many wait in all."`
}

// Judgement is what a person says of a pair of accounts.
type Judgement struct {
	A       int64  `json:"a" doc:"An identity's id."`
	B       int64  `json:"b" doc:"Another identity's id."`
	Verdict string `json:"verdict" doc:"same: one person; other: two people, for good; later: cannot be told, do not ask again. Of a merge to be checked: same or other."`
}

// Judged is the answer to a judgement.
type Judged struct {
	Review int64 `json:"review" doc:"By which it can be taken back."`
}

// Matching says how members are matched, and how well.
type Matching struct {
	Auto          float64   `json:"auto" doc:"From this probability on the model joins by itself."`
	Suggest       float64   `json:"suggest" doc:"From this one on it asks."`
	Model         int       `json:"model" doc:"The version of the model that is in use."`
	At            time.Time `json:"at,omitzero" doc:"When it looked last."`
	Identities    int       `json:"identities" doc:"How many accounts it looked at."`
	Links         int       `json:"links" doc:"How many joins it made."`
	Suggestions   int       `json:"suggestions" doc:"How many pairs it left to people."`
	ExpectedWrong float64   `json:"expected_wrong" doc:"How many of its joins are wrong, by its own probabilities."`
	CheckedRight  int64     `json:"checked_right" doc:"Joins that people looked at and found right."`
	CheckedWrong  int64     `json:"checked_wrong" doc:"Joins that people looked at and took apart."`
	Precision     *float64  `json:"precision,omitempty" doc:"The share of joins that are right, by those that were checked."`
	Low           float64   `json:"precision_low" doc:"Its 95 % interval (Wilson)."`
	High          float64   `json:"precision_high" doc:"Its 95 % interval (Wilson)."`
}

// Thresholds is what the model may decide by itself.
type Thresholds struct {
	Auto    float64 `json:"auto" doc:"From this probability on it joins by itself, 0.5 to 1."`
	Suggest float64 `json:"suggest" doc:"From this one on it asks; above 0, at most auto."`
}

func exampleMatch() matching.Match {
	side := func(id int64, name, handle string) matching.Side {
		m, i := exampleMember(), exampleIdentity()
		m.ID, m.Name, i.ID, i.Handle = id, name, id, handle
		return matching.Side{Member: m, Identities: []greenroom.Identity{i}}
	}
	return matching.Match{
		A: 12, B: 340, Probability: .74, Value: 54.6, Evidence: []matching.Evidence{{Kind: "derived", Weight: 8.6, Text: "\"aduarte\" is an initial and the other's family name"}},
		Left: side(12, "Ana Duarte", "ana"), Right: side(340, "aduarte", "aduarte"),
	}
}

func (a *api) matchOps() []op {
	if a.Matches == nil {
		return nil
	}
	limit := param{name: "limit", form: formInteger, min: 1, max: 500, initial: "50", text: "How many at most.", example: "20"}
	list := func(all []matching.Match, total int64, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		if all == nil {
			all = []matching.Match{}
		}
		return ok(MatchList{all, total})
	}
	reply := content{of: MatchList{}, example: MatchList{Items: []matching.Match{exampleMatch()}, Total: 38}}
	state := content{of: Matching{}, example: Matching{Auto: .9, Suggest: .1, Model: 2, Identities: 1401, Links: 415, Suggestions: 298, ExpectedWrong: 4, High: 1}}
	return []op{
		{
			method: http.MethodGet, path: "/matches", id: "listMatches", tag: "Members", need: auth.Read,
			summary: "Who may be one person",
			text:    "Pairs of accounts that the identity model is not sure of, with what speaks for and against.",
			params: []param{
				{name: "at_least", form: formText, text: "Only those at least this probable, in percent.", example: "80"},
				{name: "kind", form: formText, text: "Only those for which evidence of this kind speaks most.", example: "handle"},
				limit,
			},
			reply: reply,
			do: func(c *call) (answer, error) {
				q := matching.Query{Kind: c.text("kind"), Limit: int(c.integer("limit"))}
				var err error
				if q.AtLeast, err = matching.ParsePercent(c.text("at_least")); err != nil {
					return answer{}, err
				}
				return list(a.Matches.Suggestions(c.ctx(), q))
			},
		},
		{
			method: http.MethodGet, path: "/matches/unchecked", id: "listUncheckedMatches", tag: "Members", need: auth.Read,
			summary: "Joins of the model to be checked", text: "Joins that nobody has looked at, drawn at random.", params: []param{limit}, reply: reply,
			do: func(c *call) (answer, error) {
				all, err := a.Matches.Unchecked(c.ctx(), int(c.integer("limit")))
				return list(all, int64(len(all)), err)
			},
		},
		{
			method: http.MethodPost, path: "/matches", id: "judgeMatch", tag: "Members", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Judge a pair", text: "Says whether two suggested accounts are one person. Members are merged or kept apart accordingly.",
			body:  &content{of: Judgement{}, text: "The pair, and what it is.", example: Judgement{12, 340, "same"}},
			reply: content{of: Judged{}, example: Judged{7}},
			do: func(c *call) (answer, error) {
				j, err := decode[Judgement](c)
				if err != nil {
					return answer{}, err
				}
				id, err := a.Matches.Judge(c.ctx(), j.A, j.B, matching.Verdict(j.Verdict), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(Judged{id})
			},
		},
		{
			method: http.MethodPost, path: "/matches/unchecked", id: "checkMatch", tag: "Members", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Check a join of the model", text: "Says whether a join was right. One that was not is taken apart, for good.",
			body:  &content{of: Judgement{}, text: "The pair, and whether it is one person (same) or not (other).", example: Judgement{12, 340, "same"}},
			reply: content{of: Judged{}, example: Judged{8}},
			do: func(c *call) (answer, error) {
				j, err := decode[Judgement](c)
				if err != nil {
					return answer{}, err
				}
				if v := matching.Verdict(j.Verdict); v != matching.Same && v != matching.Other {
					return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "the verdict on a join is same or other, not %q", j.Verdict)
				}
				id, err := a.Matches.Check(c.ctx(), j.A, j.B, matching.Verdict(j.Verdict) == matching.Same, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(Judged{id})
			},
		},
		{
			method: http.MethodPost, path: "/matches/reviews/{id}/undo", id: "undoMatch", tag: "Members", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Take a judgement back", text: "Undoes what followed from it.", params: []param{idParam("The review's id.")}, reply: content{of: Judged{}, example: Judged{7}},
			do: func(c *call) (answer, error) {
				if err := a.Matches.Undo(c.ctx(), c.id(), c.by()); err != nil {
					return answer{}, err
				}
				return ok(Judged{c.id()})
			},
		},
		{
			method: http.MethodGet, path: "/matching", id: "getMatching", tag: "Members", need: auth.Read,
			summary: "How members are matched", text: "What the identity model may decide, what it found, and how well it does as far as people have looked.", reply: state,
			do: func(c *call) (answer, error) { return a.matching(c) },
		},
		{
			method: http.MethodPut, path: "/matching", id: "setMatching", tag: "Members", need: auth.Administer, timeout: actionTimeout,
			summary: "Set what the model may decide", text: "Sets both thresholds, agrees to the model of this version, and looks at everybody again.",
			body: &content{of: Thresholds{}, text: "The thresholds.", example: Thresholds{.95, .1}}, reply: state,
			do: func(c *call) (answer, error) {
				t, err := decode[Thresholds](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Matches.Apply(c.ctx(), t.Auto, t.Suggest); err != nil {
					return answer{}, err
				}
				return a.matching(c)
			},
		},
	}
}

func (a *api) matching(c *call) (answer, error) {
	settings, state, err := a.Matches.MatchSettings(c.ctx())
	if err != nil {
		return answer{}, err
	}
	q, err := a.Matches.Quality(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return ok(Matching{
		Auto: settings.Auto, Suggest: settings.Suggest, Model: settings.Model, At: state.At, Identities: state.Identities, Links: state.Links, Suggestions: state.Suggestions,
		ExpectedWrong: state.ExpectedWrong, CheckedRight: q.CheckedRight, CheckedWrong: q.CheckedWrong, Precision: q.Precision, Low: q.Low, High: q.High,
	})
}
