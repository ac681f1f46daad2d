// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/survey"
	"greenroom/internal/web/ui"
)

// surveyEditBody is what surveyedit.html shows.
type surveyEditBody struct {
	Head      ui.Head
	Tabs      ui.Segments
	Action    string
	Revision  string // that the form was made from
	Problem   string
	Fields    []ui.Field
	Questions []questionForm
	Count     int
	JSON      *ui.Field // the whole definition instead of the form
	Other     ui.Action // to the other way of editing
}

// questionForm is a question in the editor.
type questionForm struct {
	I      int
	Title  string
	Hidden []ui.Hidden
	Fields []ui.Field
	More   []ui.Field
	Open   bool
	First  bool
	Last   bool
}

func (p *surveyPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	return p.drawEdit(w, r, &v, v.Definition, "", r.FormValue("as") == "json", "")
}

func (p *surveyPages) drawEdit(w http.ResponseWriter, r *http.Request, v *survey.Survey, d *survey.Definition, problem string, asJSON bool, text string) error {
	body := surveyEditBody{Head: surveyHead(r, v), Tabs: surveyTabs(r, v, true), Action: surveyHref(v.Key) + "/edit", Revision: v.Revision, Problem: problem}
	if asJSON {
		if text == "" {
			data, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				return err //nolint:wrapcheck // a definition
			}
			text = string(data)
		}
		body.JSON = &ui.Field{Name: "definition", Label: "The survey as JSON", Type: "textarea", Rows: 30, Value: text, Help: "Texts in several languages stand as {\"en\": \"Yes\", \"de\": \"Ja\"}. Jumps (next) lead to later pages."}
		body.Other = ui.Action{Label: "Edit as a form", Href: body.Action, Small: true, Style: ui.StyleQuiet}
		return render(p.Site, w, r, p.edit, v.Name, body)
	}
	own := d.Language
	in := func(t survey.Texts) string { return t.In(own, own) }
	body.Fields = []ui.Field{
		{Name: "title", Label: "Title", Value: in(d.Title), Required: true},
		{Name: "intro", Label: "Introduction", Type: "textarea", Rows: 2, Value: in(d.Intro)},
		{Name: "thanks", Label: "Thanks at the end", Value: in(d.Thanks), Placeholder: "Thank you!"},
		{Name: "language", Label: "Language", Value: own, Placeholder: "en", Help: "Of the texts here. Others stand under Languages; for jumps between pages, edit as JSON."},
	}
	all := d.Questions()
	n := 0
	for i := range d.Pages {
		for j := range d.Pages[i].Questions {
			body.Questions = append(body.Questions, formOfQuestion(&d.Pages[i].Questions[j], n, d.Pages[i].ID, j == 0, own, all[:n]))
			n++
		}
	}
	body.Count = n
	if n > 0 {
		body.Questions[0].First, body.Questions[n-1].Last = true, true
	}
	body.Other = ui.Action{Label: "Edit as JSON", Href: body.Action + "?as=json", Small: true, Style: ui.StyleQuiet}
	return render(p.Site, w, r, p.edit, v.Name, body)
}

// lines writes choices one a line: "id: Text".
func choiceLines(all []survey.Choice, own string) string {
	var sb strings.Builder
	for i := range all {
		sb.WriteString(all[i].ID + ": " + all[i].Text.In(own, own) + "\n")
	}
	return sb.String()
}

