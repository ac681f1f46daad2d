// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/recognition"
	"greenroom/internal/web/ui"
)

const recognitionPath = "/recognition"

// Recognition finds whom to thank and what may be quoted; recognition.Service does.
type Recognition interface {
	Unthanked(ctx context.Context, days int) ([]recognition.Help, error)
	Thank(ctx context.Context, activity int64, o recognition.Outcome, by string) (recognition.Help, error)
	Unthank(ctx context.Context, activity int64, by string) error
	Milestoning
	Quoting
	Settings(ctx context.Context) (recognition.Settings, error)
	SetSettings(ctx context.Context, set recognition.Settings, by string) error
}

// Milestoning finds what members reached.
type Milestoning interface {
	Milestones(ctx context.Context, weeks int) ([]recognition.Week, error)
	SeeTo(ctx context.Context, member int64, k recognition.Kind, level int64, o recognition.Outcome, by string) (recognition.Milestone, error)
	Unsee(ctx context.Context, member int64, k recognition.Kind, level int64, by string) error
}

type recognitionPages struct {
	*Site
	view *ui.View[cardsBody]
}

func (s *Site) addRecognition() error {
	if s.cfg.Recognition == nil {
		return nil
	}
	view, err := ui.Parse[cardsBody](s.kit, templates, "templates/cards.html")
	if err != nil {
		return err
	}
	p := &recognitionPages{s, view}
	s.handle("GET /recognition", p.thanks)
	s.change("POST /recognition/thanks/{id}", mayWrite, p.thank)
	s.handle("GET /recognition/milestones", p.milestones)
	s.change("POST /recognition/milestones/{id}", mayWrite, p.seeTo)
	s.handle("GET /recognition/testimonials", p.testimonials)
	s.handle("GET /recognition/testimonials.csv", p.sheet)
	s.change("POST /recognition/testimonials/ask", mayWrite, p.ask)
	s.handle("GET /recognition/testimonials/{id}", p.testimonial)
	s.change("POST /recognition/testimonials/{id}", mayWrite, p.restore)
	s.change("POST /recognition/testimonials/{id}/uses", mayWrite, p.use)
	s.change("POST /recognition/testimonials/{id}/uses/{use}/end", mayWrite, p.endUse)
	s.handle("GET /recognition/settings", p.settings)
	s.change("POST /recognition/settings", mayWrite, p.setSettings)
	return nil
}

// body begins a page of recognition, with its tabs.
func (p *recognitionPages) body(at, subtitle string) cardsBody {
	b := cardsBody{Head: ui.Head{Title: "Recognition", Subtitle: subtitle, Find: true}, Tabs: ui.Segments{Label: "Recognition"}}
	for _, t := range []ui.Segment{{Label: "Thanks", Href: recognitionPath}, {Label: "Milestones", Href: recognitionPath + "/milestones"}, {Label: "Testimonials", Href: testimonialsPath}, {Label: "Settings", Href: recognitionPath + "/settings"}} {
		t.Active = t.Href == at
		b.Tabs.Items = append(b.Tabs.Items, t)
	}
	return b
}

// mostRows is how much of a ranking a page shows.
const mostRows = 50

