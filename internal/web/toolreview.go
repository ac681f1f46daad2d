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
	"greenroom/internal/tool"
	"greenroom/internal/web/ui"
)

// ToolReviews compare vendors.
type ToolReviews interface {
	Reviews(ctx context.Context) ([]*tool.Scorecard, error)
	Review(ctx context.Context, id int64) (*tool.Scorecard, error)
	AddReview(ctx context.Context, d tool.ReviewDraft, by string) (tool.Review, error)
	EditReview(ctx context.Context, id, version int64, d tool.ReviewDraft, by string) (tool.Review, error)
	Give(ctx context.Context, id int64, all []tool.Score, by string) (*tool.Scorecard, error)
	Decide(ctx context.Context, id, version int64, v tool.Verdict, by string) (tool.Review, error)
}

func (p *toolPages) addReviews() {
	p.handle("GET /vendors", p.showReviews)
	p.change("GET /vendors/new", mayWrite, p.showNewReview)
	p.change("POST /vendors/new", mayWrite, p.saveReview)
	p.handle("GET /vendors/{id}", p.showReview)
	p.change("GET /vendors/{id}/edit", mayWrite, p.showEditReview)
	p.change("POST /vendors/{id}/edit", mayWrite, p.saveReview)
	p.change("GET /vendors/{id}/score", mayWrite, p.showScores)
	p.change("POST /vendors/{id}/score", mayWrite, p.saveScores)
	p.change("POST /vendors/{id}/decision", mayWrite, p.decide)
}

func reviewHref(id int64) string { return "/vendors/" + idText(id) }

// candidateName is a candidate's name by its key.
func candidateName(c *tool.Scorecard, key string) string {
	for _, x := range c.Candidates {
		if x.Key == key {
			return x.Name
		}
	}
	return key
}

func (p *toolPages) showReviews(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Tools.Reviews(r.Context())
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: "Stack", Subtitle: "Tools compared by what we need, before one is chosen", Find: true}, Tabs: toolTabs("/vendors")}
	var begin []ui.Action
	if person(r).MayWrite {
		begin = []ui.Action{{Label: "New review", Href: "/vendors/new", Style: ui.StylePrimary}}
		body.Head.Actions = begin
	}
	if len(all) == 0 {
		body.Sections = []toolSection{{Empty: &ui.Empty{Title: "No reviews yet", Text: "Say what counts and how much, name two or three candidates, and have several people give scores. The scorecard says who leads, and which weight would change that.", Actions: begin}}}
		return render(p.Site, w, r, p.view, "Vendor reviews", body)
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	t := &ui.Table{Caption: "Vendor reviews", Columns: []ui.Column{{Label: "Review"}, {Label: "Owner"}, {Label: "Candidates", Number: true}, {Label: "People", Number: true}, {Label: "Leads"}, {Label: "Decision"}}}
	for _, c := range all {
		row := ui.TableRow{ID: idText(c.ID), Cells: []ui.Cell{{Text: c.Title, Href: reviewHref(c.ID), Sub: tool.CategoryLabel(c.Category)}, team.cell(c.Owner), {Text: strconv.Itoa(len(c.Candidates))}, {Text: strconv.Itoa(c.Persons)}, {}, {Pills: []ui.Pill{{Text: "open", Tone: ui.ToneInfo}}}}}
		if c.Winner != "" {
			row.Cells[4].Text = candidateName(c, c.Winner)
		}
		if c.Verdict != nil {
			row.Cells[5] = ui.Cell{Text: verdictText(c)}
		}
		t.Rows = append(t.Rows, row)
	}
	body.Sections = []toolSection{{Table: t}}
	return render(p.Site, w, r, p.view, "Vendor reviews", body)
}

func verdictText(c *tool.Scorecard) string {
	if c.Verdict.Candidate == "" {
		return "none of them"
	}
	return candidateName(c, c.Verdict.Candidate)
}

