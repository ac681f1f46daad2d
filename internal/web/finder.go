// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/finder"
	"greenroom/internal/web/ui"
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

// finderBody is what finder.html shows: the list of studies, or one.
type finderBody struct {
	Head    ui.Head
	Studies ui.Rows
	Empty   *ui.Empty
	Form    *ui.Form
	Table   *ui.Table
	Found   string
	LeftOut []string
	Asks    []finderAsk
}

// finderAsk is somebody who was asked, with the form for what came of it.
type finderAsk struct {
	Row  ui.Row
	Form *ui.Form
}

type finderPages struct {
	*Site
	view *ui.View[finderBody]
}

const finderPath = "/finder"

func (s *Site) addFinder() error {
	if s.cfg.Studies == nil {
		return nil
	}
	view, err := ui.Parse[finderBody](s.kit, templates, "templates/finder.html")
	if err != nil {
		return err
	}
	p := &finderPages{Site: s, view: view}
	s.handle("GET "+finderPath, p.list)
	s.change("GET "+finderPath+"/new", mayWrite, p.edit)
	s.change("POST "+finderPath+"/new", mayWrite, p.save)
	s.handle("GET "+finderPath+"/{id}", p.show)
	s.change("GET "+finderPath+"/{id}/edit", mayWrite, p.edit)
	s.change("POST "+finderPath+"/{id}/edit", mayWrite, p.save)
	s.change("POST "+finderPath+"/{id}/invite", mayWrite, p.invite)
	s.change("POST "+finderPath+"/{id}/asks/{ask}", mayWrite, p.outcome)
	return nil
}

func researchHref(id int64) string { return finderPath + "/" + idText(id) }

func (p *finderPages) list(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Studies.List(r.Context())
	if err != nil {
		return err
	}
	asks, err := p.cfg.Studies.Asks(r.Context(), 0, 0)
	if err != nil {
		return err
	}
	count := make(map[int64]map[finder.State]int)
	for i := range asks {
		if count[asks[i].Study] == nil {
			count[asks[i].Study] = make(map[finder.State]int)
		}
		count[asks[i].Study][asks[i].State]++
	}
	body := finderBody{Head: ui.Head{Title: "Finder", Subtitle: "Members to talk to: by who they are, what they did and what they said; with consent, and nobody too often"}}
	begin := ui.Action{Label: "New study", Href: finderPath + "/new", Style: ui.StylePrimary}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{begin}
	}
	body.Studies.Label = "Studies"
	for i := range all {
		st := &all[i]
		of := count[st.ID]
		row := ui.Row{Title: st.Title, Href: researchHref(st.ID), Meta: []ui.Meta{{Text: fmt.Sprintf("%d of %d talked to", of[finder.Done], st.Wanted)}, {Text: fmt.Sprintf("%d invited, %d agreed, %d declined", of[finder.Invited], of[finder.Agreed], of[finder.Declined])}, {Text: st.Owner}}}
		if st.Closed {
			row.Pills = []ui.Pill{{Text: "closed"}}
		}
		body.Studies.Items = append(body.Studies.Items, row)
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No studies yet", Text: "Say whom you want to talk to, such as ten admins in Europe who use exports and complained about them. You see who fits, why, and who is better left alone."}
		if person(r).MayWrite {
			body.Empty.Actions = []ui.Action{begin}
		}
	}
	return render(p.Site, w, r, p.view, "Finder", body)
}

// studyOf finds the study of the path; none where it names none.
func (p *finderPages) studyOf(r *http.Request) (*finder.Study, error) {
	if r.PathValue("id") == "" {
		return nil, nil //nolint:nilnil // a new one
	}
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	st, err := p.cfg.Studies.Get(r.Context(), id)
	return &st, err
}