func formOfQuestion(q *survey.Question, n int, page string, begins bool, own string, before []*survey.Question) questionForm {
	at := "q" + strconv.Itoa(n) + "-"
	in := func(t survey.Texts) string { return t.In(own, own) }
	var types []ui.Option
	for _, t := range survey.Types() {
		types = append(types, ui.Option{Value: string(t), Label: t.Label()})
	}
	f := questionForm{I: n, Title: "Question " + strconv.Itoa(n+1), Hidden: []ui.Hidden{{Name: at + "page", Value: page}, {Name: at + "was", Value: q.ID}}}
	f.Fields = []ui.Field{
		{Name: at + "text", Label: "What you ask", Value: in(q.Text), Required: true},
		{Name: at + "type", Label: "Kind of answer", Type: "select", Value: string(q.Type), Options: types},
		{Name: at + "required", Label: "It has to be answered", Type: "checkbox", Checked: q.Required},
	}
	if q.Type == survey.Single || q.Type == survey.Multiple || q.Type == survey.Matrix {
		f.Fields = append(f.Fields, ui.Field{Name: at + "choices", Label: "Choices, one a line", Type: "textarea", Rows: 5, Value: choiceLines(q.Choices, own), Help: "As id: Text, or just the text."})
	}
	if q.Type == survey.Matrix {
		f.Fields = append(f.Fields, ui.Field{Name: at + "rows", Label: "Rows, one a line", Type: "textarea", Rows: 4, Value: choiceLines(q.Rows, own)})
	}
	f.More = []ui.Field{{Name: at + "id", Label: "Id", Value: q.ID, Help: "How queries and files name it."}, {Name: at + "help", Label: "Help", Value: in(q.Help)}}
	if q.Type.Scaled() {
		f.More = append(f.More, ui.Field{Name: at + "low", Label: "What the lowest means", Value: in(q.Low)}, ui.Field{Name: at + "high", Label: "What the highest means", Value: in(q.High)})
	}
	if q.Type == survey.Rating {
		low, high, _ := q.Scale()
		f.More = append(f.More, ui.Field{Name: at + "min", Label: "From", Type: "number", Value: strconv.Itoa(low)}, ui.Field{Name: at + "max", Label: "To", Type: "number", Value: strconv.Itoa(high)})
	}
	if n > 0 {
		f.More = append(f.More, ui.Field{Name: at + "new", Label: "Begins a new page", Type: "checkbox", Checked: begins})
		options := []ui.Option{{Value: "", Label: "Always"}}
		for _, b := range before {
			options = append(options, ui.Option{Value: b.ID, Label: excerpt(in(b.Text), 60)})
		}
		var c survey.Condition
		if q.ShowIf != nil {
			c = *q.ShowIf
		}
		op, value := conditionForm(&c)
		f.More = append(f.More,
			ui.Field{Name: at + "if", Label: "Ask it only after the answer to", Type: "select", Value: c.Question, Options: options, Help: "A question on an earlier page."},
			ui.Field{Name: at + "op", Label: "that is", Type: "select", Value: op, Options: []ui.Option{{Value: "is", Label: "one of"}, {Value: "most", Label: "at most"}, {Value: "least", Label: "at least"}, {Value: "any", Label: "anything"}}},
			ui.Field{Name: at + "value", Label: "Value", Value: value, Help: "A number, or ids of choices with commas between."},
		)
	}
	f.Open = q.ShowIf != nil || begins && n > 0
	return f
}

func conditionForm(c *survey.Condition) (op, value string) {
	switch {
	case c.AtMost != nil:
		return "most", strconv.Itoa(*c.AtMost)
	case c.AtLeast != nil:
		return "least", strconv.Itoa(*c.AtLeast)
	case c.Answered != nil:
		return "any", ""
	}
	return "is", strings.Join(c.Is, ", ")
}

