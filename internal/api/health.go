// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/orbit"
	"greenroom/internal/query"
)

// Health says how the community is; health.Service does.
type Health interface {
	Board(ctx context.Context, by analytics.Granularity) (*health.Board, error)
	Orbit(ctx context.Context, by analytics.Granularity) (*health.Orbit, error)
	Quiet(ctx context.Context, limit int) (all []health.Silent, total int, err error)
	// Changes says what changed in the last whole week or month, why, and what to do.
	Changes(ctx context.Context, by analytics.Granularity) (*health.Changes, error)
	// Movement says how a metric moved in its last whole period, beside what the season explains.
	Movement(ctx context.Context, r health.MovementRequest) (*health.Movement, error)
	HealthGroups
	HealthScores
}

// HealthGroups are the figures about members together.
type HealthGroups interface {
	Network(ctx context.Context) (*health.Network, error)
	Introduce(ctx context.Context, from, to int64) ([]health.Step, error)
	Funnel(ctx context.Context, r health.FunnelRequest) (*health.Funnel, error)
	Paths(ctx context.Context, by string) (paths []health.Path, members int64, err error)
	Compare(ctx context.Context, r health.CompareRequest) (*health.Comparison, error)
}

// HealthScores are the scores of members.
type HealthScores interface {
	Models(ctx context.Context) ([]orbit.Model, error)
	History(ctx context.Context, name string) ([]greenroom.ScoreVersion, error)
	Preview(ctx context.Context, m orbit.Model) (*health.Preview, error)
	Save(ctx context.Context, m orbit.Model, note, by string) (orbit.Model, error)
	Undo(ctx context.Context, name, by string) (orbit.Model, error)
	Explain(ctx context.Context, member int64) ([]health.Why, error)
	Silence(ctx context.Context, member int64) (*health.Silent, error)
}

// HealthQuiet is who is silent for longer than is usual for them.
type HealthQuiet struct {
	Members []health.Silent `json:"members" doc:"Those first of whom most is lost."`
	Total   int             `json:"total" doc:"How many there are in all."`
}

// HealthPaths is how members begin.
type HealthPaths struct {
	Paths   []health.Path `json:"paths" doc:"The most common ones first, 15 at most."`
	Members int64         `json:"members" doc:"How many members began in the last year."`
}

// HealthScored is what a member's scores are, and why.
type HealthScored struct {
	Scores  []health.Why   `json:"scores" doc:"Each score with what it is made of."`
	Silence *health.Silent `json:"silence,omitempty" doc:"How long they have been silent against what is usual; left out where too little is known."`
}

// ScoreChange is a changed score to save.
type ScoreChange struct {
	Model orbit.Model `json:"model" doc:"The weights. Its version is the one that they were made from."`
	Note  string      `json:"note,omitempty" doc:"Why; kept with the version."`
}

