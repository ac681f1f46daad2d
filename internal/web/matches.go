// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/matching"
	"greenroom/internal/web/ui"
)

// Matches lets people judge who is one person, and says how well the model does.
type Matches interface {
	Suggestions(ctx context.Context, q matching.Query) ([]matching.Match, int64, error)
	Judge(ctx context.Context, a, b int64, v matching.Verdict, by string) (review int64, err error)
	JudgeAll(ctx context.Context, q matching.Query, by string) (accepted, passed int, review int64, err error)
	Undo(ctx context.Context, review int64, by string) error
	ModelCheck
	MatchRules
}

// ModelCheck lets people check what the model joined.
type ModelCheck interface {
	Unchecked(ctx context.Context, limit int) ([]matching.Match, error)
	Check(ctx context.Context, a, b int64, right bool, by string) (review int64, err error)
	Quality(ctx context.Context) (matching.Quality, error)
}

// MatchRules is what the model may decide by itself.
type MatchRules interface {
	MatchSettings(ctx context.Context) (matching.Settings, matching.State, error)
	Preview(ctx context.Context, auto, suggest float64) (*matching.Preview, error)
	Apply(ctx context.Context, auto, suggest float64) error
	// Waiting tells of an upgrade whose model nobody has agreed to yet.
	Waiting(ctx context.Context) (bool, error)
}

// matchesBody is what matches.html shows.
type matchesBody struct {
	Head     ui.Head
	Tabs     ui.Segments
	Notice   string
	Pair     *pairView
	Queue    ui.Rows
	Note     string
	Empty    *ui.Empty
	Quality  []ui.Fact
	Bulk     *ui.Form
	BulkNote string
	// AcceptAll joins all that fit; nil while the queue is not narrowed down.
	AcceptAll *ui.Action
}

// pairView is two members side by side, and what speaks for and against their being one person.
type pairView struct {
	Title    string
	Sides    []sideView
	Evidence []evidenceView
	Actions  []ui.Action
}

type sideView struct {
	Avatar ui.Avatar
	Name   string
	Href   string
	About  string
	Pills  []ui.Pill
	Facts  []ui.Fact
}

type evidenceView struct {
	Strength ui.Pill
	Text     string
}

type matchPages struct {
	*Site
	view  *ui.View[matchesBody]
	rules *ui.View[matchRulesBody]
}

const matchesHref = "/members/matches"

func (s *Site) addMatches() error {
	if s.cfg.Matches == nil {
		return nil
	}
	p := &matchPages{Site: s}
	var err error
	if p.view, err = ui.Parse[matchesBody](s.kit, templates, "templates/matches.html"); err != nil {
		return err
	}
	if p.rules, err = ui.Parse[matchRulesBody](s.kit, templates, "templates/matchrules.html"); err != nil {
		return err
	}
	s.handle("GET "+matchesHref, p.show)
	s.handle("GET "+matchesHref+"/check", p.check)
	s.handle("GET "+matchesHref+"/rules", p.showRules)
	s.change("POST "+matchesHref+"/rules", mayAdminister, p.apply)
	s.change("POST "+matchesHref+"/judge", mayWrite, p.judge)
	s.change("POST "+matchesHref+"/accept", mayWrite, p.accept)
	s.change("POST "+matchesHref+"/check", mayWrite, p.checked)
	s.change("POST "+matchesHref+"/undo/{id}", mayWrite, p.undo)
	return nil
}

// shownMatches is how many suggestions the page lists.
const shownMatches = 30

func (p *matchPages) tabs(r *http.Request) ui.Segments {
	tab := func(label, href string) ui.Segment {
		return ui.Segment{Label: label, Href: href, Active: r.URL.Path == href}
	}
	all := []ui.Segment{tab("To judge", matchesHref), tab("Check the model", matchesHref+"/check"), tab("Rules", matchesHref+"/rules")}
	if p.cfg.Pictures != nil {
		all = append(all, tab("Pictures", picturesPath))
	}
	return ui.Segments{Label: "Matches", Items: all}
}

func matchHead() ui.Head {
	return ui.Head{Title: "One person, many accounts", Subtitle: "Who may be the same person, with what speaks for it. Every answer can be undone.", Back: &ui.Action{Label: "Members", Href: "/members"}}
}

// matchQuery reads what narrows the queue from a form.
func matchQuery(v url.Values) (q matching.Query, err error) {
	q = matching.Query{Limit: shownMatches, Kind: v.Get("kind")}
	q.AtLeast, err = matching.ParsePercent(v.Get("at_least"))
	return q, err
}

