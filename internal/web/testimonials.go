// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/recognition"
	"greenroom/internal/web/ui"
)

const testimonialsPath = recognitionPath + "/testimonials"

// Quoting asks for testimonials and keeps where they are used.
type Quoting interface {
	Testimonials(ctx context.Context, f recognition.Filter) ([]recognition.Testimonial, error)
	Testimonial(ctx context.Context, id int64) (recognition.Testimonial, error)
	Ask(ctx context.Context, activity int64, by string) (recognition.Testimonial, error)
	Dismiss(ctx context.Context, activity int64, by string) (recognition.Testimonial, error)
	Restore(ctx context.Context, id int64, by string) error
	QuotingUse
}

// QuotingUse keeps where testimonials are used.
type QuotingUse interface {
	Use(ctx context.Context, id int64, link, note string, at time.Time, by string) (recognition.Use, error)
	EndUse(ctx context.Context, id, use int64, by string) error
	WriteCSV(ctx context.Context, w io.Writer, f recognition.Filter) error
}

func stateOfTestimonial(s recognition.State) ui.Pill {
	switch s {
	case recognition.Granted:
		return ui.Pill{Text: "may be used", Tone: ui.ToneGood}
	case recognition.Asked:
		return ui.Pill{Text: "asked", Tone: ui.ToneInfo}
	case recognition.Declined, recognition.Withdrawn:
		return ui.Pill{Text: string(s), Tone: ui.ToneBad}
	case recognition.Expired:
		return ui.Pill{Text: "no answer", Tone: ui.ToneWarn}
	case recognition.Candidate, recognition.Dismissed:
	}
	return ui.Pill{Text: string(s)}
}

// testimonialFilter reads a filter from the address.
func testimonialFilter(r *http.Request) recognition.Filter {
	q := r.URL.Query()
	f := recognition.Filter{State: recognition.State(q.Get("state")), Text: q.Get("q"), Product: q.Get("product"), Topic: q.Get("topic"), Segment: q.Get("segment")}
	if id, err := strconv.ParseInt(q.Get("below"), 10, 64); err == nil {
		f.Below = id
	}
	return f
}

func (p *recognitionPages) testimonials(w http.ResponseWriter, r *http.Request) error {
	f := testimonialFilter(r)
	if !r.URL.Query().Has("state") {
		f.State = recognition.Candidate
	}
	all, err := p.cfg.Recognition.Testimonials(r.Context(), f)
	if err != nil {
		return err
	}
	body := p.body(testimonialsPath, "What members say that others may hear, with their permission")
	body.Chips = ui.Segments{Label: "State"}
	for _, s := range append(recognition.States(), "") {
		label := map[recognition.State]string{"": "All decided", recognition.Candidate: "Candidates", recognition.Granted: "May be used", recognition.Expired: "No answer"}[s]
		body.Chips.Items = append(body.Chips.Items, ui.Segment{Label: firstText(label, title(string(s))), Href: testimonialsPath + "?state=" + string(s), Active: s == f.State})
	}
	body.Search = &ui.Form{Get: testimonialsPath, Hidden: []ui.Hidden{{Name: "state", Value: string(f.State)}}, Fields: []ui.Field{
		{Name: "q", Label: "Words or name", Value: f.Text}, {Name: "product", Label: "Product", Value: f.Product}, {Name: "topic", Label: "Topic", Value: f.Topic}, {Name: "segment", Label: "Segment", Value: f.Segment},
	}, Actions: []ui.Action{{Label: "Search", Submit: true}}}
	may := person(r).MayWrite
	card := cardOfPage{Head: ui.CardHead{Title: "Testimonials", Note: ui.Number(len(all))}, Rows: ui.Rows{Label: "Testimonials"}}
	export := url.Values{"q": {f.Text}, "product": {f.Product}, "topic": {f.Topic}, "segment": {f.Segment}}
	body.Head.Actions = []ui.Action{{Label: "Export what may be used", Href: testimonialsPath + ".csv?" + export.Encode()}}
	for i := range all {
		card.Rows.Items = append(card.Rows.Items, testimonialRow(&all[i], may))
	}
	if len(all) == 0 {
		card.Empty = &ui.Empty{Title: "None here", Text: "Appreciation that is found in messages and names a product is offered here. Name your products under Settings, and ask those who wrote it."}
		if may {
			card.Empty.Actions = []ui.Action{{Label: "Name products", Href: recognitionPath + "/settings"}}
		}
	}
	body.Main = []cardOfPage{card}
	return render(p.Site, w, r, p.view, "Testimonials", body)
}