func (a *api) healthOps() []op {
	if a.Health == nil {
		return nil
	}
	period := param{name: "by", form: formText, choices: []string{"week", "month", "quarter"}, initial: "month", text: "How long the periods are.", example: "month"}
	score := nameParam("name", "The score: orbit, love or points.", "points")
	get := func(path, id, summary, text string, params []param, reply content, do func(*call) (answer, error)) op {
		return op{method: http.MethodGet, path: path, id: id, tag: "Health", need: auth.Read, summary: summary, text: text, params: params, reply: reply, do: do}
	}
	return []op{
		get("/health/board", "getHealthBoard", "How the community is", "Figures by the six purposes of SPACES: the last whole period against the one before, each with a verdict on whether that is more than noise.",
			[]param{period}, content{of: health.Board{}, example: exampleBoard()}, func(c *call) (answer, error) {
				return given(a.Health.Board(c.ctx(), analytics.Granularity(c.text("by"))))
			}),
		get("/health/changes", "getChanges", "What changed", "What changed in the last whole week or month by more than noise, which groups moved it, who to talk to, and what to do next.",
			[]param{{name: "by", form: formText, choices: []string{"week", "month"}, initial: "week", text: "How long the period is.", example: "week"}},
			content{of: health.Changes{}, example: exampleChanges()}, func(c *call) (answer, error) {
				return given(a.Health.Changes(c.ctx(), analytics.Granularity(c.text("by"))))
			}),
		{
			method: http.MethodGet, path: "/metrics/{name}/movement", id: "getMetricMovement", tag: "Metrics", need: auth.Read,
			summary: "How a metric moved",
			text: "The last whole period against the one before, whether that is more than noise, and the same step of earlier seasons: a year ago, or for days on the same weekdays. " +
				"Where enough earlier seasons are known, the verdict goes by them; otherwise `season.seasons` is 0 or `season` is left out, and the verdict knows no season.",
			params: []param{
				nameParam("name", "The metric's name, as GET /metrics lists it.", "active_members"),
				{name: "by", form: formText, choices: []string{"day", "week", "month", "quarter"}, initial: "week", text: "How long the periods are.", example: "month"},
				{name: "q", form: formText, example: "channel:#help", text: "What counts, in the query language."},
				{name: "segment", form: formText, example: "org.lifecycle:trial", text: "Whose activities count: a query about members."},
			}, reply: content{of: health.Movement{}, example: exampleMovement()}, do: a.movement,
		},
		get("/health/orbit", "getOrbit", "The Orbit model", "Levels, who moved between them, and gravity, as versions 2 and 1 of the Orbit model have them.",
			[]param{{name: "by", form: formText, choices: []string{"month", "quarter"}, initial: "month", text: "How long the periods are.", example: "month"}}, content{of: health.Orbit{}, example: exampleOrbit()},
			func(c *call) (answer, error) {
				return given(a.Health.Orbit(c.ctx(), analytics.Granularity(c.text("by"))))
			}),
		get("/health/quiet", "listQuiet", "Who is overdue", "Members who have been silent for longer than is usual for them. `is:overdue` finds the same in lists of members.",
			[]param{{name: "limit", form: formInteger, min: 1, max: 500, initial: "50", text: "How many are given at most.", example: "20"}}, content{of: HealthQuiet{}, example: HealthQuiet{Members: []health.Silent{exampleSilent()}, Total: 1}},
			func(c *call) (answer, error) {
				all, total, err := a.Health.Quiet(c.ctx(), int(c.integer("limit")))
				return given(HealthQuiet{all, total}, err)
			}),
		get("/health/network", "getNetwork", "Who answers whom", "The network of the last year: helpers, bridges between channels, and newcomers nobody answered.",
			nil, content{of: health.Network{}, example: exampleNetwork()}, func(c *call) (answer, error) { return given(a.Health.Network(c.ctx())) }),
		get("/health/introduction", "getIntroduction", "Who can introduce them", "The way from one member to another over the strongest connections; empty where there is none of five connections at most.",
			[]param{{name: "from", form: formInteger, required: true, min: 1, text: "The id of the member who wants to be introduced.", example: "42"}, {name: "to", form: formInteger, required: true, min: 1, text: "The id of the member to be introduced to.", example: "7"}},
			content{of: Items[health.Step]{}, example: Items[health.Step]{Items: []health.Step{{Member: 42, Name: "Ana Torres"}, {Member: 7, Name: "Ben Okafor", Strength: 60, Times: 6, Last: exampleTime(20)}}}},
			func(c *call) (answer, error) {
				steps, err := a.Health.Introduce(c.ctx(), c.integer("from"), c.integer("to"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(steps)
			}),
		get("/health/funnel", "getFunnel", "How far members come", "How many members take one step after the other, with the share of each step, its interval, and the median days between steps.",
			funnelParams(), content{of: health.Funnel{}, example: exampleFunnel()}, a.funnel),
		get("/health/paths", "getPaths", "How members begin", "The most common first five kinds of activity, or channels, of the members who began in the last year.",
			[]param{{name: "by", form: formText, choices: []string{"kind", "channel"}, initial: "kind", text: "What the steps are.", example: "kind"}},
			content{of: HealthPaths{}, example: HealthPaths{Paths: []health.Path{{Steps: []string{"Message", "Reply"}, Members: 12, Share: 0.2}}, Members: 60}},
			func(c *call) (answer, error) {
				paths, n, err := a.Health.Paths(c.ctx(), c.text("by"))
				return given(HealthPaths{paths, n}, err)
			}),
		get("/health/compare", "compareGroups", "Groups side by side", "A metric of several groups, the last whole period of each against the one before, with intervals and verdicts.",
			[]param{
				{name: "metric", form: formText, required: true, text: "The metric's name, as GET /metrics lists it.", example: "active_members"},
				{name: "across", form: formText, required: true, choices: append(words(analytics.Dimensions()), "program", "segment"), text: "What the groups are. Of programs: who is enrolled today, and who is in none; they are not matched.", example: "source"},
				period,
				{name: "segments", form: formText, text: "With across=segment: queries about members, with | between them.", example: "org.lifecycle:trial | org.lifecycle:customer"},
				{name: "q", form: formText, text: "What counts, in the query language.", example: "channel:#help"},
			}, content{of: health.Comparison{}, example: exampleComparison()}, func(c *call) (answer, error) {
				return given(a.Health.Compare(c.ctx(), health.CompareRequest{
					Metric: c.text("metric"), Across: c.text("across"), By: analytics.Granularity(c.text("by")), Query: c.text("q"), Segments: strings.Split(c.text("segments"), "|"),
				}))
			}),
		get("/members/{id}/scores", "getMemberScores", "A member's scores", "What each score makes of a member, from which activities, and how long they have been silent against what is usual for them.",
			[]param{idParam("The member's id.")}, content{of: HealthScored{}, example: HealthScored{Scores: []health.Why{exampleWhy()}}}, a.memberScores),
		get("/scores", "listScores", "The scores", "The weights of each score as they hold now.", nil,
			content{of: Items[orbit.Model]{}, example: Items[orbit.Model]{Items: []orbit.Model{exampleModel()}}}, func(c *call) (answer, error) {
				all, err := a.Health.Models(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			}),
		get("/scores/{name}/versions", "listScoreVersions", "Versions of a score", "What the team has saved, the newest first.", []param{score},
			content{of: Items[greenroom.ScoreVersion]{}, example: Items[greenroom.ScoreVersion]{Items: []greenroom.ScoreVersion{{Name: "points", Version: 1, Note: "answers count more", By: "ana@acme.example", At: exampleTime(20)}}}},
			func(c *call) (answer, error) {
				all, err := a.Health.History(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			}),
		{
			method: http.MethodPost, path: "/scores/{name}/preview", id: "previewScore", tag: "Health", need: auth.Read,
			summary: "Who would move", text: "Says who would move up or down if weights were changed. It changes nothing.", params: []param{score},
			body: &content{of: orbit.Model{}, example: exampleModel()}, reply: content{of: health.Preview{}, example: examplePreview()},
			do: func(c *call) (answer, error) {
				m, err := a.sentModel(c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Health.Preview(c.ctx(), m))
			},
		},
		{
			method: http.MethodPut, path: "/scores/{name}", id: "saveScore", tag: "Health", need: auth.Write,
			summary: "Save a score", text: "Makes changed weights the ones that hold, as a new version. It fails with 409 where somebody has saved another version since the one that is sent.", params: []param{score},
			body: &content{of: ScoreChange{}, example: ScoreChange{Model: exampleModel(), Note: "answers count more"}}, reply: content{of: orbit.Model{}, example: exampleModel()}, codes: []greenroom.Code{greenroom.CodeConflict},
			do: func(c *call) (answer, error) {
				body, err := decode[ScoreChange](c)
				if err != nil {
					return answer{}, err
				}
				if body.Model.Name = cmp.Or(body.Model.Name, c.text("name")); body.Model.Name != c.text("name") {
					return answer{}, wrong("name", "the address names the score %s, the body %s", c.text("name"), body.Model.Name)
				}
				if body.Model.Weights == nil {
					body.Model.Weights = map[string]float64{}
				}
				return given(a.Health.Save(c.ctx(), body.Model, body.Note, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/scores/{name}/undo", id: "undoScore", tag: "Health", need: auth.Write,
			summary: "Take a change of a score back", text: "Saves the version before the newest one anew.", params: []param{score}, reply: content{of: orbit.Model{}, example: exampleModel()}, codes: []greenroom.Code{greenroom.CodeConflict},
			do: func(c *call) (answer, error) { return given(a.Health.Undo(c.ctx(), c.text("name"), c.by())) },
		},
	}
}

// given is the answer with what a service gave.
func given[T any](v T, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(v)
}

func (a *api) sentModel(c *call) (orbit.Model, error) {
	m, err := decode[orbit.Model](c)
	if err != nil {
		return m, err
	}
	if m.Weights == nil {
		m.Weights = map[string]float64{}
	}
	if m.Name = cmp.Or(m.Name, c.text("name")); m.Name != c.text("name") {
		return m, wrong("name", "the address names the score %s, the body %s", c.text("name"), m.Name)
	}
	return m, nil
}

func (a *api) movement(c *call) (answer, error) {
	m, err := analytics.Lookup(c.text("name"))
	if err != nil {
		return answer{}, err
	}
	r := health.MovementRequest{Metric: m.Name, By: analytics.Granularity(c.text("by"))}
	if c.text("q") != "" {
		if r.Query, err = a.parse(c, "q", m.Entity); err != nil {
			return answer{}, err
		}
	}
	if c.text("segment") != "" {
		if r.Segment, err = a.parse(c, "segment", query.Members); err != nil {
			return answer{}, err
		}
	}
	return given(a.Health.Movement(c.ctx(), r))
}

func funnelParams() []param {
	return []param{
		{name: "steps", form: formText, text: "The steps, with | between them: joined, a query about activities such as is:question, did: with a count, or any query about members, which is a state of today. " +
			"Without it: " + strings.Join(health.DefaultSteps(), " | ") + ".", example: "joined | is:question | is:reply"},
		{name: "within", form: formInteger, min: 0, max: 3650, initial: "0", text: "In how many days of the first step the others have to be taken; 0 = any time.", example: "90"},
		{name: "by", form: formText, choices: []string{"month", "source", "channel", "country", "organization"}, text: "Cut the funnel by this, too.", example: "month"},
		{name: "at", form: formInteger, min: 0, max: 8, initial: "0", text: "List the members who got to this step, counted from 1, and no further.", example: "2"},
	}
}

func (a *api) funnel(c *call) (answer, error) {
	r := health.FunnelRequest{By: c.text("by"), Within: int(c.integer("within")), At: int(c.integer("at"))}
	if text := c.text("steps"); text != "" {
		r.Steps = strings.Split(text, "|")
	}
	return given(a.Health.Funnel(c.ctx(), r))
}

func (a *api) memberScores(c *call) (answer, error) {
	m, err := a.Objects.Member(c.ctx(), c.integer("id"))
	if err != nil {
		return answer{}, err
	}
	scores, err := a.Health.Explain(c.ctx(), m.ID)
	if err != nil {
		return answer{}, err
	}
	silence, err := a.Health.Silence(c.ctx(), m.ID)
	return given(HealthScored{scores, silence}, err)
}

func exampleFigure(v float64) *float64 { return &v }

func exampleVerdict() noise.Verdict { return noise.Proportions(56, 70, 48, 80) }

func exampleBoard() health.Board {
	return health.Board{By: analytics.Month, From: exampleTime(1), To: exampleTime(30), Purposes: []health.Purpose{{
		Letter: "S", Name: "Support", Asks: "Do people get answers, and from whom?", Items: []health.Item{{
			Metric: "answered_share", Label: "Answered", Unit: analytics.UnitShare, Value: exampleFigure(0.8), Previous: exampleFigure(0.6), Change: exampleFigure(0.2), Noise: exampleVerdict(),
			Series: []*float64{exampleFigure(0.6), exampleFigure(0.8)}, Entity: "conversations", Records: "opened:2026-11 is:question has:first_response",
		}},
	}}}
}

func exampleMovement() health.Movement {
	then := health.Season{
		Every: "year", From: exampleTime(1), Then: exampleFigure(80), Before: exampleFigure(100), Change: exampleFigure(-0.2), Seasons: 2,
		Says: "A year before, December was 20 % lower than November, too (80 after 100).", Entity: "activities", Records: "occurred:2025-12",
	}
	return health.Movement{By: analytics.Month, From: exampleTime(1), To: exampleTime(30), Says: "Activities: 90, down 30 from 120 (−25 %).", Item: health.Item{
		Metric: "activities", Label: "Activities", Unit: analytics.UnitActivities, Value: exampleFigure(90), Previous: exampleFigure(120), Change: exampleFigure(-0.25),
		Noise:    noise.RateSteps(noise.Step{Before: 120, Now: 90, BeforeOver: 30, NowOver: 31}, noise.Step{Before: 200, Now: 160, BeforeOver: 60, NowOver: 62}, 1),
		Seasonal: &then, Series: []*float64{exampleFigure(120), exampleFigure(90)}, Entity: "activities", Records: "occurred:2026-12",
	}}
}

func exampleModel() orbit.Model {
	m, _ := orbit.Default(orbit.Points)
	m.Weights = map[string]float64{"message": 6, "reply": 5, "answer": 8}
	return m
}

func exampleOrbit() health.Orbit {
	m, _ := orbit.Default(orbit.Levels)
	var flow orbit.Flow
	flow.Move(1, 4)
	flow.Move(4, 4)
	return health.Orbit{Model: m, By: analytics.Month, Now: flow.End, Periods: []health.OrbitPeriod{{From: exampleTime(1), To: exampleTime(30), Count: flow.End, Flow: flow, Gravity: exampleFigure(7.5), Stayed: exampleFigure(7.5)}}, V1: health.OrbitV1{Model: exampleModel(), Love: 12.5, Gravity: 20}}
}

func exampleSilent() health.Silent {
	return health.Silent{Member: 42, Name: "Ana Torres", Organization: "Acme", Usual: 4, Long: 9, Silent: 31, ActiveDays: 40, Last: exampleTime(1), Value: 120, Says: "Usually every 4 days, silent for 31 days."}
}

func exampleNetwork() health.Network {
	return health.Network{
		Since: exampleTime(1), Members: 40, Connections: 78, Density: 0.1, Reciprocity: 0.3, Reach: 4100, Helpers: []health.Helper{{Member: 42, Name: "Ana Torres", Answers: 90, Helped: 31, First: 25, Degree: 33, Reach: 810, Last: exampleTime(20)}},
		Bridges: []health.Bridge{{Member: 42, Name: "Ana Torres", Value: 1.5, Channels: []string{"help", "random"}, Alone: []string{"help – random"}}},
		Between: []health.Between{{Member: 42, Name: "Ana Torres", Pairs: 148.2, Share: 0.2, Degree: 33}}, Unanswered: []greenroom.Conversation{}, Query: "participants:1 member.is:new",
	}
}

func exampleFunnel() health.Funnel {
	return health.Funnel{From: exampleTime(1), To: exampleTime(30), Steps: []health.FunnelStep{
		{Step: "joined", Members: 100, Here: 60}, {Step: "is:question", Members: 40, Here: 40, Share: exampleFigure(0.4), Low: exampleFigure(0.31), High: exampleFigure(0.5), OfFirst: exampleFigure(0.4), Median: exampleFigure(3.5)},
	}}
}

func exampleComparison() health.Comparison {
	return health.Comparison{Metric: "answered_share", Label: "Answered", Unit: analytics.UnitShare, By: analytics.Month, Across: "source", From: exampleTime(1), To: exampleTime(30), Groups: []health.Group{
		{Name: "slack-acme", Value: exampleFigure(0.8), Low: exampleFigure(0.7), High: exampleFigure(0.88), Previous: exampleFigure(0.6), Change: exampleFigure(0.2), N: 70, Noise: exampleVerdict(), Rest: exampleVerdict(), Series: []*float64{exampleFigure(0.6), exampleFigure(0.8)}},
	}}
}

func exampleWhy() health.Why {
	return health.Why{Model: exampleModel(), Score: greenroom.Score{Model: orbit.Points, Member: 42, Value: 120, Level: 2}, Level: "Contributors", From: exampleTime(1), Kinds: []health.KindWorth{{Kind: greenroom.KindReply, Count: 24, Worth: 120, Last: exampleTime(20)}}}
}

func examplePreview() health.Preview {
	return health.Preview{Model: exampleModel(), Before: orbit.Count{0, 1, 2, 3, 4}, After: orbit.Count{0, 2, 1, 3, 4}, Up: 1, Same: 9, Moves: []health.Move{{Member: 42, Name: "Ana Torres", Before: 120, After: 310, LevelBefore: 2, LevelAfter: 1}}}
}
