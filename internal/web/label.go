// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/text"
	"greenroom/internal/understand"
	"greenroom/internal/web/ui"
)

// readings gives what is known of what some activities say; nothing where messages are not read.
func (s *Site) readings(r *http.Request, all []greenroom.Activity) (map[int64]understand.Reading, error) {
	if s.cfg.Reading == nil || len(all) == 0 {
		return nil, nil //nolint:nilnil // no readings are none
	}
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return s.cfg.Reading.Readings(r.Context(), ids)
}

// categoryTone is the color of a category.
func categoryTone(c text.Category) ui.Tone {
	switch c {
	case text.CategoryQuestion:
		return ui.ToneInfo
	case text.CategoryBug:
		return ui.ToneBad
	case text.CategoryFeature:
		return ui.ToneIdea
	case text.CategoryPraise:
		return ui.ToneGood
	case text.CategoryJob:
		return ui.ToneWarn
	case text.CategoryUnsure, text.CategoryAnnouncement, text.CategoryIntroduction, text.CategoryOther:
	}
	return ui.ToneNone
}

// categoryText is a category as pages write it.
func categoryText(c text.Category) string {
	switch c {
	case text.CategoryFeature:
		return "feature request"
	case text.CategoryJob:
		return "job or ad"
	case text.CategoryUnsure, text.CategoryQuestion, text.CategoryBug, text.CategoryPraise, text.CategoryAnnouncement, text.CategoryIntroduction, text.CategoryOther:
	}
	return c.String()
}

// readingChips say what a message is. What is neutral, or not urgent, is not worth a word.
func readingChips(v *understand.Reading) []ui.Pill {
	why := fmt.Sprintf("read by Greenroom, %s sure", ui.Percent(v.Read.CategoryP))
	if v.Correction != nil {
		why = "said by " + v.Correction.By
	}
	chip := ui.Pill{Text: categoryText(v.Category), Tone: categoryTone(v.Category), Title: why}
	if v.Category == text.CategoryUnsure {
		chip.Text, chip.Title = "unsure", "Greenroom leaves open what this is"
	}
	if v.Correction != nil && v.Correction.Category != 0 {
		chip.Text += " ✓"
	}
	chips := []ui.Pill{chip}
	switch v.Sentiment {
	case text.SentimentNegative:
		chips = append(chips, ui.Pill{Text: "negative", Tone: ui.ToneBad})
	case text.SentimentPositive:
		chips = append(chips, ui.Pill{Text: "positive", Tone: ui.ToneGood})
	case text.SentimentUnsure, text.SentimentNeutral:
	}
	switch v.Urgency {
	case text.UrgencyNow:
		chips = append(chips, ui.Pill{Text: "urgent now", Tone: ui.ToneBad})
	case text.UrgencySoon:
		chips = append(chips, ui.Pill{Text: "urgent soon", Tone: ui.ToneWarn})
	case text.UrgencyNone:
	}
	return chips
}

// The form of a correction.
const (
	fieldCategory  = "category"
	fieldSentiment = "sentiment"
	fieldBack      = "to"   // where to go on
	fieldFlat      = "flat" // the choices stood open
	fieldWho       = "who"  // whose message it is
)

// label is what an activity says, with the menu to correct it for those who may. Back is the page that it stands on.
func (s *Site) label(r *http.Request, a *greenroom.Activity, v *understand.Reading, back string, flat bool) *ui.Label {
	return readingLabel(person(r), a.ID, firstText(a.Member, "somebody"), v, back, flat)
}

func readingLabel(p Person, id int64, who string, v *understand.Reading, back string, flat bool) *ui.Label {
	l := &ui.Label{ID: "said-" + idText(id), Name: "Message by " + who, Chips: readingChips(v)}
	if !p.MayWrite {
		return l
	}
	l.Post, l.Flat = readingPath+"/"+idText(id), flat
	l.Hidden = []ui.Hidden{{Name: fieldBack, Value: back}, {Name: fieldWho, Value: who}}
	if flat {
		l.Hidden = append(l.Hidden, ui.Hidden{Name: fieldFlat, Value: "1"})
	}
	is := ui.LabelChoices{Title: "It is", Field: fieldCategory}
	for i, c := range text.Categories() {
		is.Items = append(is.Items, ui.LabelChoice{Value: c.String(), Text: categoryText(c), Key: ui.Number(i + 1), Current: c == v.Category})
	}
	feels := ui.LabelChoices{Title: "It feels", Field: fieldSentiment}
	keys := []string{"-", "0", "+"}
	for i, f := range text.Sentiments() {
		feels.Items = append(feels.Items, ui.LabelChoice{Value: f.String(), Text: f.String(), Key: keys[i], Current: f == v.Sentiment})
	}
	l.Choices = []ui.LabelChoices{is, feels}
	return l
}

// undoReading marks the undo of a correction among those that a message can offer.
const undoReading = "reading-"

func correctionHref(id string) string { return readingPath + "/corrections/" + id + "/undo" }

// correct takes what a person says of a message. A script gets the label as it is now, and says so with a way back; without
// one the page is loaded again, which says the same.
func (p *readingPage) correct(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var c text.Category
	var f text.Sentiment
	if v := r.FormValue(fieldCategory); v != "" {
		if c, err = text.ParseCategory(v); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s", err)
		}
	}
	if v := r.FormValue(fieldSentiment); v != "" {
		if f, err = text.ParseSentiment(v); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s", err)
		}
	}
	correction, err := p.cfg.Reading.Correct(r.Context(), id, c, f, person(r).Actor)
	if err != nil {
		return err
	}
	message := "Noted: this message is " + saidText(c, f) + "."
	undo := idText(correction)
	if r.Header.Get("Hx-Request") == "" {
		return p.back(w, r, firstText(r.FormValue(fieldBack), readingPath), message, undoReading+undo)
	}
	all, err := p.cfg.Reading.Readings(r.Context(), []int64{id})
	if err != nil {
		return err
	}
	v := all[id]
	label := readingLabel(person(r), id, r.FormValue(fieldWho), &v, r.FormValue(fieldBack), r.FormValue(fieldFlat) != "")
	toast, err := ui.ToastHeader(ui.Toast{Level: ui.LevelDone, Text: message, UndoPost: correctionHref(undo)})
	if err != nil {
		return err
	}
	w.Header().Set("Hx-Trigger", toast)
	return send(w, http.StatusOK, func(to io.Writer) error { return p.view.Part(to, "ui/label", label) })
}

// saidText says in words what was said of a message.
func saidText(c text.Category, f text.Sentiment) string {
	var parts []string
	if c != 0 {
		parts = append(parts, categoryText(c))
	}
	if f != 0 {
		parts = append(parts, f.String())
	}
	return strings.Join(parts, " and ")
}

func (p *readingPage) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	c, err := p.cfg.Reading.UndoCorrection(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, firstText(referer(r), "/activities/"+idText(c.ActivityID)), "The correction was undone.", "")
}