func testimonialRow(t *recognition.Testimonial, may bool) ui.Row {
	row := ui.Row{Avatar: memberAvatar(t.Member.ID, t.Member.Name), Title: t.Member.Name, Strong: true, Text: t.Quote, Meta: []ui.Meta{{Time: t.WrittenAt}}}
	if t.Member.Organization != "" {
		row.Meta = append([]ui.Meta{{Text: t.Member.Organization}}, row.Meta...)
	}
	if t.ActivityID > 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: "the message", Href: "/activities/" + idText(t.ActivityID)})
	}
	if t.ID > 0 && t.State != recognition.Candidate {
		row.Href, row.Pills = testimonialsPath+"/"+idText(t.ID), []ui.Pill{stateOfTestimonial(t.State)}
	}
	for _, x := range t.Products {
		row.Foot = append(row.Foot, ui.Pill{Text: x, Tone: ui.ToneIdea})
	}
	for _, x := range append(t.Topics, t.Segments...) {
		row.Foot = append(row.Foot, ui.Pill{Text: x})
	}
	if t.State == recognition.Candidate && may {
		hidden := func(do string) []ui.Hidden {
			return []ui.Hidden{{Name: "activity", Value: idText(t.ActivityID)}, {Name: "do", Value: do}}
		}
		row.Actions = []ui.Action{
			{Label: "Ask for permission", Label2: "Ask " + t.Member.Name + " for permission: " + said(t.Quote), Post: testimonialsPath + "/ask", Small: true, Hidden: hidden("ask")},
			{Label: "Not this one", Label2: "Not this one of " + t.Member.Name + ": " + said(t.Quote), Post: testimonialsPath + "/ask", Small: true, Style: ui.StyleQuiet, Hidden: hidden("dismiss")},
		}
	}
	return row
}

