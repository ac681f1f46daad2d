// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// PlanLife signs plans off and makes them again.
type PlanLife interface {
	SignOff(ctx context.Context, plan int64, as, comment, by string) (roadmap.Plan, error)
	Next(ctx context.Context, plan int64, by string) (*roadmap.View, error)
}

func (s *Site) addPlanLife() error {
	if s.cfg.Plans == nil {
		return nil
	}
	p := &roadmapPages{Site: s}
	s.change("POST /roadmap/{id}/sign-off", mayApprove, p.signOff)
	s.change("POST /roadmap/{id}/next", mayWrite, p.nextPlan)
	if s.cfg.Requests != nil {
		s.change("POST /requests/{id}/plan", mayWrite, p.planRequest)
	}
	return nil
}

// signOffs are the rows of who signed a plan off, and what was changed since.
func (p *roadmapPages) signOffs(v *roadmap.View, changes []roadmap.Change, team teamNames, body *planBody) {
	body.Signed.Label = "Signed off"
	for _, x := range v.SignOffs {
		as := "approved"
		if x.As == roadmap.Sponsor {
			as = "sponsor"
		}
		body.Signed.Items = append(body.Signed.Items, ui.Row{Lead: &ui.Pill{Text: as, Tone: ui.ToneGood}, Title: named(team, x.By), Text: x.Comment, Meta: []ui.Meta{{Time: x.At}}})
	}
	if since := roadmap.Since(&v.Plan, changes); len(since) > 0 {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "changed since it was signed off", Tone: ui.ToneWarn})
		for i := range body.History.Items {
			if i < len(changes) && !changes[i].Undone && changes[i].Step >= since[len(since)-1].Step {
				body.History.Items[i].Badge = &ui.Pill{Text: "after the sign-off", Tone: ui.ToneWarn}
			}
		}
	}
}

// lifeActions are what can be done with a plan as a whole.
func lifeActions(v *roadmap.View, who Person, body *planBody) {
	here := planHref(v.ID)
	if mayApprove(who) {
		body.Files = append(body.Files, ui.Action{Label: "Sign off…", Dialog: "sign-off", Small: true})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "sign-off", Title: "Sign the plan off", Text: "It holds as it is now. What is changed later is marked.", Form: ui.Form{Post: here + "/sign-off", Fields: []ui.Field{
			{Name: "as", Label: "As", Type: "select", Value: roadmap.Approval, Options: []ui.Option{{Value: roadmap.Approval, Label: "Approval: it may be done"}, {Value: roadmap.Sponsor, Label: "Sponsor: I stand behind it"}}},
			{Name: "comment", Label: "Comment", Type: "textarea", Rows: 3},
		}, Actions: []ui.Action{{Label: "Sign off", Submit: true, Style: ui.StylePrimary}}}})
	}
	if v.Every != roadmap.Once && !v.Repeated && who.MayWrite {
		body.Files = append(body.Files, ui.Action{Label: "Make the next one", Post: here + "/next", Small: true})
	}
}

// lifeFacts say where a plan comes from and how often it comes.
func (p *roadmapPages) lifeFacts(r *http.Request, v *roadmap.View, body *planBody) {
	for _, id := range v.Requests {
		name := "Request " + idText(id)
		if p.cfg.Requests != nil {
			if q, err := p.cfg.Requests.Get(r.Context(), id); err == nil {
				name = q.Title
			}
		}
		body.Facts = append(body.Facts, ui.Fact{Label: "Asked for by members", Value: name, Href: requestHref(id)})
	}
	if v.Every != roadmap.Once {
		body.Facts = append(body.Facts, ui.Fact{Label: "Comes again", Value: "every " + string(v.Every)})
	}
	if v.From > 0 {
		body.Facts = append(body.Facts, ui.Fact{Label: "Made from", Value: "the one before", Href: planHref(v.From)})
	}
}