func (p *finderPages) edit(w http.ResponseWriter, r *http.Request) error {
	st, err := p.studyOf(r)
	if err != nil {
		return err
	}
	d := finder.Draft{Wanted: finder.UsualWanted, Rest: finder.UsualRest, Yearly: finder.UsualYearly, Owner: person(r).Seed, Subject: "May we ask you something?", Letter: "Hello {name},\n\nyou know your way around here, and we would like to learn from you. Do you have half an hour for a talk?\n\nThank you."}
	title := "New study"
	if st != nil {
		d, title = st.Draft, "Change the study"
	}
	return p.form(w, r, st, &d, title, "")
}

func (p *finderPages) form(w http.ResponseWriter, r *http.Request, st *finder.Study, d *finder.Draft, title, problem string) error {
	f := &ui.Form{Post: r.URL.Path, Error: problem, Fields: []ui.Field{
		{Name: "title", Label: "What they are wanted for", Value: d.Title, Required: true, Placeholder: "Interviews on exports"},
		{Name: "who", Label: "Who they are", Value: d.Who, OneOf: true, Placeholder: "country:de,fr,es title:admin", Help: "A query over members, as above their list."},
		{Name: "uses", Label: "What they did", Value: d.Uses, OneOf: true, Placeholder: "kind:\"product usage\" body:export", Help: "A query over activities: everybody has to have one that fits."},
		{Name: "said", Label: "What they said", Value: d.Said, OneOf: true, Placeholder: "body:export sentiment:negative", Help: "A query over activities, too. What fits is the evidence that you see."},
		{Name: "wanted", Label: "How many are wanted", Type: "number", Value: strconv.Itoa(d.Wanted), Required: true},
		{Name: "subject", Label: "Subject of the invitation", Value: d.Subject},
		{Name: "letter", Label: "Invitation", Type: "textarea", Value: d.Letter, Help: "Markdown; {name} is their name. It is sent when somebody approves each draft in the outbox."},
	}, More: []ui.Field{
		{Name: "owner", Label: "Who talks to them", Value: d.Owner, Help: "Their mail address; answers go there."},
		{Name: "rest", Label: "Days of rest after any ask", Type: "number", Value: strconv.Itoa(d.Rest), Required: true},
		{Name: "yearly", Label: "Asks a year at most", Type: "number", Value: strconv.Itoa(d.Yearly), Required: true},
		{Name: "text", Label: "More about it, for the team", Type: "textarea", Value: d.Text},
	}}
	back := finderPath
	if st != nil {
		back = researchHref(st.ID)
		f.Hidden = []ui.Hidden{{Name: "version", Value: idText(st.Version)}}
		f.More = append(f.More, ui.Field{Name: "closed", Label: "Closed: nobody is invited any more", Type: "checkbox", Checked: st.Closed})
	}
	f.Actions = []ui.Action{{Label: "Save and find", Submit: true, Style: ui.StylePrimary}, {Label: "Cancel", Href: back}}
	body := finderBody{Head: ui.Head{Title: title, Back: &ui.Action{Label: "Finder", Href: finderPath}}, Form: f}
	return render(p.Site, w, r, p.view, title, body)
}

func (p *finderPages) save(w http.ResponseWriter, r *http.Request) error {
	st, err := p.studyOf(r)
	if err != nil {
		return err
	}
	d := finder.Draft{Title: r.FormValue("title"), Text: r.FormValue("text"), Owner: r.FormValue("owner"), Who: r.FormValue("who"), Uses: r.FormValue("uses"), Said: r.FormValue("said"), Subject: r.FormValue("subject"), Letter: r.FormValue("letter")}
	title := "New study"
	if st != nil {
		title = "Change the study"
	}
	for _, x := range []struct {
		name, label string
		into        *int
	}{{"wanted", "How many are wanted", &d.Wanted}, {"rest", "Days of rest after any ask", &d.Rest}, {"yearly", "Asks a year at most", &d.Yearly}} {
		text := strings.TrimSpace(r.FormValue(x.name))
		if *x.into, err = wholeNumber(text, x.name, x.label); err != nil || text == "" {
			return p.form(w, r, st, &d, title, sentence(cmp.Or(greenroom.ErrorMessage(err), x.label+": a number is missing")))
		}
	}
	var kept finder.Study
	if st == nil {
		kept, err = p.cfg.Studies.Add(r.Context(), d, person(r).Actor)
	} else {
		version, _ := strconv.ParseInt(r.FormValue("version"), 10, 64) // another one is a conflict
		kept, err = p.cfg.Studies.Edit(r.Context(), st.ID, version, d, r.FormValue("closed") != "", person(r).Actor)
	}
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return p.form(w, r, st, &d, title, sentence(greenroom.ErrorMessage(err)))
	}
	if err != nil {
		return err
	}
	return p.back(w, r, researchHref(kept.ID), "Saved. Nobody is invited before you choose them.", "")
}