func (p *recognitionPages) thanks(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Recognition.Settings(r.Context())
	if err != nil {
		return err
	}
	all, err := p.cfg.Recognition.Unthanked(r.Context(), 0)
	if err != nil {
		return err
	}
	body := p.body(recognitionPath, "Who helped, and nobody said thank you")
	card := cardOfPage{Head: ui.CardHead{Title: "Help without thanks", Note: countText(int64(len(all)), "answer", "answers") + " in " + strconv.Itoa(set.Days) + " days", Definition: &ui.Definition{
		Term:  "Help without thanks",
		Text:  "An accepted answer, or the first reply of a community member to a question that asks nothing back, after which nobody reacted, nobody in the conversation wrote praise, and whoever asked wrote nothing positive. The last day is left out: people need a moment.",
		Label: "How is this found?",
		Rows:  []ui.Fact{{Label: "Order", Value: "Accepted answers count 3, answers in a conversation that was resolved 2, others 1, and each other answer of the same person 1 more, up to 3"}},
	}}, Rows: ui.Rows{Label: "Help without thanks"}}
	may := person(r).MayWrite
	for i := range all[:min(len(all), mostRows)] {
		card.Rows.Items = append(card.Rows.Items, helpRow(&all[i], may))
	}
	if len(all) > mostRows {
		card.Foot = "The first " + strconv.Itoa(mostRows) + " are shown."
	}
	if len(all) == 0 {
		card.Empty = &ui.Empty{Title: "Nobody waits for thanks", Text: "When somebody answers a question and nobody thanks them, they stand here. What messages say has to be read for that; new ones are, in the background."}
	}
	body.Main = []cardOfPage{card}
	return render(p.Site, w, r, p.view, "Recognition", body)
}

// said is the beginning of a text, on one line.
func said(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if c := []rune(text); len(c) > 240 {
		return string(c[:239]) + "…"
	}
	return text
}

func helpRow(h *recognition.Help, may bool) ui.Row {
	row := ui.Row{
		Avatar: memberAvatar(h.Helper.ID, h.Helper.Name), Title: h.Helper.Name + " helped " + h.Asker.Name, Strong: true, Href: conversationHref(h.ConversationID) + "#a" + idText(h.ActivityID),
		Meta: []ui.Meta{{Text: firstText(h.Title, "(no title)"), Href: conversationHref(h.ConversationID)}, {Text: h.Helper.Name, Href: memberHref(h.Helper.ID)}, {Time: h.At}}, Text: said(h.Text),
	}
	switch {
	case h.Accepted:
		row.Foot = append(row.Foot, ui.Pill{Text: "accepted answer", Tone: ui.ToneGood})
	case h.Resolved:
		row.Foot = append(row.Foot, ui.Pill{Text: "resolved", Tone: ui.ToneGood})
	default:
		row.Foot = append(row.Foot, ui.Pill{Text: "first reply"})
	}
	if h.Others > 0 {
		row.Foot = append(row.Foot, ui.Pill{Text: countText(h.Others, "other without thanks", "others without thanks"), Tone: ui.ToneWarn, Href: "/activities?q=member:" + idText(h.Helper.ID)})
	}
	if to := outside(h.URL); to != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: "at the source", Href: to})
	}
	if may {
		to := recognitionPath + "/thanks/" + idText(h.ActivityID)
		row.Actions = []ui.Action{
			{Label: "Draft a thank-you", Label2: "Draft a thank-you to " + h.Helper.Name + ": " + h.Title, Post: to, Small: true, Hidden: []ui.Hidden{{Name: "do", Value: string(recognition.Drafted)}}},
			{Label: "Thanked", Label2: "Mark as thanked: " + h.Helper.Name + ", " + h.Title, Post: to, Small: true, Style: ui.StyleQuiet, Hidden: []ui.Hidden{{Name: "do", Value: string(recognition.Marked)}}},
		}
	}
	return row
}

func (p *recognitionPages) thank(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	do := recognition.Outcome(r.FormValue("do"))
	if do == "" { // undo
		if err := p.cfg.Recognition.Unthank(r.Context(), id, person(r).Actor); err != nil {
			return err
		}
		return p.back(w, r, recognitionPath, "Taken back.", "")
	}
	h, err := p.cfg.Recognition.Thank(r.Context(), id, do, person(r).Actor)
	if err != nil {
		return err
	}
	if do == recognition.Drafted {
		return p.back(w, r, recognitionPath, "A thank-you to "+h.Helper.Name+" waits for approval in the outbox.", "")
	}
	return p.back(w, r, recognitionPath, h.Helper.Name+" is marked as thanked.", recognitionPath+"/thanks/"+idText(id))
}

// shownWeeks is how many weeks of milestones a page shows.
const shownWeeks = 4