// sheet writes what may be used as CSV.
func (p *recognitionPages) sheet(w http.ResponseWriter, r *http.Request) error {
	var out bytes.Buffer
	if err := p.cfg.Recognition.WriteCSV(r.Context(), &out, testimonialFilter(r)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="testimonials.csv"`)
	_, _ = out.WriteTo(w) // who has left needs no answer
	return nil
}

// ask asks for a candidate, or puts it away.
func (p *recognitionPages) ask(w http.ResponseWriter, r *http.Request) error {
	activity, err := strconv.ParseInt(r.FormValue("activity"), 10, 64)
	if err != nil || activity <= 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the message by its number")
	}
	if r.FormValue("do") == "dismiss" {
		t, err := p.cfg.Recognition.Dismiss(r.Context(), activity, person(r).Actor)
		if err != nil {
			return err
		}
		return p.back(w, r, testimonialsPath, "It is offered no more.", testimonialsPath+"/"+idText(t.ID))
	}
	t, err := p.cfg.Recognition.Ask(r.Context(), activity, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, testimonialsPath+"/"+idText(t.ID), "The question to "+t.Member.Name+" is in the outbox.", "")
}

func (p *recognitionPages) restore(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Recognition.Restore(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, testimonialsPath, "It is a candidate again.", "")
}

func (p *recognitionPages) testimonial(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	t, err := p.cfg.Recognition.Testimonial(r.Context(), id)
	if err != nil {
		return err
	}
	zone := p.cfg.Zones.Zone()
	body := cardsBody{Head: ui.Head{Title: "Testimonial of " + t.Member.Name, Avatar: memberAvatar(t.Member.ID, t.Member.Name), Pills: []ui.Pill{stateOfTestimonial(t.State)}, Back: &ui.Action{Label: "Testimonials", Href: testimonialsPath + "?state="}}}
	may := person(r).MayWrite
	if may && t.State == recognition.Dismissed {
		body.Head.Actions = []ui.Action{{Label: "Make it a candidate again", Post: testimonialsPath + "/" + idText(id)}}
	}
	if may && t.State == recognition.Expired && t.ActivityID > 0 {
		body.Head.Actions = []ui.Action{{Label: "Ask again", Post: testimonialsPath + "/ask", Hidden: []ui.Hidden{{Name: "activity", Value: idText(t.ActivityID)}}}}
	}
	words := cardOfPage{Head: ui.CardHead{Title: "What may be used"}, Rows: ui.Rows{Label: "Words", Items: []ui.Row{{Title: firstText(t.Naming, t.Member.Name), Text: t.Quote}}}}
	if t.State != recognition.Granted {
		words.Head = ui.CardHead{Title: "The words", Note: "may not be used"}
	}
	if t.Original != t.Quote {
		words.Rows.Items = append(words.Rows.Items, ui.Row{Title: "As it was written", Text: t.Original})
	}
	facts := []ui.Fact{{Label: "Written by", Value: t.Member.Name, Href: memberHref(t.Member.ID)}, {Label: "Written on", Value: t.WrittenAt.In(zone).Format("2 January 2006")}}
	if t.ActivityID > 0 {
		facts = append(facts, ui.Fact{Label: "In", Value: "the message", Href: "/activities/" + idText(t.ActivityID)})
	}
	for _, f := range []ui.Fact{{Label: "Products", Value: strings.Join(t.Products, ", ")}, {Label: "Topics", Value: strings.Join(t.Topics, ", ")}, {Label: "Segments", Value: strings.Join(t.Segments, ", ")}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	proof := cardOfPage{Head: ui.CardHead{Title: "Proof of consent", Note: "is only ever added to"}, Rows: ui.Rows{Label: "Proof of consent"}}
	for i := range t.Proof {
		e := &t.Proof[i]
		row := ui.Row{Title: title(e.What) + " by " + e.By, Meta: []ui.Meta{{Text: e.At.In(zone).Format("2 January 2006, 15:04:05 MST")}}, Text: e.Quote}
		if e.Naming != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "named as “" + e.Naming + "”"})
		}
		if e.Statement != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "agreed to “" + e.Statement + "”"})
		}
		if e.Link != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "by the link " + e.Link})
		}
		proof.Rows.Items = append(proof.Rows.Items, row)
	}
	body.Main = []cardOfPage{words, proof}
	body.Side = []cardOfPage{{Head: ui.CardHead{Title: "Where it is from"}, Facts: facts}, p.uses(&t, may)}
	return render(p.Site, w, r, p.view, "Testimonial", body)
}

// uses is the card on where a testimonial is used.
func (p *recognitionPages) uses(t *recognition.Testimonial, may bool) cardOfPage {
	card := cardOfPage{Head: ui.CardHead{Title: "Used at"}, Rows: ui.Rows{Label: "Used at"}}
	for i := range t.Uses {
		u := &t.Uses[i]
		row := ui.Row{Title: u.Link, Href: outside(u.Link), Text: u.Note, Meta: []ui.Meta{{Text: "since " + u.UsedAt.In(p.cfg.Zones.Zone()).Format("2 January 2006")}, {Text: u.By}}}
		switch {
		case !u.RemovedAt.IsZero():
			row.Badge = &ui.Pill{Text: "taken down"}
		case may:
			row.Actions = []ui.Action{{Label: "Taken down", Label2: "Taken down: " + u.Link, Post: testimonialsPath + "/" + idText(t.ID) + "/uses/" + idText(u.ID) + "/end", Small: true}}
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(t.Uses) == 0 {
		card.Text = "Nowhere yet."
	}
	if may && t.State == recognition.Granted {
		card.Forms = []ui.Form{{Post: testimonialsPath + "/" + idText(t.ID) + "/uses", Fields: []ui.Field{
			{Name: "link", Label: "Address or place", Required: true, Placeholder: "https://example.com/customers", Help: "So that it can be taken down when its author changes their mind."}, {Name: "note", Label: "Note"},
		}, Actions: []ui.Action{{Label: "It is used here", Submit: true}}}}
	}
	return card
}

func (p *recognitionPages) use(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Recognition.Use(r.Context(), id, r.FormValue("link"), r.FormValue("note"), time.Time{}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, testimonialsPath+"/"+idText(id), "Noted.", "")
}

func (p *recognitionPages) endUse(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	use, err := strconv.ParseInt(r.PathValue("use"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	if err := p.cfg.Recognition.EndUse(r.Context(), id, use, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, testimonialsPath+"/"+idText(id), "Noted.", "")
}