// shownCandidates is how many are shown for each that is wanted.
const shownCandidates = 3

func (p *finderPages) show(w http.ResponseWriter, r *http.Request) error {
	st, err := p.studyOf(r)
	if err != nil {
		return err
	}
	found, err := p.cfg.Studies.Find(r.Context(), &st.Draft, st.ID)
	if err != nil {
		return err
	}
	asks, err := p.cfg.Studies.Asks(r.Context(), st.ID, 0)
	if err != nil {
		return err
	}
	may := person(r).MayWrite && !st.Closed
	body := finderBody{Head: ui.Head{Title: st.Title, Subtitle: studySays(st), Back: &ui.Action{Label: "Finder", Href: finderPath}}}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "Change", Href: researchHref(st.ID) + "/edit"}}
	}
	if st.Closed {
		body.Head.Pills = []ui.Pill{{Text: "closed"}}
	}
	body.Found = countText(int64(len(found.Candidates)), "member fits and may be asked", "members fit and may be asked")
	for _, l := range found.LeftOut {
		body.LeftOut = append(body.LeftOut, fmt.Sprintf("%d left out: %s.", l.Count, l.Reason))
	}
	if found.Cut {
		body.LeftOut = append(body.LeftOut, "More fits than was looked at; ask for less to be sure that the best are here.")
	}
	body.Table = candidateTable(st, found, may)
	for i := range asks {
		body.Asks = append(body.Asks, askOf(&asks[i], person(r).MayWrite))
	}
	return render(p.Site, w, r, p.view, st.Title, body)
}

// studySays says whom a study looks for.
func studySays(st *finder.Study) string {
	var parts []string
	for _, q := range []struct{ label, text string }{{"who are", st.Who}, {"did", st.Uses}, {"said", st.Said}} {
		if q.text != "" {
			parts = append(parts, q.label+" "+q.text)
		}
	}
	return fmt.Sprintf("%d members who %s", st.Wanted, strings.Join(parts, ", "))
}

func candidateTable(st *finder.Study, found *finder.Shortlist, may bool) *ui.Table {
	t := &ui.Table{
		Caption: "Who fits and may be asked, the best first", Columns: []ui.Column{{Label: "Member"}, {Label: "Why"}, {Label: "Evidence"}, {Label: "Last active"}},
		Empty: &ui.Empty{Title: "Nobody fits who may be asked", Text: "Ask for less: drop a condition, or look at who is left out and why."},
	}
	if may {
		t.Select, t.BulkPost, t.Bulk = "member", researchHref(st.ID)+"/invite", []ui.Action{{Label: "Write drafts of invitations", Submit: true, Style: ui.StylePrimary, Small: true}}
	}
	for i := range found.Candidates[:min(len(found.Candidates), st.Wanted*shownCandidates)] {
		c := &found.Candidates[i]
		who := ui.Cell{Text: c.Name, Href: memberHref(c.Member), Sub: strings.Trim(c.Organization+" · "+c.Country, " ·")}
		if !c.ByMail {
			who.Pills = []ui.Pill{{Text: "no mail address", Title: "Ask them where they are active; it is noted here all the same."}}
		}
		evidence := ui.Cell{}
		if len(c.Evidence) > 0 {
			e := &c.Evidence[0]
			evidence = ui.Cell{Text: excerpt(e.Text, 140), Href: evidenceHref(e), Sub: countText(int64(len(c.Evidence)), "piece of evidence", "pieces of evidence")}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(c.Member), Cells: []ui.Cell{who, {Text: strings.Join(c.Reasons, "; ")}, evidence, {Time: c.LastActive}}})
	}
	return t
}

