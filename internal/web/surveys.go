// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
	"greenroom/internal/web/ui"
)

// Surveys asks members and says what came of it; survey.Service does.
type Surveys interface {
	SurveyWork
	SurveyAsks
	SurveyResults
	SurveyAnswerWork
}

// SurveyWork makes surveys and changes them.
type SurveyWork interface {
	List(ctx context.Context) ([]survey.Survey, error)
	Get(ctx context.Context, key string) (survey.Survey, error)
	Add(ctx context.Context, n *survey.New, by string) (survey.Survey, error)
	Edit(ctx context.Context, key string, c survey.Change, by string) (survey.Survey, error)
	Open(ctx context.Context, key, by string) (survey.Survey, error)
	Close(ctx context.Context, key, by string) (survey.Survey, error)
	Remove(ctx context.Context, key, by string) error
}

// SurveyAsks asks.
type SurveyAsks interface {
	Preview(ctx context.Context, key string) (survey.Round, error)
	Send(ctx context.Context, key, by string) (survey.Round, error)
	Invite(ctx context.Context, key string, member int64, origin outbox.Origin) (survey.Outcome, error)
	OpenLink(ctx context.Context, key string) (string, error)
}

// SurveyResults says what came of it.
type SurveyResults interface {
	Results(ctx context.Context, key, only string) (*survey.Results, error)
	Dimensions(ctx context.Context) ([]survey.Dimension, error)
	Dimension(ctx context.Context, name string) (survey.Dimension, error)
	Bias(ctx context.Context, key string, by survey.Dimension) (*survey.Bias, error)
	Breakdown(ctx context.Context, key, question string, by survey.Dimension) ([]survey.Part, error)
}

// SurveyAnswerWork has the answers one by one.
type SurveyAnswerWork interface {
	Answers(ctx context.Context, key string) (survey.Survey, []survey.Response, error)
	Export(ctx context.Context, key string, w io.Writer) error
	Import(ctx context.Context, key string, in io.Reader, by string) (*survey.Imported, error)
	RemoveResponse(ctx context.Context, id int64, by string) error
}

// surveysBody is what surveys.html shows.
type surveysBody struct {
	Head   ui.Head
	Table  *ui.Table
	Empty  *ui.Empty
	Offers []surveyOffer
}

// surveyOffer is a template.
type surveyOffer struct {
	Name, Text string
	Make       ui.Action
}

type surveyPages struct {
	*Site
	list    *ui.View[surveysBody]
	results *ui.View[surveyBody]
	edit    *ui.View[surveyEditBody]
	ask     *ui.View[surveyAskBody]

	languages *ui.View[surveyLanguagesBody]
}

func (s *Site) addSurveys() error {
	if s.cfg.Surveys == nil {
		return nil
	}
	p := &surveyPages{Site: s}
	var err error
	if p.list, err = ui.Parse[surveysBody](s.kit, templates, "templates/surveys.html"); err != nil {
		return err
	}
	if p.results, err = ui.Parse[surveyBody](s.kit, templates, "templates/survey.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[surveyEditBody](s.kit, templates, "templates/surveyedit.html"); err != nil {
		return err
	}
	if p.ask, err = ui.Parse[surveyAskBody](s.kit, templates, "templates/surveyask.html"); err != nil {
		return err
	}
	if p.languages, err = ui.Parse[surveyLanguagesBody](s.kit, templates, "templates/surveylanguages.html"); err != nil {
		return err
	}
	s.handle("GET /surveys", p.showList)
	s.change("POST /surveys", mayWrite, p.make)
	s.handle("GET /surveys/{key}", p.show)
	s.change("GET /surveys/{key}/edit", mayWrite, p.showEdit)
	s.change("POST /surveys/{key}/edit", mayWrite, p.saveEdit)
	s.change("GET /surveys/{key}/languages", mayWrite, p.showLanguages)
	s.change("POST /surveys/{key}/languages", mayWrite, p.saveLanguage)
	s.change("GET /surveys/{key}/translations.csv", mayWrite, p.downloadTranslations)
	s.change("POST /surveys/{key}/translations", mayWrite, p.loadTranslations)
	s.change("GET /surveys/{key}/ask", mayWrite, p.showAsk)
	s.change("POST /surveys/{key}/ask", mayWrite, p.saveAsk)
	s.change("POST /surveys/{key}/send", mayWrite, p.send)
	s.change("POST /surveys/{key}/open", mayWrite, p.open)
	s.change("POST /surveys/{key}/close", mayWrite, p.close)
	s.change("POST /surveys/{key}/remove", mayWrite, p.remove)
	s.change("POST /surveys/{key}/cohort", mayWrite, p.cohort)
	s.handle("GET /surveys/{key}/answers", p.showAnswers)
	s.handle("GET /surveys/{key}/answers.csv", p.download)
	s.change("POST /surveys/{key}/import", mayWrite, p.importAnswers)
	s.change("POST /surveys/{key}/answers/{id}/remove", mayWrite, p.removeAnswer)
	return nil
}