// saveEdit takes the form: it changes the draft on the page (add, up, drop), or saves it.
func (p *surveyPages) saveEdit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	from := firstText(r.FormValue("revision"), v.Revision)
	asJSON := r.PostForm.Has("definition") || r.FormValue("definition") != ""
	var d *survey.Definition
	if asJSON {
		text := r.FormValue("definition")
		if d, err = survey.Parse([]byte(text)); err != nil {
			v.Revision = from
			return p.drawEdit(w, r, &v, v.Definition, sentence(greenroom.ErrorMessage(err)), true, text)
		}
	} else {
		d = definitionOf(r.PostForm, v.Definition)
		if do := r.FormValue("do"); do != "" && do != "save" {
			rearrange(d, do)
			v.Revision = from
			return p.drawEdit(w, r, &v, d, "", false, "")
		}
	}
	edited, err := p.cfg.Surveys.Edit(r.Context(), v.Key, survey.Change{Revision: from, Definition: d}, person(r).Actor)
	if survey.HasMoved(err) {
		return p.drawEdit(w, r, &v, d, surveyMoved(&v), asJSON, "") // with the revision that there is now
	}
	v.Revision = from
	if code := greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeConflict {
		return p.drawEdit(w, r, &v, d, sentence(greenroom.ErrorMessage(err)), asJSON, "")
	}
	if err != nil {
		return err
	}
	to := surveyHref(v.Key) + "/edit"
	if asJSON {
		to += "?as=json"
	}
	return p.back(w, r, to, "Saved as version "+strconv.FormatInt(edited.Version, 10)+".", "")
}

// surveyMoved says that somebody else was faster, where a page shows what was entered and saves over theirs when it is sent again.
func surveyMoved(v *survey.Survey) string {
	return "Somebody else changed this survey meanwhile: it is version " + strconv.FormatInt(v.Version, 10) + " now. Nothing was overwritten, and what you entered is still here. Look at theirs in another window; saving this again puts yours in its place."
}

// definitionOf makes a definition of the form. What the form does not show, texts in other languages and jumps, stays.
func definitionOf(form url.Values, before *survey.Definition) *survey.Definition {
	own := strings.ToLower(strings.TrimSpace(form.Get("language")))
	if own == "" {
		own = before.Language
	}
	say := func(old survey.Texts, text string) survey.Texts { return retold(old, strings.TrimSpace(text), own) }
	d := &survey.Definition{Language: own, Title: say(before.Title, form.Get("title")), Intro: say(before.Intro, form.Get("intro")), Thanks: say(before.Thanks, form.Get("thanks"))}
	taken := make(map[string]bool)
	for n := 0; n < 100 && form.Has("q"+strconv.Itoa(n)+"-text"); n++ {
		at := "q" + strconv.Itoa(n) + "-"
		get := func(name string) string { return strings.TrimSpace(form.Get(at + name)) }
		var old survey.Question
		if o, ok := before.Question(get("was")); ok {
			old = *o
		}
		q := survey.Question{ID: strings.ToLower(get("id")), Type: survey.Type(get("type")), Text: say(old.Text, get("text")), Help: say(old.Help, get("help")), Required: get("required") != "", Low: say(old.Low, get("low")), High: say(old.High, get("high"))}
		if q.ID == "" {
			q.ID = "question" + strconv.Itoa(n+1)
		}
		switch q.Type {
		case survey.Matrix:
			q.Rows = surveyChoices(form.Get(at+"rows"), old.Rows, own)
			q.Choices = surveyChoices(form.Get(at+"choices"), old.Choices, own)
		case survey.Single, survey.Multiple:
			q.Choices = surveyChoices(form.Get(at+"choices"), old.Choices, own)
		case survey.Rating:
			q.Min, _ = strconv.Atoi(get("min"))
			q.Max, _ = strconv.Atoi(get("max"))
		case survey.NPS, survey.CSAT, survey.CES, survey.Text:
		}
		q.ShowIf = conditionOf(get("if"), get("op"), get("value"))
		if n == 0 || get("new") != "" {
			id := get("page")
			if id == "" || taken[id] {
				for m := len(d.Pages) + 1; id == "" || taken[id]; m++ {
					id = "page" + strconv.Itoa(m)
				}
			}
			taken[id] = true
			page := survey.Page{ID: id}
			if i := slices.IndexFunc(before.Pages, func(b survey.Page) bool { return b.ID == id }); i >= 0 {
				page.Title, page.Next = before.Pages[i].Title, before.Pages[i].Next
			}
			d.Pages = append(d.Pages, page)
		}
		last := &d.Pages[len(d.Pages)-1]
		last.Questions = append(last.Questions, q)
	}
	return d
}

