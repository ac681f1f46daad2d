// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/survey"
)

// surveyBody is what survey.html shows.
type surveyBody struct {
	Title, Intro, Promise string
	Action                string // where the form goes
	Token, Answer, Page   string
	Language              string
	Languages             []languageLink
	Fallback              string // says that it is in another language than was asked for, or in part
	Words                 survey.Words
	Heading               string // of the page
	Progress              string
	Questions             []surveyQuestion
	Who                   *surveyWho
	Problem               string
	Back                  string // address of the page before
	Last                  bool
	Done                  *surveyDone
}

// languageLink is a language to choose. Name is what those call it who speak it.
type languageLink struct {
	Tag, Name, Href string
	Now             bool
}

// surveyDone is shown at the end.
type surveyDone struct {
	Title, Text, Change string
}

// surveyWho asks who they are.
type surveyWho struct {
	Name, Email, Problem string
}

// surveyQuestion is a question as it is drawn.
type surveyQuestion struct {
	ID, Field, Kind string // Kind: scale, choice, text, matrix
	Type            string // of the input: radio, checkbox
	Text, Help      string
	Required        bool
	Low, High       string
	Options         []surveyOption
	Rows            []surveyRow
	Value           string
	Problem         string
	DescribedBy     string
	Wide            bool
}

type surveyOption struct {
	ID, Value, Text string
	Chosen          bool
}

type surveyRow struct {
	Field, Text string
	Options     []surveyOption
}

type surveyPage struct {
	*Site
	view *view[surveyBody]
}

// addSurvey adds the page of surveys. Looking stores nothing, also with an answer of the mail in the address: that one is
// only chosen. Each page is sent by its form and leads to the next one.
func (s *Site) addSurvey() error {
	if s.cfg.Surveys == nil {
		return nil
	}
	v, err := parse[surveyBody]("survey")
	if err != nil {
		return err
	}
	p := &surveyPage{s, v}
	s.handle("GET "+SurveyPath+"{key}", p.show)
	s.handle("POST "+SurveyPath+"{key}", p.save)
	return nil
}

// seat is who sits in front of a survey, and in which language.
type seat struct {
	visit    *survey.Visit
	token    string // of the invitation
	answer   string // token of the answer that they began, where they are not known
	language string
	words    survey.Words
}

func (p *surveyPage) seat(w http.ResponseWriter, r *http.Request) (*seat, error) {
	s := &seat{token: r.FormValue("t"), answer: r.FormValue("r")}
	var invitation, response int64
	if s.token != "" {
		c, err := p.open(w, r, KindSurvey)
		if err != nil {
			return nil, err
		}
		invitation = c.Ref
	}
	if s.answer != "" {
		c, err := p.cfg.Links.Open(KindAnswer, s.answer)
		if err != nil {
			return nil, err
		}
		response = c.Ref
	}
	var err error
	if s.visit, err = p.cfg.Surveys.Enter(r.Context(), r.PathValue("key"), invitation, response); err != nil {
		return nil, err
	}
	d := s.visit.Survey.Definition
	s.language = speak(d.Languages(), r.FormValue("lang"), r.Header.Get("Accept-Language"))
	s.words = survey.WordsOf(s.language)
	return s, nil
}

// speak chooses the language of a page: the one that was asked for, the first that the browser takes, or the first.
func speak(have []string, want, accept string) string {
	pick := func(tag string) string {
		tag = strings.ToLower(strings.TrimSpace(tag))
		base, _, _ := strings.Cut(tag, "-")
		for _, t := range []string{tag, base} {
			if t != "" && slices.Contains(have, t) {
				return t
			}
		}
		return ""
	}
	if t := pick(want); t != "" {
		return t
	}
	for part := range strings.SplitSeq(accept[:min(len(accept), 500)], ",") {
		tag, _, _ := strings.Cut(part, ";")
		if t := pick(tag); t != "" {
			return t
		}
	}
	return have[0]
}

// fallback says in which language the page is, where that is not the one in the address, or not all of it.
func (s *seat) fallback(want string) string {
	d := s.visit.Survey.Definition
	if want = strings.ToLower(want); want != "" && !sameLanguage(want, s.language) {
		return fmt.Sprintf(s.words.Elsewhere, survey.LanguageName(s.language))
	}
	for _, c := range d.Coverage() {
		if c.Language == s.language && c.Missing > 0 {
			return fmt.Sprintf(s.words.Partly, survey.LanguageName(d.Language))
		}
	}
	return ""
}