func (p *matchPages) show(w http.ResponseWriter, r *http.Request) error {
	q, wrong := matchQuery(r.URL.Query())
	all, total, err := p.cfg.Matches.Suggestions(r.Context(), q)
	if err != nil {
		return err
	}
	body := matchesBody{Head: matchHead(), Tabs: p.tabs(r), Note: countText(total, "pair waits", "pairs wait") + ", what is worth most first"}
	if body.Quality, err = p.quality(r.Context()); err != nil {
		return err
	}
	if waits, err := p.cfg.Matches.Waiting(r.Context()); err != nil {
		return err
	} else if waits {
		body.Notice = "This version of Greenroom brings another model. Nothing is matched by it before somebody has looked at what would change."
	}
	if len(all) == 0 {
		body.Empty = p.nothing(q)
		return render(p.Site, w, r, p.view, "Matches", body)
	}
	open := r.URL.Query().Get("pair")
	at := max(0, slices.IndexFunc(all, func(s matching.Match) bool { return pairID(&s) == open }))
	body.Pair = p.pair(&all[at], q, person(r))
	body.Queue = ui.Rows{Label: "Pairs to judge"}
	for i := range all {
		s := &all[i]
		body.Queue.Items = append(body.Queue.Items, ui.Row{
			ID: pairID(s), Title: s.Left.Member.Name + " · " + s.Right.Member.Name, Href: matchesHref + "?" + matchValues(q, pairID(s)).Encode(), Current: i == at,
			Value: percent(s.Probability), Meta: []ui.Meta{{Text: first(s.Evidence)}},
		})
	}
	if person(r).MayWrite {
		bulk(&body, q, total)
		if wrong != nil {
			body.Bulk.Fields[0].Value, body.Bulk.Fields[0].Error = r.URL.Query().Get("at_least"), sentence(greenroom.ErrorMessage(wrong))
		}
	}
	return render(p.Site, w, r, p.view, "Matches", body)
}

func (p *matchPages) nothing(q matching.Query) *ui.Empty {
	if q.AtLeast > 0 || q.Kind != "" {
		return &ui.Empty{Title: "No pair fits", Text: "Nothing waits that is this probable, or has evidence of this kind.", Actions: []ui.Action{{Label: "Show all", Href: matchesHref}}}
	}
	return &ui.Empty{
		Title: "Nothing waits", Text: "What is certain is joined by itself, and so is what the model is sure of. What it cannot tell appears here, as soon as two accounts look alike.",
		Actions: []ui.Action{{Label: "Check the model", Href: matchesHref + "/check", Style: ui.StylePrimary}, {Label: "Connect another source", Href: "/start"}},
	}
}

func pairID(s *matching.Match) string { return idText(s.A) + "-" + idText(s.B) }

func matchValues(q matching.Query, pair string) url.Values {
	v := url.Values{}
	if pair != "" {
		v.Set("pair", pair)
	}
	if q.AtLeast > 0 {
		v.Set("at_least", strconv.FormatFloat(100*q.AtLeast, 'f', -1, 64))
	}
	if q.Kind != "" {
		v.Set("kind", q.Kind)
	}
	return v
}

func first(all []matching.Evidence) string {
	for _, e := range all {
		if e.Weight > 0 {
			return e.Text
		}
	}
	return ""
}

func percent(p float64) string { return strconv.FormatFloat(100*p, 'f', 0, 64) + " %" }

// likely puts a probability in words.
func likely(p float64) string {
	switch {
	case p >= .9:
		return "very likely"
	case p >= .7:
		return "likely"
	case p >= .4:
		return "perhaps"
	}
	return "hardly"
}

func (p *matchPages) pair(s *matching.Match, q matching.Query, who Person) *pairView {
	v := &pairView{Title: "Are they one person? " + title(likely(s.Probability)) + ", " + percent(s.Probability), Sides: p.sides(s), Evidence: evidenceViews(s.Evidence)}
	if !who.MayWrite {
		return v
	}
	hidden := func(verdict matching.Verdict) []ui.Hidden {
		all := []ui.Hidden{{Name: "a", Value: idText(s.A)}, {Name: "b", Value: idText(s.B)}, {Name: "verdict", Value: string(verdict)}}
		for name, values := range matchValues(q, "") {
			all = append(all, ui.Hidden{Name: name, Value: values[0]})
		}
		return all
	}
	post := matchesHref + "/judge"
	v.Actions = []ui.Action{
		{Label: "One person", Post: post, Hidden: hidden(matching.Same), Style: ui.StylePrimary, Key: "m"},
		{Label: "Two people", Post: post, Hidden: hidden(matching.Other), Key: "n"},
		{Label: "Cannot tell", Post: post, Hidden: hidden(matching.Later), Style: ui.StyleQuiet, Key: "l"},
	}
	return v
}

func (p *matchPages) sides(s *matching.Match) []sideView {
	return []sideView{p.side(&s.Left), p.side(&s.Right)}
}