func (p *toolPages) review(r *http.Request) (*tool.Scorecard, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return p.cfg.Tools.Review(r.Context(), id)
}

func (p *toolPages) showReview(w http.ResponseWriter, r *http.Request) error {
	c, err := p.review(r)
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: c.Title, Subtitle: c.Why, Back: &ui.Action{Label: "Vendor reviews", Href: "/vendors"}}}
	p.reviewActions(r, c, &body)
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	if v := c.Verdict; v != nil {
		facts := []ui.Fact{{Label: "Chosen", Value: verdictText(c)}, {Label: "Because", Value: v.Why}}
		if v.Objections != "" {
			facts = append(facts, ui.Fact{Label: "Objections heard", Value: v.Objections})
		}
		facts = append(facts, ui.Fact{Label: "Decided by", Value: named(team, v.By) + ", " + ui.Date(v.At.In(p.cfg.Zones.Zone()))})
		body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: "Decision"}, Facts: facts})
	}
	if len(c.Candidates) == 0 {
		body.Sections = append(body.Sections, toolSection{Empty: &ui.Empty{Title: "No candidates yet", Text: "Edit the review and name those that could be chosen; three are a good number."}})
	} else {
		body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: "Scorecard", Note: peopleText(c.Persons)}, Text: leadText(c), Table: scoreTable(c), Foot: "Scores from 0 to 5, the mean of what people gave. A total is in percent of the best there could be, over what was scored."}, swingSection(c))
	}
	if notes := scoreNotes(c, team); len(notes.Items) > 0 {
		body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: "What people said"}, Rows: notes})
	}
	return render(p.Site, w, r, p.view, c.Title, body)
}

func peopleText(n int) string {
	if n == 1 {
		return "1 person gave scores"
	}
	return strconv.Itoa(n) + " people gave scores"
}

func leadText(c *tool.Scorecard) string {
	switch {
	case c.Persons == 0:
		return "Nobody has given scores yet."
	case c.Winner == "":
		return "Two are even."
	}
	text := candidateName(c, c.Winner) + " leads with " + ui.Decimal(*c.Lines[0].Total, 1) + " %."
	if n := c.Lines[0].Unscored; n > 0 {
		text += fmt.Sprintf(" Nobody scored it by %d of the criteria yet: its total could be from %s to %s %%.", n, ui.Decimal(c.Lines[0].Least, 1), ui.Decimal(c.Lines[0].Most, 1))
	}
	return text
}

