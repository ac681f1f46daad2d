// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"

	"greenroom"
	"greenroom/internal/assistant"
	"greenroom/internal/web/ui"
)

// Assistant asks the team's language model; assistant.Service does. Without ask it only says what would be sent.
type Assistant interface {
	Summarize(ctx context.Context, conversation int64, by string, ask bool) (*assistant.Digest, error)
	DraftReply(ctx context.Context, conversation int64, by string, ask bool) (*assistant.Digest, error)
	Ask(ctx context.Context, question, by string, ask bool) (*assistant.Found, error)
	SuggestName(ctx context.Context, sub assistant.Subject, by string, ask bool) (*assistant.Naming, error)
	AssistantSettings
}

// AssistantSettings are the settings of the language model, and what it used.
type AssistantSettings interface {
	Settings(ctx context.Context) (set assistant.Settings, hasKey bool, err error)
	Save(ctx context.Context, set assistant.Settings, key *string) error
	Try(ctx context.Context, by string) (string, error)
	Budget(ctx context.Context) (assistant.Budget, error)
	Uses(ctx context.Context, limit int) ([]assistant.Use, error)
}

// assistantBody is what assistant.html shows.
type assistantBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Search  *ui.Form // for a question
	Title   string   // of the answer
	Lines   []assistantLine
	Draft   string
	Query   *ui.Action
	Text    string // the query
	Note    string
	Ask     *ui.Action
	Leaves  string
	Preview string // what is sent, to the letter
}

type assistantLine struct {
	Text  string
	Links []ui.Action
}

type assistantPages struct {
	*Site
	view     *ui.View[assistantBody]
	settings *settingsPages
}

const (
	askPath           = "/ask"
	assistantSettings = "/settings/assistant"
)

func (s *Site) addAssistant() error {
	if s.cfg.Assistant == nil {
		return nil
	}
	view, err := ui.Parse[assistantBody](s.kit, templates, "templates/assistant.html")
	if err != nil {
		return err
	}
	cards, err := ui.Parse[settingsBody](s.kit, templates, "templates/settings.html")
	if err != nil {
		return err
	}
	p := &assistantPages{Site: s, view: view, settings: &settingsPages{Site: s, view: cards}}
	owner := func(p Person) bool { return p.MayAdminister }
	s.change("GET /conversations/{id}/summary", mayWrite, p.digest(assistant.Summary, false))
	s.change("POST /conversations/{id}/summary", mayWrite, p.digest(assistant.Summary, true))
	s.change("GET /conversations/{id}/draft", mayWrite, p.digest(assistant.Draft, false))
	s.change("POST /conversations/{id}/draft", mayWrite, p.digest(assistant.Draft, true))
	if s.cfg.Topics != nil {
		s.change("GET /topics/{id}/name", mayWrite, p.name(false))
		s.change("POST /topics/{id}/name", mayWrite, p.name(true))
	}
	s.change("GET "+askPath, mayWrite, p.question(false))
	s.change("POST "+askPath, mayWrite, p.question(true))
	s.change("GET "+assistantSettings, owner, p.showSettings)
	s.change("POST "+assistantSettings, owner, p.save)
	s.change("POST "+assistantSettings+"/test", owner, p.try)
	return nil
}

// helps reports whether the language model may be asked for something, by who looks at the page.
func (s *Site) helps(r *http.Request, purpose assistant.Purpose) bool {
	if s.cfg.Assistant == nil || !person(r).MayWrite {
		return false
	}
	set, _, err := s.cfg.Assistant.Settings(r.Context())
	if err != nil {
		s.cfg.Log.Warn("reading the settings of the language model", "error", err)
	}
	return err == nil && set.May(purpose)
}

// helping are the buttons of a conversation that ask the language model.
func (s *Site) helping(r *http.Request, id int64) []ui.Action {
	var all []ui.Action
	if s.helps(r, assistant.Summary) {
		all = append(all, ui.Action{Label: "Summary", Href: conversationHref(id) + "/summary"})
	}
	if s.helps(r, assistant.Draft) {
		all = append(all, ui.Action{Label: "Draft a reply", Href: conversationHref(id) + "/draft"})
	}
	return all
}