func surveyHref(key string) string { return "/surveys/" + url.PathEscape(key) }

func surveyPill(s survey.State) ui.Pill {
	switch s {
	case survey.Opened:
		return ui.Pill{Text: "open", Tone: ui.ToneGood}
	case survey.Closed:
		return ui.Pill{Text: "closed"}
	case survey.Draft:
	}
	return ui.Pill{Text: "draft", Tone: ui.ToneWarn}
}

func (p *surveyPages) showList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Surveys.List(r.Context())
	if err != nil {
		return err
	}
	body := surveysBody{Head: ui.Head{Title: "Surveys", Subtitle: "Asked rarely, and acted on", Find: true}}
	may := person(r).MayWrite
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No surveys yet", Text: "Ask a share of your members by mail or Slack, or everybody by a link. Whoever was asked of late is left alone. What members answer stands on their page, can start workflows, and makes cohorts. Begin with one of these."}
	} else {
		body.Table = &ui.Table{Caption: "Surveys", Columns: []ui.Column{{Label: "Name"}, {Label: "State"}, {Label: "Asked", Number: true}, {Label: "Answered", Number: true}, {Label: "Half way", Number: true}, {Label: "Begun"}}}
	}
	for i := range all {
		v := &all[i]
		begun := ui.Cell{Text: "not yet"}
		if !v.OpenedAt.IsZero() {
			begun = ui.Cell{Time: v.OpenedAt}
		}
		body.Table.Rows = append(body.Table.Rows, ui.TableRow{ID: idText(v.ID), Cells: []ui.Cell{
			{Text: v.Name, Href: surveyHref(v.Key), Sub: whoText(&v.Settings)},
			{Pills: []ui.Pill{surveyPill(v.State)}},
			{Text: ui.Number(int(v.Asked)), Href: askedHref(v)},
			{Text: ui.Number(int(v.Answered)), Href: surveyHref(v.Key) + "/answers"},
			{Text: ui.Number(int(v.Partial)), Href: surveyHref(v.Key) + "/answers?partial=1"},
			begun,
		}})
	}
	if may {
		body.Head.Actions = []ui.Action{{Label: "New survey", Post: "/surveys", Style: ui.StylePrimary}}
		for _, t := range survey.Templates() {
			body.Offers = append(body.Offers, surveyOffer{t.Name, t.Text, ui.Action{Label: "Begin with it", Label2: "Begin with the survey " + t.Name, Post: "/surveys", Small: true, Hidden: []ui.Hidden{{Name: "template", Value: t.Name}}}})
		}
	}
	return render(p.Site, w, r, p.list, "Surveys", body)
}

// askedHref is the list of who was asked.
func askedHref(v *survey.Survey) string {
	if v.Asked == 0 {
		return ""
	}
	return "/members?q=" + url.QueryEscape("asked:"+v.Key)
}

func whoText(set *survey.Settings) string {
	text := map[survey.Who]string{survey.Anonymous: "anonymous", survey.Known: "by personal links", survey.Ask: "asks who they are"}[set.Who]
	if set.Open {
		text += ", open link"
	}
	if set.Query != "" {
		text += ", " + strconv.Itoa(set.Share) + " % of " + set.Query
	}
	return text
}

// make makes a draft, of a template or with one question.
func (p *surveyPages) make(w http.ResponseWriter, r *http.Request) error {
	n := &survey.New{Name: "New survey", Settings: survey.Settings{Who: survey.Known, Recontact: survey.DefaultRecontact}}
	for _, t := range survey.Templates() {
		if t.Name == r.FormValue("template") {
			n = &t.New
			n.Key = "" // it may have been made before
		}
	}
	if n.Definition == nil {
		text, err := json.Marshal(survey.Definition{Language: "en", Title: survey.Plain("New survey"), Pages: []survey.Page{{ID: "page1", Questions: []survey.Question{{ID: "question1", Type: survey.Text, Text: survey.Plain("What should we know?")}}}}})
		if err != nil {
			return err //nolint:wrapcheck // a constant
		}
		n.Definition = text
	}
	v, err := p.cfg.Surveys.Add(r.Context(), n, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, surveyHref(v.Key)+"/edit", "Made a draft of "+v.Name+". Nobody is asked before you open it.", "")
}