func (p *roadmapPages) signOff(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Plans.SignOff(r.Context(), id, r.FormValue("as"), r.FormValue("comment"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, planHref(id), "Signed off. What is changed from now on is marked.", "")
}

func (p *roadmapPages) nextPlan(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	v, err := p.cfg.Plans.Next(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, planHref(v.ID), v.Title+" is made, as a draft.", "")
}

// planCards are the plans that serve a request, and the form that plans it.
func (s *Site) planCards(r *http.Request, q *request.Request) ([]cardOfPage, error) {
	if s.cfg.Plans == nil {
		return nil, nil
	}
	all, err := s.cfg.Plans.Views(r.Context())
	if err != nil {
		return nil, err
	}
	card := cardOfPage{Head: ui.CardHead{Title: "Plans"}, Rows: ui.Rows{Label: "Plans for it"}}
	options := []ui.Option{{Value: "0", Label: "A new one, from the template below"}}
	for _, v := range all {
		for _, id := range v.Requests {
			if id == q.ID {
				card.Rows.Items = append(card.Rows.Items, ui.Row{Title: v.Title, Href: planHref(v.ID), Pills: []ui.Pill{planPill(v.State)}, Meta: []ui.Meta{{Text: "until " + firstText(dayText(v.End), "an unknown day")}}})
			}
		}
		if v.State == roadmap.Draft || v.State == roadmap.Active {
			options = append(options, ui.Option{Value: idText(v.ID), Label: v.Title})
		}
	}
	if person(r).MayWrite {
		card.Forms = []ui.Form{{Post: requestHref(q.ID) + "/plan", Fields: []ui.Field{
			{Name: "plan", Label: "Plan it in", Type: "select", Value: "0", Options: options, Help: "When the plan is done or dropped, everybody who asked hears of it."},
			{Name: "template", Label: "Template of a new plan", Type: "select", Value: "empty", Options: templateOptions()},
		}, Actions: []ui.Action{{Label: "Plan it", Submit: true}}}}
	}
	return []cardOfPage{card}, nil
}

// planRequest puts a request into a plan, or makes a plan for it.
func (p *roadmapPages) planRequest(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := p.cfg.Requests.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if q.MergedInto > 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "request %d was merged into request %d; plan that one", id, q.MergedInto)
	}
	number, err := strconv.ParseInt(strings.TrimSpace(r.FormValue("plan")), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "choose a plan from the list")
	}
	if number, err = p.planWith(r, &q, number); err != nil {
		return err
	}
	return p.back(w, r, planHref(number), "Planned. When this plan is done or dropped, who asked hears of it.", "")
}

// planWith puts a request into a plan, 0 = a new one, and gives the plan's number. The request follows with the plan.
func (p *roadmapPages) planWith(r *http.Request, q *request.Request, number int64) (int64, error) {
	if number > 0 {
		v, err := p.cfg.Plans.View(r.Context(), number)
		if err != nil {
			return 0, err
		}
		x := v.Plan
		for _, have := range x.Requests {
			if have == q.ID && q.State == request.Open { // opened again since it was planned
				_, _, err = p.cfg.Requests.Move(r.Context(), q.ID, request.Planned, q.Answer, false, person(r).Actor)
			}
			if have == q.ID {
				return number, err
			}
		}
		x.Requests = append(x.Requests, q.ID)
		_, err = p.cfg.Plans.EditPlan(r.Context(), x, person(r).Actor)
		return number, err
	}
	t, err := roadmap.FindTemplate(firstText(r.FormValue("template"), "empty"))
	if err != nil {
		return 0, err
	}
	v, err := p.cfg.Plans.Add(r.Context(), roadmap.Plan{Title: q.Title, Intent: firstText(q.Text, t.Intent), Owner: person(r).Seed, State: roadmap.Draft, Requests: []int64{q.ID}}, t.Tasks(), person(r).Actor)
	if err != nil {
		return 0, err
	}
	return v.ID, nil
}