func (p *assistantPages) digest(purpose assistant.Purpose, ask bool) func(http.ResponseWriter, *http.Request) error {
	do, name := p.cfg.Assistant.Summarize, "summary"
	if purpose == assistant.Draft {
		do, name = p.cfg.Assistant.DraftReply, "draft"
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		d, err := do(r.Context(), id, person(r).Actor, ask)
		if err != nil {
			return err
		}
		here := conversationHref(id) + "/" + name
		if ask { // the answer is kept; the page shows it, also when it is loaded again
			http.Redirect(w, r, here, http.StatusSeeOther)
			return nil
		}
		c, err := p.cfg.Objects.Conversation(r.Context(), id)
		if err != nil {
			return err
		}
		title, button := "Summary", "Summarize"
		if purpose == assistant.Draft {
			title, button = "Draft of a reply", "Write a draft"
		}
		body := assistantBody{
			Head:   ui.Head{Title: title, Subtitle: excerpt(firstText(c.Title, "(no text)"), 120), Back: &ui.Action{Label: "Conversation", Href: conversationHref(id)}},
			Leaves: purpose.Leaves(), Preview: d.Preview, Title: title, Draft: d.Draft,
		}
		for i := range d.Lines {
			line := assistantLine{Text: d.Lines[i].Text}
			for j, n := range d.Lines[i].Numbers {
				line.Links = append(line.Links, ui.Action{Label: idText(int64(n)), Label2: "Message " + idText(int64(n)), Href: conversationHref(id) + "#a" + idText(d.Lines[i].Messages[j])})
			}
			body.Lines = append(body.Lines, line)
		}
		body.Note = "From " + idText(int64(d.Sent)) + " of " + countText(int64(d.Of), "message", "messages") + ", by a language model. Check it before you rely on it."
		if d.Draft != "" {
			body.Note += " Nothing is sent from here."
		}
		if d.Draft == "" && len(d.Lines) == 0 {
			body.Ask = &ui.Action{Label: button, Post: here, Style: ui.StylePrimary}
		}
		return render(p.Site, w, r, p.view, title, body)
	}
}

func (p *assistantPages) question(ask bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		asked := r.FormValue("question")
		body := assistantBody{
			Head:   ui.Head{Title: "Ask in plain words", Subtitle: "A language model turns the question into a query. You see the query before anything is looked up."},
			Leaves: assistant.Question.Leaves(), Tabs: p.sqlTabs(r),
			Search: &ui.Form{Post: askPath, Fields: []ui.Field{{Name: "question", Label: "Your question", Value: asked, Required: true, Placeholder: "Who asked in #help last month and has been quiet since?"}}, Actions: []ui.Action{{Label: "Find the query", Submit: true, Style: ui.StylePrimary}}},
		}
		if asked == "" {
			asked = "…" // shows what stands around a question
		}
		f, err := p.cfg.Assistant.Ask(r.Context(), asked, person(r).Actor, ask)
		if err != nil && ask && greenroom.ErrorCode(err) != greenroom.CodeInternal {
			p.cfg.Log.Info("a question found no query", "error", err)
			body.Search.Error = sentence(greenroom.ErrorMessage(err))
			f, err = p.cfg.Assistant.Ask(r.Context(), asked, person(r).Actor, false)
		}
		if err != nil {
			return err
		}
		if ask && body.Search.Error == "" {
			http.Redirect(w, r, askPath+"?"+url.Values{"question": {f.Question}}.Encode(), http.StatusSeeOther)
			return nil
		}
		body.Preview = f.Preview
		if f.Query != "" {
			body.Title, body.Text = "The query", f.Query
			body.Query = &ui.Action{Label: "Show these " + string(f.Entity), Href: "/" + string(f.Entity) + "?" + url.Values{"q": {f.Query}}.Encode(), Style: ui.StylePrimary}
			body.Note = "Written by a language model. Read it before you rely on it; it can be changed above its list."
		}
		return render(p.Site, w, r, p.view, "Ask in plain words", body)
	}
}