func (p *matchPages) side(s *matching.Side) sideView {
	m := &s.Member
	v := sideView{Avatar: *memberAvatar(m.ID, m.Name), Name: m.Name, Href: memberHref(m.ID), Pills: memberPills(m)}
	var about []string
	for _, part := range []string{m.Title, m.Organization, m.Location} {
		if part != "" {
			about = append(about, part)
		}
	}
	v.About = strings.Join(about, " · ")
	for i := range s.Identities {
		id := &s.Identities[i]
		v.Facts = append(v.Facts, ui.Fact{Label: id.Source, Value: firstText(id.Handle, id.Name, id.ExternalID), Href: outside(id.ProfileURL)})
		if href := outside(id.AvatarURL); href != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: "Picture", Value: "Look at it", Href: href})
		}
		for _, e := range id.Emails {
			v.Facts = append(v.Facts, ui.Fact{Label: "E-mail", Value: e.Address})
		}
	}
	v.Facts = append(v.Facts, ui.Fact{Label: "Activities", Value: ui.Number(int(m.Activities)), Href: memberHref(m.ID) + "#timeline"})
	if !m.LastActive.IsZero() {
		zone := p.cfg.Zones.Zone()
		v.Facts = append(v.Facts, ui.Fact{Label: "Active", Value: m.FirstActive.In(zone).Format("Jan 2006") + " to " + m.LastActive.In(zone).Format("Jan 2006")})
	}
	return v
}

// evidenceViews puts evidence in words. A bit doubles the odds.
func evidenceViews(all []matching.Evidence) []evidenceView {
	var views []evidenceView
	for _, e := range all {
		times := fmt.Sprintf("%+.1f bits: each doubles the odds", e.Weight)
		pill := ui.Pill{Text: "hint", Tone: ui.ToneNone, Title: times}
		switch {
		case e.Weight >= 10:
			pill = ui.Pill{Text: "strong", Tone: ui.ToneGood, Title: times}
		case e.Weight >= 5:
			pill = ui.Pill{Text: "good", Tone: ui.ToneGood, Title: times}
		case e.Weight <= -5:
			pill = ui.Pill{Text: "strongly against", Tone: ui.ToneBad, Title: times}
		case e.Weight < 0:
			pill = ui.Pill{Text: "against", Tone: ui.ToneWarn, Title: times}
		}
		views = append(views, evidenceView{pill, title(e.Text)})
	}
	return views
}

// bulk offers to narrow the queue down, and then to accept all that is left.
func bulk(body *matchesBody, q matching.Query, total int64) {
	v := matchValues(q, "")
	body.Bulk = &ui.Form{
		Get: matchesHref,
		Fields: []ui.Field{
			{Name: "at_least", Label: "At least this probable, in percent", Type: "number", Value: v.Get("at_least"), Placeholder: "80"},
			{Name: "kind", Label: "Where this speaks most for it", Type: "select", Value: q.Kind, Options: []ui.Option{
				{Label: "Anything"},
				{Value: "name", Label: "The name"},
				{Value: "handle", Label: "The handle"},
				{Value: "derived", Label: "A handle made of the name"},
				{Value: "address", Label: "An e-mail address"},
				{Value: "link", Label: "A link"},
				{Value: "account", Label: "An account number"},
				{Value: "avatar", Label: "The picture"},
			}},
		},
		Actions: []ui.Action{{Label: "Narrow down", Submit: true}},
	}
	if len(v) == 0 {
		body.BulkNote = "Narrow the queue down first; then all that is left can be accepted at once."
		return
	}
	body.BulkNote = countText(total, "pair fits", "pairs fit") + ". Accepting them can be undone in one step."
	body.AcceptAll = &ui.Action{Label: "Accept all " + ui.Number(int(total)), Post: matchesHref + "/accept"}
	for name, values := range v {
		body.AcceptAll.Hidden = append(body.AcceptAll.Hidden, ui.Hidden{Name: name, Value: values[0]})
	}
}

func (p *matchPages) quality(ctx context.Context) ([]ui.Fact, error) {
	settings, state, err := p.cfg.Matches.MatchSettings(ctx)
	if err != nil {
		return nil, err
	}
	q, err := p.cfg.Matches.Quality(ctx)
	if err != nil {
		return nil, err
	}
	facts := []ui.Fact{
		{Label: "Joined by the model", Value: ui.Number(state.Links)},
		{Label: "Of these wrong, by its own reckoning", Value: "about " + strconv.FormatFloat(state.ExpectedWrong, 'f', 1, 64)},
	}
	checked := "nobody has looked yet"
	if q.Precision != nil {
		checked = fmt.Sprintf("%d of %d right: %s (%s to %s)", q.CheckedRight, q.CheckedRight+q.CheckedWrong, percent(*q.Precision), percent(q.Low), percent(q.High))
	}
	facts = append(facts, ui.Fact{Label: "Checked by people", Value: checked, Href: matchesHref + "/check"},
		ui.Fact{Label: "Suggestions judged", Value: fmt.Sprintf("%d one person, %d two, %d left open", q.Same, q.Other, q.Later)})
	if !state.At.IsZero() {
		facts = append(facts, ui.Fact{Label: "Accounts looked at", Value: ui.Number(state.Identities) + ", " + ui.Ago(p.cfg.Now(), state.At)})
	}
	return append(facts, ui.Fact{Label: "Model", Value: "version " + strconv.Itoa(settings.Model)}), nil
}