// tabs are the pages of one survey.
func surveyTabs(r *http.Request, v *survey.Survey, may bool) ui.Segments {
	tabs := ui.Segments{Label: "Survey"}
	for _, t := range [][2]string{{"Results", ""}, {"Answers", "/answers"}, {"Questions", "/edit"}, {"Languages", "/languages"}, {"Asking", "/ask"}} {
		if !may && (t[1] == "/edit" || t[1] == "/languages" || t[1] == "/ask") {
			continue
		}
		href := surveyHref(v.Key) + t[1]
		tabs.Items = append(tabs.Items, ui.Segment{Label: t[0], Href: href, Active: r.URL.Path == href})
	}
	return tabs
}

func surveyHead(r *http.Request, v *survey.Survey) ui.Head {
	state := string(v.State)
	if v.State == survey.Closed && v.ClosedWhy != "" {
		state += ": " + v.ClosedWhy
	}
	h := ui.Head{Title: v.Name, Subtitle: title(state) + " · " + whoText(&v.Settings), Back: &ui.Action{Label: "Surveys", Href: "/surveys"}}
	if !person(r).MayWrite {
		return h
	}
	switch v.State {
	case survey.Opened:
		h.Actions = []ui.Action{{Label: "Close", Post: surveyHref(v.Key) + "/close"}}
	case survey.Draft:
		h.Actions = []ui.Action{{Label: "Open", Post: surveyHref(v.Key) + "/open", Style: ui.StylePrimary}}
	case survey.Closed:
		h.Actions = []ui.Action{{Label: "Open again", Post: surveyHref(v.Key) + "/open"}}
	}
	return h
}

func (p *surveyPages) open(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Open(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, surveyHref(v.Key)+"/ask", v.Name+" is open. Ask your members below.", surveyHref(v.Key)+"/close")
}

func (p *surveyPages) close(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Close(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, surveyHref(v.Key), v.Name+" is closed. Its results stay.", surveyHref(v.Key)+"/open")
}

func (p *surveyPages) remove(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	if r.FormValue("name") != v.Name {
		return greenroom.Errorf(greenroom.CodeInvalid, "to remove the survey with all its answers, write its name: %s", v.Name)
	}
	if err := p.cfg.Surveys.Remove(r.Context(), v.Key, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/surveys", "Removed "+v.Name+" with all its answers.", "")
}

// cohort makes a segment of who answered something.
func (p *surveyPages) cohort(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Segments == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "there are no segments here")
	}
	q := url.Values{"q": {r.FormValue("q")}, "name": {r.FormValue("name")}}
	http.Redirect(w, r, "/segments/new?"+q.Encode(), http.StatusSeeOther)
	return nil
}

func (p *surveyPages) download(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	v, err := p.cfg.Surveys.Get(r.Context(), key)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+v.Key+`.csv"`)
	return p.cfg.Surveys.Export(r.Context(), v.Key, w)
}

// maxAnswersFile is the size of a file with answers in bytes.
const maxAnswersFile = 32 << 20

func (p *surveyPages) importAnswers(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswersFile)
	file, _, err := r.FormFile("file")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose a CSV file of at most 32 MB with columns named like the questions", Err: err}
	}
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	done, err := p.cfg.Surveys.Import(r.Context(), v.Key, file, person(r).Actor)
	if err != nil {
		return err
	}
	message := "Imported " + countText(done.Added, "answer", "answers") + "; " + ui.Number(int(done.Known)) + " were here before."
	if len(done.Rejected) > 0 {
		message += " Could not be read: " + done.Rejected[0] + "."
		if more := len(done.Rejected) - 1; more > 0 {
			message += " And " + ui.Number(more) + " more lines."
		}
	}
	return p.back(w, r, surveyHref(v.Key)+"/answers", message, "")
}

func (p *surveyPages) removeAnswer(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Surveys.RemoveResponse(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, surveyHref(r.PathValue("key"))+"/answers", "Removed the answer for good.", "")
}

// dayText writes a day for a form.
func surveyDay(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}