// evidenceHref leads to an activity: in its conversation, where it has one.
func evidenceHref(e *finder.Evidence) string {
	if e.Conversation > 0 {
		return conversationHref(e.Conversation) + "#a" + idText(e.Activity)
	}
	return "/activities?q=" + url.QueryEscape("id:"+idText(e.Activity))
}

func askOf(a *finder.Ask, may bool) finderAsk {
	tone := map[finder.State]ui.Tone{finder.Agreed: ui.ToneInfo, finder.Done: ui.ToneGood, finder.Declined: ui.ToneWarn, finder.NoShow: ui.ToneWarn}
	row := finderAsk{Row: ui.Row{Title: a.Name, Href: memberHref(a.Member), Pills: []ui.Pill{{Text: a.State.Label(), Tone: tone[a.State]}}, Meta: []ui.Meta{{Text: "asked by " + a.By, Time: a.At}}, Text: a.Note}}
	if a.Message > 0 {
		row.Row.Meta = append(row.Row.Meta, ui.Meta{Text: "the invitation", Href: "/outbox/" + idText(a.Message)})
	}
	if a.Incentive != "" {
		row.Row.Meta = append(row.Row.Meta, ui.Meta{Text: "got " + a.Incentive})
	}
	if !may {
		return row
	}
	prefix := "ask" + idText(a.ID) + "-"
	states := make([]ui.Option, 0, len(finder.States()))
	for _, s := range finder.States() {
		states = append(states, ui.Option{Value: string(s), Label: s.Label()})
	}
	row.Form = &ui.Form{Post: researchHref(a.Study) + "/asks/" + idText(a.ID), Fields: []ui.Field{
		{Name: "state", Label: "What became of it", Type: "select", Value: string(a.State), Options: states, Required: true, Prefix: prefix},
		{Name: "note", Label: "What came out", Type: "textarea", Value: a.Note, Prefix: prefix},
		{Name: "incentive", Label: "What they got for it", Value: a.Incentive, Prefix: prefix},
	}, Actions: []ui.Action{{Label: "Note it", Label2: "Note what became of asking " + a.Name, Submit: true, Small: true}}}
	return row
}

func (p *finderPages) invite(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole")
	}
	var members []int64
	for _, v := range r.PostForm["member"] {
		m, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a member", v)
		}
		members = append(members, m)
	}
	n, err := p.cfg.Studies.Invite(r.Context(), id, members, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, researchHref(id), countText(int64(n), "member is noted as invited", "members are noted as invited")+". The drafts wait in the outbox until somebody approves them.", "")
}

func (p *finderPages) outcome(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ask, err := strconv.ParseInt(r.PathValue("ask"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	a, err := p.cfg.Studies.Outcome(r.Context(), id, ask, finder.State(r.FormValue("state")), r.FormValue("note"), r.FormValue("incentive"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, researchHref(id), a.Name+": "+a.State.Label()+".", "")
}

// studiesOf is what a member was asked for, newest first, for their page.
func (p *memberPage) studiesOf(r *http.Request, m *greenroom.Member) ([]ui.Row, error) {
	if p.cfg.Studies == nil {
		return nil, nil
	}
	asks, err := p.cfg.Studies.Asks(r.Context(), 0, m.ID)
	if err != nil {
		return nil, err
	}
	var rows []ui.Row
	for i := range asks[:min(len(asks), 3)] {
		a := &asks[i]
		rows = append(rows, ui.Row{Lead: &ui.Pill{Text: "Asked"}, Title: a.Title + ": " + a.State.Label(), Href: researchHref(a.Study), Meta: []ui.Meta{{Text: "by " + a.By, Time: a.At}}})
	}
	return rows, nil
}