// formIDs reads the pair of identities that a form is about.
func formIDs(r *http.Request) (a, b int64, err error) {
	if a, err = strconv.ParseInt(r.PostFormValue("a"), 10, 64); err == nil {
		b, err = strconv.ParseInt(r.PostFormValue("b"), 10, 64)
	}
	if err != nil || a <= 0 || b <= 0 {
		return 0, 0, greenroom.Errorf(greenroom.CodeInvalid, "the form does not say which accounts it is about")
	}
	return a, b, nil
}

func undoMatch(review int64) string { return matchesHref + "/undo/" + idText(review) }

func (p *matchPages) judge(w http.ResponseWriter, r *http.Request) error {
	a, b, err := formIDs(r)
	if err != nil {
		return err
	}
	verdict := matching.Verdict(r.PostFormValue("verdict"))
	id, err := p.cfg.Matches.Judge(r.Context(), a, b, verdict, person(r).Actor)
	if err != nil {
		return err
	}
	narrowed, _ := matchQuery(r.PostForm) // as it came from the page
	done := map[matching.Verdict]string{matching.Same: "Joined: one person.", matching.Other: "Kept apart, for good.", matching.Later: "Left open; it will not be asked again."}[verdict]
	return p.back(w, r, withValues(matchesHref, matchValues(narrowed, "")), done, undoMatch(id))
}

func withValues(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (p *matchPages) accept(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	q, err := matchQuery(r.PostForm)
	if err != nil {
		return err
	}
	if q.AtLeast == 0 && q.Kind == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "narrow the queue down before accepting everything in it")
	}
	n, passed, id, err := p.cfg.Matches.JudgeAll(r.Context(), q, person(r).Actor)
	if err != nil {
		return err
	}
	text := countText(int64(n), "pair", "pairs") + " joined."
	if passed > 0 {
		text += " " + countText(int64(passed), "was", "were") + " passed over: joined already by another, or kept apart."
	}
	undo := ""
	if id > 0 {
		undo = undoMatch(id)
	}
	return p.back(w, r, matchesHref, text, undo)
}

func (p *matchPages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Matches.Undo(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, matchesHref, "Taken back.", "")
}

func (p *matchPages) check(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Matches.Unchecked(r.Context(), 1)
	if err != nil {
		return err
	}
	body := matchesBody{Head: matchHead(), Tabs: p.tabs(r)}
	if body.Quality, err = p.quality(r.Context()); err != nil {
		return err
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "Every merge of the model has been checked", Text: "What it joins from now on appears here. You look at some, drawn at random, and learn how many are right.", Actions: []ui.Action{{Label: "To judge", Href: matchesHref}}}
		return render(p.Site, w, r, p.view, "Check the model", body)
	}
	s := &all[0]
	body.Note = "Drawn at random from what the model joined. Twenty are enough for a first idea."
	body.Pair = &pairView{Title: "Joined by the model, " + percent(s.Probability) + " sure. Was it right?", Sides: p.sides(s), Evidence: evidenceViews(s.Evidence)}
	if person(r).MayWrite {
		hidden := func(right string) []ui.Hidden {
			return []ui.Hidden{{Name: "a", Value: idText(s.A)}, {Name: "b", Value: idText(s.B)}, {Name: "right", Value: right}}
		}
		body.Pair.Actions = []ui.Action{
			{Label: "Right", Post: matchesHref + "/check", Hidden: hidden("yes"), Style: ui.StylePrimary, Key: "m"},
			{Label: "Wrong, take them apart", Post: matchesHref + "/check", Hidden: hidden("no"), Key: "n"},
		}
	}
	return render(p.Site, w, r, p.view, "Check the model", body)
}

func (p *matchPages) checked(w http.ResponseWriter, r *http.Request) error {
	a, b, err := formIDs(r)
	if err != nil {
		return err
	}
	right := r.PostFormValue("right") == "yes"
	id, err := p.cfg.Matches.Check(r.Context(), a, b, right, person(r).Actor)
	if err != nil {
		return err
	}
	text := "Noted: it was right."
	if !right {
		text = "Taken apart, for good."
	}
	return p.back(w, r, matchesHref+"/check", text, undoMatch(id))
}