func (p *recognitionPages) milestones(w http.ResponseWriter, r *http.Request) error {
	weeks, err := p.cfg.Recognition.Milestones(r.Context(), shownWeeks)
	if err != nil {
		return err
	}
	body := p.body(recognitionPath+"/milestones", "What members have reached, week by week")
	may := person(r).MayWrite
	for i := range weeks {
		week := &weeks[i]
		card := cardOfPage{Head: ui.CardHead{Title: "Week of " + week.From.Format("2 January 2006"), Note: countText(int64(len(week.Items)), "milestone", "milestones")}, Rows: ui.Rows{Label: "Milestones, week of " + week.From.Format("2 January 2006")}}
		if i == 0 {
			card.Head.Title = "This week"
		}
		for j := range week.Items[:min(len(week.Items), mostRows)] {
			card.Rows.Items = append(card.Rows.Items, milestoneRow(&week.Items[j], may))
		}
		if len(week.Items) > mostRows {
			card.Foot = "The first " + strconv.Itoa(mostRows) + " are shown, the highest first."
		}
		if len(week.Items) == 0 {
			card.Text = "Nobody reached one."
		}
		body.Main = append(body.Main, card)
	}
	return render(p.Site, w, r, p.view, "Milestones", body)
}

func milestoneRow(m *recognition.Milestone, may bool) ui.Row {
	row := ui.Row{Avatar: memberAvatar(m.Member.ID, m.Member.Name), Title: m.Member.Name, Href: memberHref(m.Member.ID), Strong: m.Outcome == "", Pills: []ui.Pill{{Text: m.Text(), Tone: ui.ToneIdea}}, Meta: []ui.Meta{{Text: m.Member.Organization}, {Time: m.At}}}
	if m.Member.Organization == "" {
		row.Meta = row.Meta[1:]
	}
	if m.ActivityID > 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: "by which", Href: "/activities/" + idText(m.ActivityID)})
	}
	to := recognitionPath + "/milestones/" + idText(m.Member.ID)
	hidden := func(do string) []ui.Hidden {
		return []ui.Hidden{{Name: "kind", Value: string(m.Kind)}, {Name: "level", Value: idText(m.Level)}, {Name: "do", Value: do}}
	}
	what := ": " + m.Member.Name + ", " + m.Text()
	switch {
	case m.Outcome == recognition.Drafted:
		row.Badge = &ui.Pill{Text: "message drafted", Tone: ui.ToneGood, Title: "by " + m.By}
	case m.Outcome == recognition.Marked:
		row.Badge = &ui.Pill{Text: "seen to", Tone: ui.ToneGood, Title: "by " + m.By}
		if may {
			row.Actions = []ui.Action{{Label: "Take back", Label2: "Take back" + what, Post: to, Hidden: hidden("undo"), Small: true, Style: ui.StyleQuiet}}
		}
	case may:
		row.Actions = []ui.Action{
			{Label: "Draft a message", Label2: "Draft a message" + what, Post: to, Hidden: hidden(string(recognition.Drafted)), Small: true},
			{Label: "Seen to", Label2: "Mark as seen to" + what, Post: to, Hidden: hidden(string(recognition.Marked)), Small: true, Style: ui.StyleQuiet},
		}
	}
	return row
}

func (p *recognitionPages) seeTo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	level, err := strconv.ParseInt(r.FormValue("level"), 10, 64)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the level is a number", Err: err}
	}
	k, page := recognition.Kind(r.FormValue("kind")), recognitionPath+"/milestones"
	if r.FormValue("do") == "undo" {
		if err := p.cfg.Recognition.Unsee(r.Context(), id, k, level, person(r).Actor); err != nil {
			return err
		}
		return p.back(w, r, page, "Taken back.", "")
	}
	m, err := p.cfg.Recognition.SeeTo(r.Context(), id, k, level, recognition.Outcome(r.FormValue("do")), person(r).Actor)
	if err != nil {
		return err
	}
	if m.Outcome == recognition.Drafted {
		return p.back(w, r, page, "A message to "+m.Member.Name+" waits for approval in the outbox.", "")
	}
	return p.back(w, r, page, m.Text()+" of "+m.Member.Name+" is seen to.", "")
}

