// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/proof"
)

// Proof says what the community does for the business; proof.Service does.
type Proof interface {
	Measures() []proof.Measure
	Measure(ctx context.Context, key string, from, to time.Time) (proof.Figure, error)
	Figures(ctx context.Context, from, to time.Time) ([]proof.Figure, error)
	Records(ctx context.Context, key string, from, to time.Time) ([]proof.Record, error)
	ProofStudies
	ProofRuns
	ProofLedger
}

// ProofStudies keeps studies.
type ProofStudies interface {
	List(ctx context.Context) ([]proof.Study, error)
	Get(ctx context.Context, id int64) (proof.Study, error)
	Subjects(ctx context.Context) ([]proof.Subject, error)
	Add(ctx context.Context, d proof.Draft, by string) (proof.Study, error)
	Edit(ctx context.Context, id, version int64, d proof.Draft, by string) (proof.Study, error)
	Remove(ctx context.Context, id, version int64, back bool, by string) (proof.Study, error)
}

// ProofRuns computes studies.
type ProofRuns interface {
	Runs(ctx context.Context, id int64) ([]proof.Run, error)
	Run(ctx context.Context, id int64) (proof.Run, error)
	Compared(ctx context.Context, run int64, limit int) ([]proof.Compared, error)
	Ask(ctx context.Context, id int64, by string) (proof.Run, error)
	Cancel(ctx context.Context, id int64) (proof.Run, error)
}

// ProofLedger keeps costs and assumptions.
type ProofLedger interface {
	Costs(ctx context.Context) ([]proof.Cost, error)
	AddCosts(ctx context.Context, all []proof.Cost, by string) ([]proof.Cost, error)
	ChangeCost(ctx context.Context, c proof.Cost, remove bool, by string) (proof.Cost, error)
	Inputs(ctx context.Context) ([]proof.Input, error)
	SetInput(ctx context.Context, in proof.Input, by string) (proof.Input, error)
}

// ProofStudyChange is all that can be changed of a study, with the version that it was made from.
type ProofStudyChange struct {
	proof.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ProofRemoval takes something away, or puts it back.
type ProofRemoval struct {
	Version int64 `json:"version" doc:"The version that was looked at."`
	Back    bool  `json:"back,omitempty" doc:"Put it back."`
}

// ProofCostFile is a file of costs.
type ProofCostFile struct {
	CSV string `json:"csv" doc:"The file: a heading and a line for each cost. All lines are taken, or none."`
}

const impactTag = "Impact"

// impactSpan reads the time of measures: the last 90 whole days where nothing is said.
func (a *api) impactSpan(c *call) (from, to time.Time, err error) {
	now := a.Now()
	to = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	from = to.AddDate(0, 0, -90)
	for _, x := range []struct {
		name string
		to   *time.Time
		days int
	}{{"from", &from, 0}, {"to", &to, 1}} {
		text := c.text(x.name)
		if text == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, text, now.Location())
		if err != nil {
			return from, to, greenroom.Errorf(greenroom.CodeInvalid, "%s: %q is no day; write it as 2026-01-31", x.name, text)
		}
		*x.to = day.AddDate(0, 0, x.days)
	}
	return from, to, nil
}

func (a *api) proofOps() []op {
	if a.Proof == nil {
		return nil
	}
	return append(append(a.measureOps(), a.studyOps()...), append(a.studyRunOps(), a.ledgerOps()...)...)
}