// scoreTable has a line for each criterion, and a column for each candidate, the best first.
func scoreTable(c *tool.Scorecard) *ui.Table {
	t := &ui.Table{Caption: "Scores by criterion and candidate", Columns: []ui.Column{{Label: "Criterion"}, {Label: "Weight", Number: true}}}
	total := ui.TableRow{Cells: []ui.Cell{{Text: "Weighted total"}, {}}}
	for i := range c.Lines {
		l := &c.Lines[i]
		t.Columns = append(t.Columns, ui.Column{Label: l.Name, Number: true})
		cell := ui.Cell{Text: ui.None, Sub: l.Cost}
		if l.Total != nil {
			cell.Text = ui.Decimal(*l.Total, 1) + " %"
		}
		if l.Key == c.Winner {
			cell.Pills = []ui.Pill{{Text: "leads", Tone: ui.ToneGood}}
		}
		total.Cells = append(total.Cells, cell)
	}
	for k, criterion := range c.Criteria {
		row := ui.TableRow{Cells: []ui.Cell{{Text: criterion.Name, Sub: criterion.Help}, {Text: ui.Decimal(criterion.Weight, 0)}}}
		for i := range c.Lines {
			m := &c.Lines[i].Means[k]
			cell := ui.Cell{Text: ui.None}
			if m.Mean != nil {
				cell.Text = ui.Decimal(*m.Mean, 1)
				if m.High-m.Low >= 2 {
					cell.Pills = []ui.Pill{{Text: fmt.Sprintf("%d to %d", m.Low, m.High), Tone: ui.ToneWarn, Title: "People disagree; talk about it"}}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	t.Rows = append(t.Rows, total)
	return t
}

// swingSection says which weight would change the winner.
func swingSection(c *tool.Scorecard) toolSection {
	s := toolSection{Head: ui.CardHead{Title: "Which weight would change the winner"}, Rows: ui.Rows{Label: "Weights that would change the winner"}}
	names := make(map[string]string)
	for _, k := range c.Criteria {
		names[k.Key] = k.Name
	}
	for _, x := range c.Swings {
		s.Rows.Items = append(s.Rows.Items, ui.Row{Title: names[x.Criterion], Meta: []ui.Meta{{Text: fmt.Sprintf("at %s instead of %s, %s would win", ui.Decimal(x.At, 1), ui.Decimal(x.Weight, 0), candidateName(c, x.By))}}})
	}
	switch {
	case c.Winner == "":
		s.Text = "As soon as somebody leads, this says how sure that is."
	case len(c.Swings) == 0:
		s.Text = "None: whatever a single weight from 0 to 100 is set to, " + candidateName(c, c.Winner) + " stays ahead."
	default:
		s.Text = "The smallest change comes first; the other weights stay as they are."
	}
	return s
}

func scoreNotes(c *tool.Scorecard, team teamNames) ui.Rows {
	rows := ui.Rows{Label: "What people said"}
	names := make(map[string]string)
	for _, k := range c.Criteria {
		names[k.Key] = k.Name
	}
	for _, x := range c.Scores {
		if x.Note != "" && names[x.Criterion] != "" {
			rows.Items = append(rows.Items, ui.Row{Title: candidateName(c, x.Candidate) + ": " + names[x.Criterion], Text: x.Note, Value: strconv.Itoa(x.Score), Meta: []ui.Meta{team.meta("", x.Person), {Time: x.At}}})
		}
	}
	return rows
}

func (p *toolPages) reviewActions(r *http.Request, c *tool.Scorecard, body *toolBody) {
	if !person(r).MayWrite {
		return
	}
	here := reviewHref(c.ID)
	version := ui.Hidden{Name: "version", Value: idText(c.Version)}
	if c.Verdict != nil {
		body.Head.Actions = []ui.Action{{Label: "Open again", Post: here + "/decision", Hidden: []ui.Hidden{version, {Name: "do", Value: "open"}}}}
		return
	}
	body.Head.Actions = []ui.Action{{Label: "Edit", Href: here + "/edit"}}
	if len(c.Candidates) == 0 {
		return
	}
	choices := []ui.Option{}
	for _, l := range c.Lines {
		choices = append(choices, ui.Option{Value: l.Key, Label: l.Name})
	}
	choices = append(choices, ui.Option{Value: "", Label: "None of them"})
	body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Decide…", Dialog: "decide"}, ui.Action{Label: "Give scores", Href: here + "/score", Style: ui.StylePrimary})
	body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "decide", Title: "Decide", Text: "The scorecard is kept as it is; it can be opened again.", Form: ui.Form{Post: here + "/decision", Hidden: []ui.Hidden{version}, Fields: []ui.Field{
		{Name: "candidate", Label: "Chosen", Type: "select", Value: choices[0].Value, Options: choices}, {Name: "why", Label: "Because", Type: "textarea", Required: true}, {Name: "objections", Label: "Objections that were heard", Type: "textarea"},
	}, Actions: []ui.Action{{Label: "Decide", Submit: true, Style: ui.StylePrimary}}}})
}

func (p *toolPages) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	version, err := formID(r, "version")
	if err != nil {
		return err
	}
	v := tool.Verdict{Candidate: r.FormValue("candidate"), Why: r.FormValue("why"), Objections: r.FormValue("objections")}
	said := "It is decided, and written down."
	if r.FormValue("do") == "open" {
		v, said = tool.Verdict{}, "The review is open again."
	}
	if _, err := p.cfg.Tools.Decide(r.Context(), id, version, v, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, reviewHref(id), said, "")
}

func (p *toolPages) showNewReview(w http.ResponseWriter, r *http.Request) error {
	key := r.URL.Query().Get("template")
	t, err := tool.FindTemplate(key)
	if err != nil {
		t = tool.Templates()[0]
	}
	d := tool.ReviewDraft{Title: t.Title, Category: t.Category, Criteria: t.Criteria(), Owner: person(r).Actor}
	return p.reviewForm(w, r, reviewValues(&d), nil)
}

func (p *toolPages) showEditReview(w http.ResponseWriter, r *http.Request) error {
	c, err := p.review(r)
	if err != nil {
		return err
	}
	v := reviewValues(&c.ReviewDraft)
	v.Set("version", idText(c.Version))
	return p.reviewForm(w, r, v, nil)
}

// reviewValues writes a review as its form has it.
func reviewValues(d *tool.ReviewDraft) url.Values {
	var criteria, candidates strings.Builder
	for _, c := range d.Criteria {
		_, _ = fmt.Fprintf(&criteria, "%s | %s | %s\n", strconv.FormatFloat(c.Weight, 'f', -1, 64), c.Name, c.Help)
	}
	for _, c := range d.Candidates {
		_, _ = fmt.Fprintf(&candidates, "%s | %s | %s\n", c.Name, c.URL, c.Cost)
	}
	return url.Values{"title": {d.Title}, "why": {d.Why}, "owner": {d.Owner}, "category": {d.Category}, "criteria": {criteria.String()}, "candidates": {candidates.String()}}
}

func (p *toolPages) reviewForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	body := toolBody{Head: ui.Head{Title: "New vendor review", Back: &ui.Action{Label: "Vendor reviews", Href: "/vendors"}}}
	save, back := "Begin it", "/vendors"
	if r.PathValue("id") != "" {
		body.Head.Title, save, back = "Change: "+v.Get("title"), "Save", "/vendors/"+url.PathEscape(r.PathValue("id"))
	} else {
		choice := ui.Segments{Label: "Template"}
		for _, t := range tool.Templates() {
			choice.Items = append(choice.Items, ui.Segment{Label: t.Title, Href: "/vendors/new?template=" + t.Key, Active: t.Category == v.Get("category")})
		}
		body.Choices = []ui.Segments{choice}
	}
	categories := []ui.Option{{Value: "", Label: "Not said"}}
	for _, c := range tool.Categories() {
		categories = append(categories, ui.Option{Value: c.Key, Label: c.Label})
	}
	form := &ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "version", Value: v.Get("version")}}, Fields: []ui.Field{
		{Name: "title", Label: "What is chosen", Value: v.Get("title"), Required: true},
		{Name: "why", Label: "What for", Type: "textarea", Value: v.Get("why")},
		{Name: "owner", Label: "Owner", Value: v.Get("owner")},
		{Name: "category", Label: "Category", Type: "select", Value: v.Get("category"), Options: categories},
		{Name: "criteria", Label: "Criteria", Type: "textarea", Rows: 10, Value: v.Get("criteria"), Required: true, Help: "One a line: weight | name | what a good one looks like. Scores stay with a criterion as long as its name does."},
		{Name: "candidates", Label: "Candidates", Type: "textarea", Rows: 4, Value: v.Get("candidates"), Placeholder: "Forum | https://forum.example | 1,200 EUR a year", Help: "One a line: name | address | cost."},
	}, Actions: []ui.Action{{Label: save, Submit: true, Style: ui.StylePrimary}, {Label: "Back", Href: back}}}
	if problem != nil {
		form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	body.Sections = []toolSection{{Form: form}}
	return render(p.Site, w, r, p.view, body.Head.Title, body)
}