func (p *recognitionPages) settings(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Recognition.Settings(r.Context())
	if err != nil {
		return err
	}
	body := p.body(recognitionPath+"/settings", "What counts, and how the team writes")
	levels := func(k recognition.Kind, label string) ui.Field {
		parts := make([]string, len(set.Levels[k]))
		for i, l := range set.Levels[k] {
			parts[i] = idText(l)
		}
		return ui.Field{Name: "levels-" + string(k), Label: label, Value: strings.Join(parts, ", "), Placeholder: "1, 10, 100"}
	}
	braces := "{first_name} and {name} are filled in"
	form := ui.Form{Post: recognitionPath + "/settings", Fields: []ui.Field{
		{Name: "products", Label: "Names of your products", Value: strings.Join(set.Products, ", "), Placeholder: "Lumen, Lumen Cloud", Help: "Appreciation that names one is a candidate for a testimonial. Without names, all appreciation is."},
		{Name: "days", Label: "Days in which help is listed", Type: "number", Value: strconv.Itoa(set.Days), Required: true},
		levels(recognition.Answers, "Milestones: answers"), levels(recognition.Contributions, "Milestones: contributions"), levels(recognition.Events, "Milestones: events"), levels(recognition.Years, "Milestones: years with us"),
		{Name: "thanks", Label: "Thank-you", Type: "textarea", Rows: 6, Value: set.Thanks, Help: braces + ", and so are {asker}, {title} and {url}."},
		{Name: "congrats", Label: "Message on a milestone", Type: "textarea", Rows: 5, Value: set.Congrats, Help: braces + ", and so is {milestone}."},
		{Name: "ask", Label: "Asking for a testimonial", Type: "textarea", Rows: 9, Value: set.Ask, Help: braces + ", and so are {quote} and {link}, which has to be there."},
		{Name: "expire", Label: "Days until an ask without an answer is over", Type: "number", Value: strconv.Itoa(set.ExpireDays), Required: true},
		{Name: "atonce", Label: "Ask for testimonials at once, without approval in the outbox", Type: "checkbox", Checked: set.AskAtOnce},
	}}
	if person(r).MayWrite {
		form.Actions = []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}
	} else {
		for i := range form.Fields {
			form.Fields[i].Disabled = true
		}
	}
	body.Main = []cardOfPage{{Head: ui.CardHead{Title: "Settings"}, Forms: []ui.Form{form}}}
	return render(p.Site, w, r, p.view, "Settings of recognition", body)
}

// numbersIn reads numbers with commas between.
func numbersIn(text string) ([]int64, error) {
	all := []int64{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the milestones are whole numbers with commas between, such as 1, 10, 100, not %q", part), Err: err}
		}
		all = append(all, n)
	}
	return all, nil
}

func (p *recognitionPages) setSettings(w http.ResponseWriter, r *http.Request) error {
	set := recognition.Settings{Thanks: r.FormValue("thanks"), Congrats: r.FormValue("congrats"), Ask: r.FormValue("ask"), AskAtOnce: r.FormValue("atonce") != "", Products: strings.Split(r.FormValue("products"), ","), Levels: make(map[recognition.Kind][]int64)}
	for _, x := range []struct {
		name, label string
		into        *int
	}{{"days", "The days that are looked back for help without thanks", &set.Days}, {"expire", "The days after which a question for a quote expires", &set.ExpireDays}} {
		var err error
		if *x.into, err = wholeNumber(r.FormValue(x.name), x.name, x.label); err != nil {
			return err
		}
	}
	for _, k := range recognition.Kinds() {
		levels, err := numbersIn(r.FormValue("levels-" + string(k)))
		if err != nil {
			return err
		}
		set.Levels[k] = levels
	}
	if err := p.cfg.Recognition.SetSettings(r.Context(), set, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, recognitionPath+"/settings", "Saved.", "")
}