// retold puts a text in the place of the one in the definition's own language.
func retold(old survey.Texts, text, own string) survey.Texts {
	t := make(survey.Texts, len(old)+1)
	for tag, was := range old {
		if tag != "" && tag != own {
			t[tag] = was
		}
	}
	if text == "" && len(t) == 0 {
		return nil
	}
	if _, tagged := old[own]; tagged || len(t) > 0 {
		t[own] = text
	} else {
		t[""] = text
	}
	return t
}

// surveyChoices reads choices one a line: "id: Text", or just the text.
func surveyChoices(text string, old []survey.Choice, own string) []survey.Choice {
	var all []survey.Choice
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		id, words, ok := strings.Cut(line, ":")
		id = strings.TrimSpace(id)
		if !ok || id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
			id, words = "", line
		}
		words = strings.TrimSpace(words)
		var was survey.Texts
		for i := range old {
			if old[i].ID == id || id == "" && old[i].Text.In(own, own) == words {
				was, id = old[i].Text, old[i].ID
			}
		}
		if id == "" {
			id = choiceID(words, all)
		}
		all = append(all, survey.Choice{ID: id, Text: retold(was, words, own)})
	}
	return all
}

// choiceID makes an id of a choice's text.
func choiceID(text string, taken []survey.Choice) string {
	var sb strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			sb.WriteRune(r)
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
		if sb.Len() > 25 {
			break
		}
	}
	id := strings.Trim(sb.String(), "-")
	if id == "" {
		id = "choice"
	}
	free := id
	for n := 2; slices.ContainsFunc(taken, func(c survey.Choice) bool { return c.ID == free }); n++ {
		free = id + "-" + strconv.Itoa(n)
	}
	return free
}

func conditionOf(question, op, value string) *survey.Condition {
	if question == "" {
		return nil
	}
	c := &survey.Condition{Question: question}
	number, err := strconv.Atoi(value)
	switch {
	case op == "most" && err == nil:
		c.AtMost = &number
	case op == "least" && err == nil:
		c.AtLeast = &number
	case op == "any":
		yes := true
		c.Answered = &yes
	default:
		for one := range strings.SplitSeq(value, ",") {
			if one = strings.TrimSpace(one); one != "" {
				c.Is = append(c.Is, one)
			}
		}
	}
	return c
}

// rearrange does what a button of the editor says: "add", "up-2", "drop-2".
func rearrange(d *survey.Definition, do string) {
	if do == "add" {
		if len(d.Pages) == 0 {
			d.Pages = append(d.Pages, survey.Page{ID: "page1"})
		}
		last := &d.Pages[len(d.Pages)-1]
		n := len(d.Questions()) + 1
		id := "question" + strconv.Itoa(n)
		for _, taken := d.Question(id); taken; _, taken = d.Question(id) {
			n++
			id = "question" + strconv.Itoa(n)
		}
		last.Questions = append(last.Questions, survey.Question{ID: id, Type: survey.Text})
		return
	}
	what, number, _ := strings.Cut(do, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	for i := range d.Pages {
		p := &d.Pages[i]
		if n >= len(p.Questions) {
			n -= len(p.Questions)
			continue
		}
		switch {
		case what == "drop":
			p.Questions = slices.Delete(p.Questions, n, n+1)
		case n > 0:
			p.Questions[n-1], p.Questions[n] = p.Questions[n], p.Questions[n-1]
		case i > 0: // to the end of the page before
			q := p.Questions[0]
			p.Questions = slices.Delete(p.Questions, 0, 1)
			d.Pages[i-1].Questions = append(d.Pages[i-1].Questions, q)
		}
		break
	}
	d.Pages = slices.DeleteFunc(d.Pages, func(p survey.Page) bool { return len(p.Questions) == 0 })
}
