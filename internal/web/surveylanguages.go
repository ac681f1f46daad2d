// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/survey"
	"greenroom/internal/web/ui"
)

// surveyLanguagesBody is what surveylanguages.html shows.
type surveyLanguagesBody struct {
	Head      ui.Head
	Tabs      ui.Segments
	Table     ui.Table
	Add       ui.Form
	Translate *ui.Form // the texts in the language that was chosen
	Title     string   // that language's name
	Note      string
	Load      ui.Form
	Download  ui.Action
}

func surveyLanguagesHref(key, lang string) string {
	href := surveyHref(key) + "/languages"
	if lang != "" {
		href += "?lang=" + url.QueryEscape(lang)
	}
	return href
}

func (p *surveyPages) showLanguages(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	return p.drawLanguages(w, r, &v, strings.ToLower(r.FormValue("lang")), nil, "")
}

// drawLanguages shows how much there is in each language and, where one is chosen, its texts: those that were sent where
// they could not be taken.
func (p *surveyPages) drawLanguages(w http.ResponseWriter, r *http.Request, v *survey.Survey, lang string, sent map[string]string, problem string) error {
	d := v.Definition
	body := surveyLanguagesBody{
		Head: surveyHead(r, v), Tabs: surveyTabs(r, v, true),
		Table:    ui.Table{Caption: "Languages", Columns: []ui.Column{{Label: "Language"}, {Label: "Texts", Number: true}, {Label: "State"}}},
		Add:      ui.Form{Get: surveyLanguagesHref(v.Key, ""), Fields: []ui.Field{{Name: "lang", Label: "Language", Required: true, Placeholder: "de", Help: "Its tag, such as de, fr or pt-br."}}, Actions: []ui.Action{{Label: "Translate", Submit: true}}},
		Load:     ui.Form{Post: surveyHref(v.Key) + "/translations", Upload: true, Fields: []ui.Field{{Name: "file", Label: "File", Type: "file", Required: true, MaxBytes: maxTranslations, TooLarge: "The file is larger than 2 MB."}}, Actions: []ui.Action{{Label: "Upload", Submit: true}}},
		Download: ui.Action{Label: "Download the table", Href: surveyHref(v.Key) + "/translations.csv", Small: true},
	}
	for i, c := range d.Coverage() {
		cell, state := ui.Cell{Text: c.Name, Sub: c.Language, Href: surveyLanguagesHref(v.Key, c.Language)}, ui.Pill{Text: "complete", Tone: ui.ToneGood}
		switch {
		case i == 0:
			cell.Href, state = surveyHref(v.Key)+"/edit", ui.Pill{Text: "the survey's own"}
		case c.Missing > 0:
			state = ui.Pill{Text: ui.Number(c.Missing) + " missing", Tone: ui.ToneWarn}
		}
		body.Table.Rows = append(body.Table.Rows, ui.TableRow{ID: c.Language, Cells: []ui.Cell{cell, {Text: ui.Number(c.Texts-c.Missing) + " of " + ui.Number(c.Texts)}, {Pills: []ui.Pill{state}}}})
	}
	if lang != "" {
		tag, err := d.LanguageTag(lang)
		if err != nil {
			body.Add.Fields[0].Value, body.Add.Fields[0].Error = lang, sentence(greenroom.ErrorMessage(err))
		} else {
			body.Title = survey.LanguageName(tag)
			body.Download.Href += "?lang=" + url.QueryEscape(tag)
			body.Translate, body.Note = translateForm(v, tag, sent, problem)
		}
	}
	return render(p.Site, w, r, p.languages, v.Name, body)
}

// translateForm has a field for each text, and says how many are missing.
func translateForm(v *survey.Survey, tag string, sent map[string]string, problem string) (form *ui.Form, note string) {
	form = &ui.Form{Post: surveyLanguagesHref(v.Key, ""), Error: problem, Hidden: []ui.Hidden{{Name: "lang", Value: tag}, {Name: "revision", Value: v.Revision}}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	missing := 0
	for _, piece := range v.Definition.Pieces(tag) {
		f := ui.Field{Name: "at." + piece.At, Label: piece.Label + ": " + piece.Own, Value: piece.Said, OneOf: true}
		if text, ok := sent[piece.At]; ok {
			f.Value = text
		}
		if utf8.RuneCountInString(piece.Own) > 90 || strings.Contains(piece.Own, "\n") {
			f.Type = "textarea"
		}
		if f.Value == "" {
			missing++
			f.Help = "Missing: members read the text above."
		}
		form.Fields = append(form.Fields, f)
	}
	if missing == 0 {
		return form, "complete"
	}
	return form, ui.Number(missing) + " of " + ui.Number(len(form.Fields)) + " missing"
}

// saveLanguage takes the texts of one language.
func (p *surveyPages) saveLanguage(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	lang := strings.ToLower(strings.TrimSpace(r.FormValue("lang")))
	texts := make(map[string]string)
	for _, piece := range v.Definition.Pieces(lang) {
		said := r.PostForm["at."+piece.At]
		if len(said) == 0 {
			continue
		}
		// Browsers end lines in their own way. What is as it was shown may be of the language elsewhere, and stays there.
		if text := strings.TrimSpace(strings.ReplaceAll(said[0], "\r\n", "\n")); text != piece.Said {
			texts[piece.At] = text
		}
	}
	next, changed, err := v.Definition.Translated(lang, texts)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return p.drawLanguages(w, r, &v, lang, texts, sentence(greenroom.ErrorMessage(err)))
	}
	if err != nil {
		return err
	}
	message := "Nothing was changed."
	if changed > 0 {
		now := v
		if v, err = p.cfg.Surveys.Edit(r.Context(), v.Key, survey.Change{Revision: firstText(r.FormValue("revision"), v.Revision), Definition: next}, person(r).Actor); survey.HasMoved(err) {
			return p.drawLanguages(w, r, &now, lang, texts, surveyMoved(&now))
		}
		if err != nil {
			return err
		}
		message = "Saved " + countText(int64(changed), "text", "texts") + " in " + survey.LanguageName(lang) + "."
	}
	return p.back(w, r, surveyLanguagesHref(v.Key, lang), message, "")
}

func (p *surveyPages) downloadTranslations(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	var more []string
	if lang := r.FormValue("lang"); lang != "" {
		tag, err := v.Definition.LanguageTag(lang)
		if err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
		more = append(more, tag)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+v.Key+`-translations.csv"`)
	return v.Definition.WriteTranslations(w, more...) //nolint:wrapcheck // to the browser
}

// maxTranslations is the size of a table of translations in bytes.
const maxTranslations = 2_000_000

func (p *surveyPages) loadTranslations(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxTranslations+10_000)
	file, _, err := r.FormFile("file")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose a CSV file of at most 2 MB, the table as it was downloaded", Err: err}
	}
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	next, done, err := v.Definition.ReadTranslations(file)
	if err != nil {
		return err //nolint:wrapcheck // it names the line
	}
	if done.Changed > 0 {
		if v, err = p.cfg.Surveys.Edit(r.Context(), v.Key, survey.Change{Revision: v.Revision, Definition: next}, person(r).Actor); err != nil {
			return err
		}
	}
	message := "Took over " + countText(int64(done.Changed), "text", "texts") + " that are new."
	if n := done.LeftOut; n > 0 {
		message += " Left out: " + strings.Join(slices.Clone(done.Rejected[:min(n, 3)]), "; ") + "."
		if n > 3 {
			message += " And " + ui.Number(n-3) + " more."
		}
	}
	return p.back(w, r, surveyLanguagesHref(v.Key, ""), message, "")
}