func (a *api) measureOps() []op {
	span := []param{{name: "from", form: formText, text: "First day. Without it, 90 days before today.", example: "2026-01-01"}, {name: "to", form: formText, text: "Last day. Without it, yesterday.", example: "2026-03-31"}}
	key := param{name: "key", path: true, form: formText, text: "The measure.", example: "pipeline_influenced"}
	figure := exampleImpactFigure()
	measure := proof.Measures()[3]
	return []op{
		{
			method: http.MethodGet, path: "/impact/measures", id: "listMeasures", tag: impactTag, need: auth.Read, reply: content{of: Items[proof.Measure]{}, example: Items[proof.Measure]{Items: []proof.Measure{measure}}},
			summary: "The measures", text: "Each with its definition, its source, and the question that would have to be answered to call it an effect.",
			do: func(*call) (answer, error) { return itemsOf(a.Proof.Measures()) },
		},
		{
			method: http.MethodGet, path: "/impact/figures", id: "listFigures", tag: impactTag, need: auth.Read, params: span, reply: content{of: Items[proof.Figure]{}, example: Items[proof.Figure]{Items: []proof.Figure{figure}}},
			summary: "All measures in a time", text: "In the order of the catalog. Figures that count the same are never added.",
			do: func(c *call) (answer, error) {
				from, to, err := a.impactSpan(c)
				if err != nil {
					return answer{}, err
				}
				all, err := a.Proof.Figures(c.ctx(), from, to)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/impact/measures/{key}", id: "getMeasure", tag: impactTag, need: auth.Read, params: append([]param{key}, span...), reply: content{of: proof.Figure{}, example: figure},
			summary: "A measure in a time", text: "With its range, what it rests on and where each input comes from, what is not known, and the study that says how far it is an effect.",
			do: func(c *call) (answer, error) {
				from, to, err := a.impactSpan(c)
				if err != nil {
					return answer{}, err
				}
				f, err := a.Proof.Measure(c.ctx(), c.text("key"), from, to)
				if err != nil {
					return answer{}, err
				}
				return ok(f)
			},
		},
		{
			method: http.MethodGet, path: "/impact/measures/{key}/records", id: "listMeasureRecords", tag: impactTag, need: auth.Read, params: append([]param{key}, span...), reply: content{of: Items[proof.Record]{}, example: Items[proof.Record]{Items: []proof.Record{{Name: "Pilot", Organization: 7, At: exampleTime(2), Value: 12000, Note: "last touch 2026-11-01"}}}},
			summary: "What a measure counts", text: "Every record behind the figure, with what it adds and why.",
			do: func(c *call) (answer, error) {
				from, to, err := a.impactSpan(c)
				if err != nil {
					return answer{}, err
				}
				all, err := a.Proof.Records(c.ctx(), c.text("key"), from, to)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

func (a *api) studyOps() []op {
	id := idParam("The study's number.")
	one := content{of: proof.Study{}, example: exampleStudy()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	give := func(x proof.Study, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(x)
	}
	return []op{
		{
			method: http.MethodGet, path: "/impact/studies", id: "listStudies", tag: impactTag, need: auth.Read, reply: content{of: Items[proof.Study]{}, example: Items[proof.Study]{Items: []proof.Study{exampleStudy()}}},
			summary: "Studies", text: "What would have happened without? The newest first, each with its newest result.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.List(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/impact/subjects", id: "listStudySubjects", tag: impactTag, need: auth.Read, reply: content{of: Items[proof.Subject]{}, example: Items[proof.Subject]{Items: []proof.Subject{{Kind: proof.ByWorkflow, Ref: 1, Name: "New faces", Held: 40}}}},
			summary: "What studies can be about", text: "Workflows, programs, events and surveys. Those that held members out by chance can be experiments.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.Subjects(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/impact/studies", id: "createStudy", tag: impactTag, need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one, body: &content{of: proof.Draft{}, text: "The question.", example: exampleStudy().Draft},
			summary: "Make a study", text: "It is not run yet. The method follows from the question.",
			do: func(c *call) (answer, error) {
				d, err := decode[proof.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Proof.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/impact/studies/{id}", id: "getStudy", tag: impactTag, need: auth.Read, params: []param{id}, reply: one,
			summary: "A study", text: "With its newest result.",
			do: func(c *call) (answer, error) { return give(a.Proof.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/impact/studies/{id}", id: "changeStudy", tag: impactTag, need: auth.Write, params: []param{id}, reply: one, codes: conflict, body: &content{of: ProofStudyChange{}, text: "The question, and its version.", example: ProofStudyChange{Draft: exampleStudy().Draft, Version: 1}},
			summary: "Change a study", text: "Results that are there stay with the question that they answer.",
			do: func(c *call) (answer, error) {
				d, err := decode[ProofStudyChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Proof.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/impact/studies/{id}/remove", id: "removeStudy", tag: impactTag, need: auth.Write, params: []param{id}, reply: one, codes: conflict, body: &content{of: ProofRemoval{}, text: "Its version.", example: ProofRemoval{Version: 1}},
			summary: "Take a study off the list", text: "Its results are kept. With `back` it is put back.",
			do: func(c *call) (answer, error) {
				d, err := decode[ProofRemoval](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Proof.Remove(c.ctx(), c.id(), d.Version, d.Back, c.by()))
			},
		},
	}
}

func (a *api) studyRunOps() []op {
	study, run := idParam("The study's number."), idParam("The run's number.")
	one := content{of: proof.Run{}, example: exampleStudyRun()}
	give := func(x proof.Run, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(x)
	}
	return []op{
		{
			method: http.MethodGet, path: "/impact/studies/{id}/runs", id: "listStudyRuns", tag: impactTag, need: auth.Read, params: []param{study}, reply: content{of: Items[proof.Run]{}, example: Items[proof.Run]{Items: []proof.Run{exampleStudyRun()}}},
			summary: "The runs of a study", text: "The newest first. None is changed later.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.Runs(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/impact/studies/{id}/runs", id: "runStudy", tag: impactTag, need: auth.Write, params: []param{study}, status: http.StatusCreated, reply: one,
			summary: "Run a study", text: "In the background, over the data of now. Where a run is in line or under way already, that is the answer.",
			do: func(c *call) (answer, error) { return give(a.Proof.Ask(c.ctx(), c.id(), c.by())) },
		},
		{
			method: http.MethodGet, path: "/impact/runs/{id}", id: "getStudyRun", tag: impactTag, need: auth.Read, params: []param{run}, reply: one,
			summary: "A run", text: "How far it is, and its result.",
			do: func(c *call) (answer, error) { return give(a.Proof.Run(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPost, path: "/impact/runs/{id}/cancel", id: "cancelStudyRun", tag: impactTag, need: auth.Write, params: []param{run}, reply: one,
			summary: "Stop a run", text: "Nothing of it is kept. One that is over stays as it is.",
			do: func(c *call) (answer, error) { return give(a.Proof.Cancel(c.ctx(), c.id())) },
		},
		{
			method: http.MethodGet, path: "/impact/runs/{id}/people", id: "listCompared", tag: impactTag, need: auth.Read, params: []param{run}, reply: content{of: Items[proof.Compared]{}, example: Items[proof.Compared]{Items: []proof.Compared{{MemberID: 42, Name: "Ana", Exposed: true, Compared: true, At: exampleTime(2), Outcome: 1}}}},
			summary: "Who was compared", text: "Those exposed first. Kept for the last three runs of a study.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.Compared(c.ctx(), c.id(), mostCompared)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

// mostCompared is how many people the answer has at most; a run has no more.
const mostCompared = 100_000

func (a *api) ledgerOps() []op {
	id := idParam("The line's number.")
	cost := proof.Cost{ID: 1, Version: 1, Name: "Community manager", Category: "people", Rhythm: proof.EachMonth, From: "2026-01-01", Amount: 9600, Currency: "EUR", Hours: 160, Rate: 60}
	input := proof.Input{Key: "case.cost", Name: "cost of a support case", Unit: "of the reporting currency", Low: 10, Likely: 12, High: 20, Origin: "support, first quarter", Editable: true, Known: true, Version: 1}
	costs := content{of: Items[proof.Cost]{}, example: Items[proof.Cost]{Items: []proof.Cost{cost}}}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	change := func(c *call, remove bool) (answer, error) {
		x, err := decode[proof.Cost](c)
		if err != nil {
			return answer{}, err
		}
		x.ID = c.id()
		if x, err = a.Proof.ChangeCost(c.ctx(), x, remove, c.by()); err != nil {
			return answer{}, err
		}
		return ok(x)
	}
	add := func(c *call, all []proof.Cost) (answer, error) {
		out, err := a.Proof.AddCosts(c.ctx(), all, c.by())
		if err != nil {
			return answer{}, err
		}
		return itemsOf(out)
	}
	return []op{
		{
			method: http.MethodGet, path: "/impact/costs", id: "listCosts", tag: impactTag, need: auth.Read, reply: costs, summary: "What the community costs", text: "The ledger, the newest line first.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.Costs(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/impact/costs", id: "addCost", tag: impactTag, need: auth.Write, status: http.StatusCreated, repeatable: true, reply: costs, body: &content{of: proof.Cost{}, text: "The line; its number and version are given.", example: cost}, summary: "Add a line to the ledger", text: "Of people's time, hours and the cost of an hour.",
			do: func(c *call) (answer, error) {
				x, err := decode[proof.Cost](c)
				if err != nil {
					return answer{}, err
				}
				return add(c, []proof.Cost{x})
			},
		},
		{
			method: http.MethodPost, path: "/impact/cost-files", id: "importCosts", tag: impactTag, need: auth.Write, status: http.StatusCreated, repeatable: true, reply: costs, body: &content{of: ProofCostFile{}, text: "The file.", example: ProofCostFile{CSV: "name,category,from,amount,currency\nVenue,events,2026-05-02,1200,EUR\n"}}, summary: "Add lines from a CSV file", text: "All of them, or none where one makes no sense.",
			do: func(c *call) (answer, error) {
				x, err := decode[ProofCostFile](c)
				if err != nil {
					return answer{}, err
				}
				all, err := proof.ReadCosts(strings.NewReader(x.CSV))
				if err != nil {
					return answer{}, err
				}
				return add(c, all)
			},
		},
		{
			method: http.MethodPut, path: "/impact/costs/{id}", id: "changeCost", tag: impactTag, need: auth.Write, params: []param{id}, codes: conflict, reply: content{of: proof.Cost{}, example: cost}, body: &content{of: proof.Cost{}, text: "The line with the version that was looked at.", example: cost}, summary: "Change a line", text: "With another version than it has, nothing is changed.",
			do: func(c *call) (answer, error) { return change(c, false) },
		},
		{
			method: http.MethodPost, path: "/impact/costs/{id}/remove", id: "removeCost", tag: impactTag, need: auth.Write, params: []param{id}, codes: conflict, reply: content{of: proof.Cost{}, example: cost}, body: &content{of: proof.Cost{}, text: "The line with the version that was looked at.", example: cost}, summary: "Take a line away", text: "Figures no longer count it.",
			do: func(c *call) (answer, error) { return change(c, true) },
		},
		{
			method: http.MethodGet, path: "/impact/assumptions", id: "listAssumptions", tag: impactTag, need: auth.Read, reply: content{of: Items[proof.Input]{}, example: Items[proof.Input]{Items: []proof.Input{input}}}, summary: "What measures assume", text: "Each with its range and where it comes from.",
			do: func(c *call) (answer, error) {
				all, err := a.Proof.Inputs(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPut, path: "/impact/assumptions/{key}", id: "setAssumption", tag: impactTag, need: auth.Write, codes: conflict, params: []param{{name: "key", path: true, form: formText, text: "The assumption.", example: "case.cost"}}, reply: content{of: proof.Input{}, example: input}, body: &content{of: proof.Input{}, text: "The likely value, its range, its origin and the version that was looked at.", example: input}, summary: "Set an assumption", text: "With another version than it has, nothing is changed.",
			do: func(c *call) (answer, error) {
				x, err := decode[proof.Input](c)
				if err != nil {
					return answer{}, err
				}
				x.Key = c.text("key")
				if x, err = a.Proof.SetInput(c.ctx(), x, c.by()); err != nil {
					return answer{}, err
				}
				return ok(x)
			},
		},
	}
}

func exampleImpactFigure() proof.Figure {
	v, rest := 42000.0, 18000.0
	return proof.Figure{
		Key: "pipeline_influenced", From: exampleTime(1), To: exampleTime(20), Value: &v, Unit: proof.UnitMoney, Money: "EUR", Count: 5, Of: 8, Verdict: "correlation only", Causal: "Would these deals have been opened without the community?",
		Parts:   []proof.Part{{Label: "touched", Value: &v, Unit: proof.UnitMoney, Count: 5}, {Label: "not touched", Value: &rest, Unit: proof.UnitMoney, Count: 3}},
		Records: "/impact/measures/pipeline_influenced?from=2026-11-01&to=2026-11-19#records", Unknown: []string{"Whether the touch had anything to do with the deal."},
	}
}

func exampleStudy() proof.Study {
	return proof.Study{
		Draft: proof.Draft{Title: "Does the welcome keep people?", Exposure: proof.Exposure{Kind: proof.ByWorkflow, Ref: 1, Name: "New faces"}, Outcome: proof.Outcome{Kind: proof.Active, Days: 30}, From: "2026-01-01", To: "2026-09-30"},
		ID:    1, State: proof.Open, Version: 1, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2),
	}
}

func exampleStudyRun() proof.Run {
	v, low, high, p := .08, .02, .14, .009
	x := exampleStudy()
	return proof.Run{ID: 3, StudyID: 1, State: proof.Done, Done: 4, Total: 4, By: "ana@acme.example", AskedAt: exampleTime(20), EndedAt: exampleTime(20), Result: &proof.Result{
		Asked: x.Draft, Version: 1, AsOf: exampleTime(20), Seed: 1, Method: "randomized, intention to treat", Why: "Chance held some out of the workflow, so it is an experiment.", Unit: proof.UnitShare, Effect: proof.Estimate{Value: &v, Low: &low, High: &high, P: &p},
		Exposed: 400, Others: 100, Compared: 400, Light: "experiment", Says: "Those to whom it was offered were active within 30 days 8.0 points more often than those who were held out (95 % interval 2.0 to 14.0).", Verdict: "An experiment; an effect is shown.",
		Reasons: []proof.Reason{{Rule: "design", Fits: "experiment", Says: "Chance decided who gets it, and everybody counts where chance put them."}}, Assumes: []string{"Nobody who was held out gets it all the same."}, Unknown: []string{"Whether it would do the same for others than those who entered."},
	}}
}

// proofTypeName names the components of impact.
func proofTypeName(t reflect.Type) (string, bool) {
	_, inner, generic := strings.Cut(t.Name(), "[")
	switch at := strings.LastIndex(inner, "/proof."); {
	case t.PkgPath() == reflect.TypeFor[proof.Study]().PkgPath():
		return "Impact" + t.Name(), true
	case generic && at >= 0:
		return "Impact" + strings.TrimSuffix(inner[at+len("/proof."):], "]") + "Items", true
	}
	return "", false
}
