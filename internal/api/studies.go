// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/finder"
)

// Studies find members to talk to; finder.Service does.
type Studies interface {
	List(ctx context.Context) ([]finder.Study, error)
	Get(ctx context.Context, id int64) (finder.Study, error)
	Asks(ctx context.Context, study, member int64) ([]finder.Ask, error)
	Find(ctx context.Context, d *finder.Draft, study int64) (*finder.Shortlist, error)
	StudyWork
}

// StudyWork changes studies.
type StudyWork interface {
	Add(ctx context.Context, d finder.Draft, by string) (finder.Study, error)
	Edit(ctx context.Context, id, version int64, d finder.Draft, closed bool, by string) (finder.Study, error)
	Invite(ctx context.Context, study int64, members []int64, by string) (int, error)
	Outcome(ctx context.Context, study, ask int64, state finder.State, note, incentive, by string) (finder.Ask, error)
}

// StudyChange is all that can be changed of a study, with the version that it was made from.
type StudyChange struct {
	finder.Draft
	Closed  bool  `json:"closed" doc:"Nobody is invited any more."`
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// StudyInvitation says whom to ask.
type StudyInvitation struct {
	Members []int64 `json:"members" doc:"Their numbers. All of them have to be among those who may be asked."`
}

// StudyInvited says how many were asked.
type StudyInvited struct {
	Invited int `json:"invited" doc:"How many are newly noted as invited."`
}

// StudyOutcome is what became of asking somebody.
type StudyOutcome struct {
	State     finder.State `json:"state" doc:"invited, agreed, done, declined or no_show."`
	Note      string       `json:"note,omitempty" doc:"What came out."`
	Incentive string       `json:"incentive,omitempty" doc:"What they got for it."`
}

func exampleResearch() finder.Study {
	return finder.Study{ID: 1, Version: 1, Draft: finder.Draft{Title: "Interviews on exports", Owner: "ana@acme.example", Who: "country:de", Said: "body:export sentiment:negative", Wanted: 10, Rest: 90, Yearly: 3}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)}
}

func exampleAsk() finder.Ask {
	return finder.Ask{ID: 4, Study: 1, Title: "Interviews on exports", Member: 42, Name: "Ana Torres", State: finder.Agreed, Note: "Tuesday.", Message: 9, By: "ana@acme.example", At: exampleTime(3), ChangedAt: exampleTime(4)}
}

func (a *api) researchOps() []op {
	if a.Studies == nil {
		return nil
	}
	id := idParam("The study's number.")
	one := content{of: finder.Study{}, example: exampleResearch()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	give := func(st finder.Study, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(st)
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/finder/studies", id: "listFinderStudies", tag: "Finder", need: auth.Read, reply: content{of: Items[finder.Study]{}, example: Items[finder.Study]{Items: []finder.Study{exampleResearch()}}},
			summary: "Studies", text: "For what members are wanted, the oldest first.",
			do: func(c *call) (answer, error) {
				all, err := a.Studies.List(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/finder/studies", id: "createFinderStudy", tag: "Finder", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a study", text: "Nobody is asked by it.", body: &content{of: finder.Draft{}, text: "The study.", example: exampleResearch().Draft},
			do: func(c *call) (answer, error) {
				d, err := decode[finder.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Studies.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/finder/studies/{id}", id: "getFinderStudy", tag: "Finder", need: auth.Read, params: []param{id}, reply: one,
			summary: "A study", text: "Whom it looks for.",
			do: func(c *call) (answer, error) { return give(a.Studies.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/finder/studies/{id}", id: "changeFinderStudy", tag: "Finder", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a study", text: "Everything is set as it is sent. With another version than the study has, nothing is changed and the answer is a conflict.",
			body: &content{of: StudyChange{}, text: "The study, and its version.", example: StudyChange{Draft: exampleResearch().Draft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[StudyChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Studies.Edit(c.ctx(), c.id(), d.Version, d.Draft, d.Closed, c.by()))
			},
		},
	}, a.studyPeople(id, conflict)...)
}

func (a *api) studyPeople(id param, conflict []greenroom.Code) []op {
	return []op{
		{
			method: http.MethodGet, path: "/finder/studies/{id}/candidates", id: "findForStudy", tag: "Finder", need: auth.Read, params: []param{id},
			summary: "Who fits a study", text: "Who fits and may be asked, the best first, each with the evidence; and how many fit and are left out, with the reason.",
			reply: content{of: finder.Shortlist{}, example: finder.Shortlist{Candidates: []finder.Candidate{{Member: 42, Name: "Ana Torres", Country: "DE", LastActive: exampleTime(20), Evidence: []finder.Evidence{{Activity: 512, Conversation: 510, Kind: "said", Text: "The export fails again.", At: exampleTime(19)}}, Reasons: []string{"said what is looked for once, last on 2026-11-19", "was never asked before"}, ByMail: true}}, LeftOut: []finder.LeftOut{{Reason: "they are not to be contacted", Count: 2}}}},
			do: func(c *call) (answer, error) {
				st, err := a.Studies.Get(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				found, err := a.Studies.Find(c.ctx(), &st.Draft, st.ID)
				if err != nil {
					return answer{}, err
				}
				return ok(found)
			},
		},
		{
			method: http.MethodPost, path: "/finder/studies/{id}/invitations", id: "inviteForStudy", tag: "Finder", need: auth.Write, params: []param{id}, codes: conflict,
			summary: "Invite members", text: "Notes them as invited and writes drafts into the outbox, which somebody has to approve. Where one of them may not be asked, nobody is.",
			body: &content{of: StudyInvitation{}, text: "Whom.", example: StudyInvitation{Members: []int64{42}}}, reply: content{of: StudyInvited{}, example: StudyInvited{Invited: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[StudyInvitation](c)
				if err != nil {
					return answer{}, err
				}
				n, err := a.Studies.Invite(c.ctx(), c.id(), d.Members, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(StudyInvited{n})
			},
		},
		{
			method: http.MethodGet, path: "/study-asks", id: "listStudyAsks", tag: "Finder", need: auth.Read,
			summary: "Who was asked", text: "The newest first.", reply: content{of: Items[finder.Ask]{}, example: Items[finder.Ask]{Items: []finder.Ask{exampleAsk()}}},
			params: []param{{name: "study", form: formInteger, min: 1, text: "For one study.", example: "1"}, {name: "member", form: formInteger, min: 1, text: "One member.", example: "42"}},
			do: func(c *call) (answer, error) {
				all, err := a.Studies.Asks(c.ctx(), c.integer("study"), c.integer("member"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPut, path: "/finder/studies/{id}/asks/{ask}", id: "noteStudyOutcome", tag: "Finder", need: auth.Write,
			params:  []param{id, {name: "ask", path: true, form: formInteger, min: 1, text: "The number of the ask.", example: "4"}},
			summary: "Note what became of asking somebody", text: "Everything is set as it is sent.", body: &content{of: StudyOutcome{}, text: "What became of it.", example: StudyOutcome{State: finder.Done, Note: "Exports time out."}},
			reply: content{of: finder.Ask{}, example: exampleAsk()},
			do: func(c *call) (answer, error) {
				d, err := decode[StudyOutcome](c)
				if err != nil {
					return answer{}, err
				}
				ask, err := a.Studies.Outcome(c.ctx(), c.id(), c.integer("ask"), d.State, d.Note, d.Incentive, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(ask)
			},
		},
	}
}