// sameLanguage compares tags by their language, wherever it is spoken.
func sameLanguage(a, b string) bool {
	a, _, _ = strings.Cut(strings.ToLower(a), "-")
	b, _, _ = strings.Cut(strings.ToLower(b), "-")
	return a == b
}

// address is the address of a page of the survey for whom sits there.
func (s *seat) address(page string, more ...string) string {
	pairs := append([]string{}, more...)
	for _, v := range [][2]string{{"t", s.token}, {"r", s.answer}, {"p", page}} {
		if v[1] != "" {
			pairs = append(pairs, v[0], v[1])
		}
	}
	at := SurveyPath + url.PathEscape(s.visit.Survey.Key)
	if q := values(pairs...); q != "" {
		at += "?" + q
	}
	return at
}

func (s *seat) in(t survey.Texts) string { return t.In(s.language, s.visit.Survey.Definition.Language) }

func (p *surveyPage) show(w http.ResponseWriter, r *http.Request) error {
	s, err := p.seat(w, r)
	if err != nil {
		return err
	}
	v, d := s.visit, s.visit.Survey.Definition
	want := r.FormValue("p")
	if v.Used || want == survey.End || v.Response.State == survey.Complete && want == "" && r.FormValue("a") == "" {
		return p.end(w, r, s)
	}
	if v.Closed != nil {
		return v.Closed
	}
	counted := d.Counted(v.Response.Answers)
	path := d.Path(counted)
	page := path[0]
	if v.Response.ID > 0 && want == "" && r.FormValue("a") == "" {
		if open, done := d.Open(counted); !done {
			page = open
		}
	}
	for _, i := range path {
		if d.Pages[i].ID == want {
			page = i
		}
	}
	answers := v.Response.Answers
	if a := r.FormValue("a"); a != "" && page == path[0] { // the choice of the mail, not stored yet
		if q := d.First(); q != nil {
			value, problem := q.Read(func(string) []string { return []string{a} })
			if problem == "" {
				answers = withAnswer(answers, q.ID, value)
			}
		}
	}
	return p.draw(w, r, s, page, answers, nil, http.StatusOK)
}

func withAnswer(a survey.Answers, id string, v survey.Value) survey.Answers {
	all := survey.Answers{id: v}
	for k, old := range a {
		if k != id {
			all[k] = old
		}
	}
	return all
}

// end thanks.
func (p *surveyPage) end(w http.ResponseWriter, r *http.Request, s *seat) error {
	done := &surveyDone{Title: s.words.Thanks, Text: s.in(s.visit.Survey.Definition.Thanks)}
	if done.Text == "" {
		done.Text = s.words.Saved
	}
	if s.visit.Closed == nil && !s.visit.Used && s.visit.Response.ID > 0 {
		first := s.visit.Survey.Definition.Pages[s.visit.Survey.Definition.Path(s.visit.Response.Answers)[0]].ID
		done.Change = s.address(first, "lang", s.language)
	}
	return render(p.Site, w, r, p.view, http.StatusOK, s.language, s.in(s.visit.Survey.Definition.Title), surveyBody{Title: s.in(s.visit.Survey.Definition.Title), Words: s.words, Done: done})
}

func (p *surveyPage) draw(w http.ResponseWriter, r *http.Request, s *seat, page int, answers survey.Answers, sent *survey.Sent, status int) error {
	d := s.visit.Survey.Definition
	at := &d.Pages[page]
	body := surveyBody{
		Title: s.in(d.Title), Words: s.words, Language: s.language, Action: SurveyPath + url.PathEscape(s.visit.Survey.Key), Token: s.token, Answer: s.answer, Page: at.ID, Heading: s.in(at.Title),
	}
	counted := d.Counted(answers)
	path := d.Path(counted)
	if page == path[0] {
		body.Intro = s.in(d.Intro)
		switch s.visit.Survey.Settings.Who {
		case survey.Anonymous:
			body.Promise = s.words.Anonymous
		case survey.Known:
			body.Promise = s.words.Known
		case survey.Ask:
			body.Promise = s.words.Ask
			if s.visit.Invitation > 0 {
				body.Promise = s.words.Known
			}
		}
		for _, tag := range d.Languages() {
			body.Languages = append(body.Languages, languageLink{tag, survey.LanguageName(tag), s.address(at.ID, "lang", tag), tag == s.language})
		}
		if len(body.Languages) == 1 {
			body.Languages = nil
		}
		body.Fallback = s.fallback(r.FormValue("lang"))
	} else if before, none := d.Previous(page, counted); !none {
		body.Back = s.address(d.Pages[before].ID, "lang", s.language)
	}
	if n := slices.Index(path, page); len(d.Pages) > 1 {
		body.Progress = fmt.Sprintf(s.words.Page, n+1)
	}
	_, body.Last = d.Next(page, counted)
	body.Last = body.Last && len(at.Next) == 0
	problems := map[string]survey.Problem{}
	if sent != nil {
		problems = sent.Problems
		body.Problem = s.words.Check
	}
	for _, q := range d.Visible(page, counted) {
		body.Questions = append(body.Questions, s.question(q, answers[q.ID], problems[q.ID]))
	}
	if s.visit.Survey.Settings.Who == survey.Ask && s.visit.Invitation == 0 && page == path[0] {
		body.Who = &surveyWho{Name: s.visit.Response.Name, Email: s.visit.Response.Email, Problem: s.problem(problems["email"])}
		if sent != nil {
			body.Who.Name, body.Who.Email = sent.Response.Name, sent.Response.Email
		}
	}
	return render(p.Site, w, r, p.view, status, s.language, body.Title, body)
}