func (p *toolPages) saveReview(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v := r.PostForm
	d := tool.ReviewDraft{Title: v.Get("title"), Why: v.Get("why"), Owner: v.Get("owner"), Category: v.Get("category"), Candidates: tool.ReadCandidates(v.Get("candidates"))}
	var err error
	d.Criteria, err = tool.ReadCriteria(v.Get("criteria"))
	var review tool.Review
	switch {
	case err != nil:
	case r.PathValue("id") == "":
		review, err = p.cfg.Tools.AddReview(r.Context(), d, person(r).Actor)
	default:
		var id, version int64
		if id, err = pathID(r); err != nil {
			return err
		}
		if version, err = formID(r, "version"); err != nil {
			return err
		}
		review, err = p.cfg.Tools.EditReview(r.Context(), id, version, d, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.reviewForm(w, r, v, err)
	}
	return p.back(w, r, reviewHref(review.ID), "The review is saved.", "")
}

// showScores is the form of one person's scores, a card for each candidate.
func (p *toolPages) showScores(w http.ResponseWriter, r *http.Request) error {
	c, err := p.review(r)
	if err != nil {
		return err
	}
	who := person(r).Actor
	given := make(map[string]tool.Score)
	for _, x := range c.Scores {
		if x.Person == who {
			given[x.Candidate+" "+x.Criterion] = x
		}
	}
	body := toolBody{Head: ui.Head{Title: "Your scores", Subtitle: c.Title + ": 0 does not do it, 5 could not be better. What you leave open is not counted.", Back: &ui.Action{Label: c.Title, Href: reviewHref(c.ID)}}}
	options := []ui.Option{{Value: "-1", Label: "Not said"}}
	for n := range 6 {
		options = append(options, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	for _, candidate := range c.Candidates {
		form := &ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "candidate", Value: candidate.Key}}, Actions: []ui.Action{{Label: "Save", Label2: "Save scores of " + candidate.Name, Submit: true}}}
		for i, k := range c.Criteria {
			prefix := candidate.Key + "-"
			value := "-1"
			x, is := given[candidate.Key+" "+k.Key]
			if is {
				value = strconv.Itoa(x.Score)
			}
			form.Fields = append(form.Fields,
				ui.Field{Name: "score-" + strconv.Itoa(i), Prefix: prefix, Label: k.Name, Type: "select", Value: value, Options: options, Help: k.Help},
				ui.Field{Name: "note-" + strconv.Itoa(i), Prefix: prefix, Label: "Why: " + k.Name, Value: x.Note},
			)
			form.Hidden = append(form.Hidden, ui.Hidden{Name: "criterion-" + strconv.Itoa(i), Value: k.Key})
		}
		body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: candidate.Name, Note: candidate.Cost}, Form: form})
	}
	return render(p.Site, w, r, p.view, "Your scores", body)
}

func (p *toolPages) saveScores(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var all []tool.Score
	for i := 0; r.FormValue("criterion-"+strconv.Itoa(i)) != ""; i++ {
		n := strconv.Itoa(i)
		score, err := strconv.Atoi(r.FormValue("score-" + n))
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "a score is from 0 to 5")
		}
		all = append(all, tool.Score{Candidate: r.FormValue("candidate"), Criterion: r.FormValue("criterion-" + n), Score: score, Note: r.FormValue("note-" + n)})
	}
	c, err := p.cfg.Tools.Give(r.Context(), id, all, person(r).Actor)
	if err != nil {
		return err
	}
	left := slices.IndexFunc(c.Candidates, func(x tool.Candidate) bool {
		return !slices.ContainsFunc(c.Scores, func(s tool.Score) bool { return s.Candidate == x.Key && s.Person == person(r).Actor })
	})
	if left >= 0 {
		return p.back(w, r, reviewHref(id)+"/score", "Your scores of "+candidateName(c, r.FormValue("candidate"))+" are kept. "+c.Candidates[left].Name+" has none of you yet.", "")
	}
	return p.back(w, r, reviewHref(id), "Your scores are kept.", "")
}
