// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strconv"

	"greenroom"
	"greenroom/internal/matching"
	"greenroom/internal/web/ui"
)

// matchRulesBody is what matchrules.html shows.
type matchRulesBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Form    ui.Form
	Facts   []ui.Fact
	Preview *matchPreview
	Apply   *ui.Form
}

// matchPreview is what would be different.
type matchPreview struct {
	Facts  []ui.Fact
	Joined []ui.Row
	Note   string
}

func (p *matchPages) showRules(w http.ResponseWriter, r *http.Request) error {
	settings, state, err := p.cfg.Matches.MatchSettings(r.Context())
	if err != nil {
		return err
	}
	auto, suggest := settings.Auto, settings.Suggest
	asked := r.URL.Query().Has("auto")
	var wrong string
	if asked {
		if auto, suggest, err = thresholds(r.URL.Query().Get("auto"), r.URL.Query().Get("suggest")); err != nil {
			wrong, asked = sentence(greenroom.ErrorMessage(err)), false
		}
	}
	number := func(p float64) string { return strconv.FormatFloat(100*p, 'f', -1, 64) }
	body := matchRulesBody{Head: matchHead(), Tabs: p.tabs(r), Form: ui.Form{
		Get: matchesHref + "/rules", Error: wrong,
		Fields: []ui.Field{
			{Name: "auto", Label: "Join by itself from, in percent", Type: "number", Value: number(auto), Required: true, Help: "Two accounts that the model finds this likely to be one person become one member without asking."},
			{Name: "suggest", Label: "Ask from, in percent", Type: "number", Value: number(suggest), Required: true, Help: "What is less likely than that is left alone."},
		},
		Actions: []ui.Action{{Label: "See what would change", Submit: true}},
	}, Facts: []ui.Fact{
		{Label: "Joined now", Value: countText(int64(state.Links), "link", "links")},
		{Label: "Expected to be wrong", Value: "about " + strconv.FormatFloat(state.ExpectedWrong, 'f', 1, 64)},
		{Label: "Left to people", Value: countText(int64(state.Suggestions), "pair", "pairs")},
	}}
	if asked {
		if err := p.preview(r.Context(), &body, auto, suggest); err != nil {
			return err
		}
		if person(r).MayAdminister {
			body.Apply = &ui.Form{
				Post: matchesHref + "/rules", Hidden: []ui.Hidden{{Name: "auto", Value: number(auto)}, {Name: "suggest", Value: number(suggest)}},
				Actions: []ui.Action{{Label: "Apply", Submit: true, Style: ui.StylePrimary}, {Label: "Leave it as it is", Href: matchesHref + "/rules"}},
			}
		}
	}
	return render(p.Site, w, r, p.rules, "Matching rules", body)
}

// thresholds reads both from percents.
func thresholds(auto, suggest string) (a, s float64, err error) {
	if a, err = strconv.ParseFloat(auto, 64); err == nil {
		s, err = strconv.ParseFloat(suggest, 64)
	}
	if err != nil {
		return 0, 0, greenroom.Errorf(greenroom.CodeInvalid, "both thresholds have to be numbers from 0 to 100")
	}
	return a / 100, s / 100, matching.CheckThresholds(a/100, s/100)
}

func (p *matchPages) preview(ctx context.Context, body *matchRulesBody, auto, suggest float64) error {
	found, err := p.cfg.Matches.Preview(ctx, auto, suggest)
	if err != nil {
		return err
	}
	v := &matchPreview{Facts: []ui.Fact{
		{Label: "Would be joined", Value: countText(int64(len(found.Found.Links)), "link", "links")},
		{Label: "Expected to be wrong", Value: "about " + strconv.FormatFloat(found.Found.State.ExpectedWrong, 'f', 1, 64)},
		{Label: "Left to people", Value: countText(int64(found.Found.State.Suggestions), "pair", "pairs")},
		{Label: "Joined anew", Value: ui.Number(found.Joins)},
		{Label: "Taken apart", Value: ui.Number(found.Parts)},
	}}
	list := func(all []matching.Match, pill ui.Pill) {
		for i := range all {
			s := &all[i]
			v.Joined = append(v.Joined, ui.Row{Lead: &pill, Title: s.Left.Member.Name + " · " + s.Right.Member.Name, Href: memberHref(s.Left.Member.ID), Value: percent(s.Probability), Meta: []ui.Meta{{Text: first(s.Evidence)}}})
		}
	}
	list(found.Joined, ui.Pill{Text: "join", Tone: ui.ToneGood})
	list(found.Parted, ui.Pill{Text: "part", Tone: ui.ToneWarn})
	if more := found.Joins + found.Parts - len(v.Joined); more > 0 {
		v.Note = "and " + countText(int64(more), "other", "others")
	}
	body.Preview = v
	return nil
}

func (p *matchPages) apply(w http.ResponseWriter, r *http.Request) error {
	auto, suggest, err := thresholds(r.PostFormValue("auto"), r.PostFormValue("suggest"))
	if err != nil {
		return err
	}
	if err := p.cfg.Matches.Apply(r.Context(), auto, suggest); err != nil {
		return err
	}
	return p.back(w, r, matchesHref+"/rules", "Applied.", "")
}