func (s *seat) problem(p survey.Problem) string {
	switch p {
	case survey.Missing:
		return s.words.Missing
	case survey.Unknown:
		return s.words.Unknown
	case survey.TooLong:
		return s.words.TooLong
	}
	return ""
}

// question is a question as it is drawn.
func (s *seat) question(q *survey.Question, v survey.Value, problem survey.Problem) surveyQuestion {
	out := surveyQuestion{ID: q.ID, Field: q.Field(""), Text: s.in(q.Text), Help: s.in(q.Help), Required: q.Required, Low: s.in(q.Low), High: s.in(q.High), Problem: s.problem(problem), Type: "radio"}
	var by []string
	if out.Problem != "" {
		by = append(by, "problem-"+q.ID)
	}
	if out.Help != "" {
		by = append(by, "help-"+q.ID)
	}
	out.DescribedBy = strings.Join(by, " ")
	options := func(prefix string, chosen func(id string) bool) (all []surveyOption) {
		for i := range q.Choices {
			c := &q.Choices[i]
			all = append(all, surveyOption{prefix + c.ID, c.ID, s.in(c.Text), chosen(c.ID)})
		}
		return all
	}
	switch q.Type {
	case survey.Text:
		out.Kind, out.Value = "text", v.Text
	case survey.Matrix:
		out.Kind = "matrix"
		for i := range q.Rows {
			row := q.Rows[i].ID
			out.Rows = append(out.Rows, surveyRow{q.Field(row), s.in(q.Rows[i].Text), options(q.ID+"."+row+".", func(id string) bool { return v.Rows[row] == id })})
		}
	case survey.Single, survey.Multiple:
		out.Kind = "choice"
		if q.Type == survey.Multiple {
			out.Type = "checkbox"
		}
		out.Options = options(q.ID+".", func(id string) bool { return slices.Contains(v.Choices, id) })
	case survey.NPS, survey.CSAT, survey.CES, survey.Rating:
		out.Kind = "scale"
		low, high, _ := q.Scale()
		out.Wide = high-low > 6
		for n := low; n <= high; n++ {
			text := strconv.Itoa(n)
			out.Options = append(out.Options, surveyOption{q.ID + "." + text, text, text, v.Number != nil && *v.Number == n})
		}
	}
	return out
}

// answerLife is how long somebody who is not known can go on with what they began.
const answerLife = 30 * 24 * time.Hour

func (p *surveyPage) save(w http.ResponseWriter, r *http.Request) error {
	s, err := p.seat(w, r)
	if err != nil {
		return err
	}
	sheet := &survey.Sheet{Page: r.PostFormValue("p"), Get: func(field string) []string { return r.PostForm[field] }, Language: s.language, Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	sent, err := p.cfg.Surveys.Save(r.Context(), s.visit, sheet)
	if err != nil {
		return err
	}
	if len(sent.Problems) > 0 {
		page := slices.IndexFunc(s.visit.Survey.Definition.Pages, func(at survey.Page) bool { return at.ID == sheet.Page })
		if page < 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no such page of the survey")
		}
		return p.draw(w, r, s, page, sent.Response.Answers, sent, http.StatusUnprocessableEntity)
	}
	if sent.Response.Invitation == 0 && s.answer == "" { // nothing else says whose answer it is
		if s.answer, err = p.cfg.Links.Token(KindAnswer, Claim{Ref: sent.Response.ID}, answerLife); err != nil {
			return err
		}
	}
	next := sent.Next
	if next == "" {
		next = survey.End
	}
	http.Redirect(w, r, s.address(next, "lang", s.language), http.StatusSeeOther)
	return nil
}
