// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/task"
)

// preferencesBody is what preferences.html shows.
type preferencesBody struct {
	Name     string // of the member
	Token    string
	Saved    bool
	Nothing  bool // they are not to be contacted
	Purposes []preference
	Erase    bool   // erased at once
	Problem  string // with what was sent
}

type preference struct {
	Name, Label, Text string
	On                bool
}

// byLink is who made a choice on these pages.
const byLink = "the member, by a link"

type preferencesPage struct {
	*Site
	view *view[preferencesBody]
}

func (s *Site) addPreferences() error {
	v, err := parse[preferencesBody]("preferences")
	if err != nil {
		return err
	}
	p := &preferencesPage{s, v}
	s.handle("GET "+PreferencesPath, p.show)
	s.handle("POST "+PreferencesPath, p.save)
	s.handle("POST "+PreferencesPath+"/data", p.data)
	s.handle("POST "+PreferencesPath+"/erase", p.erase)
	return nil
}

// member is whom the link is for.
func (p *preferencesPage) member(w http.ResponseWriter, r *http.Request) (greenroom.Member, error) {
	c, err := p.open(w, r, KindPreferences)
	if err != nil {
		return greenroom.Member{}, err
	}
	return p.whom(r, c.Member)
}

// whom finds who a link is for.
func (s *Site) whom(r *http.Request, id int64) (greenroom.Member, error) {
	m, err := s.cfg.Members.Member(r.Context(), id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return m, &greenroom.Error{Code: greenroom.CodeNotFound, Message: "nothing is known any more of whom this link was for", Err: err}
	}
	return m, err
}

func (p *preferencesPage) show(w http.ResponseWriter, r *http.Request) error {
	m, err := p.member(w, r)
	if err != nil {
		return err
	}
	return p.draw(w, r, &m, http.StatusOK, preferencesBody{Saved: r.FormValue("saved") != ""})
}

func (p *preferencesPage) draw(w http.ResponseWriter, r *http.Request, m *greenroom.Member, status int, body preferencesBody) error {
	known, err := p.cfg.Choices.Contact(r.Context(), m.ID)
	if err != nil {
		return err
	}
	b, err := p.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	body.Name, body.Token, body.Erase, body.Nothing = m.Name, r.FormValue("t"), b.Erase, consent.Silent(known.Choices)
	for _, i := range consent.Purposes() {
		body.Purposes = append(body.Purposes, preference{string(i.Purpose), i.Label, i.Text, consent.Agrees(known.Choices, i.Purpose)})
	}
	return render(p.Site, w, r, p.view, status, english, "Your preferences", body)
}

func (p *preferencesPage) choose(ctx context.Context, member int64, purpose consent.Purpose, allowed bool) error {
	return p.cfg.Choices.Choose(ctx, member, consent.Choice{Purpose: purpose, Allowed: allowed, How: "preferences"}, byLink)
}

// save stores what differs from what was chosen before.
func (p *preferencesPage) save(w http.ResponseWriter, r *http.Request) error {
	m, err := p.member(w, r)
	if err != nil {
		return err
	}
	known, err := p.cfg.Choices.Contact(r.Context(), m.ID)
	if err != nil {
		return err
	}
	nothing, before := r.FormValue("nothing") != "", consent.Silent(known.Choices)
	if nothing != before {
		if err := p.choose(r.Context(), m.ID, consent.All, !nothing); err != nil {
			return err
		}
	}
	if !nothing {
		for _, i := range consent.Purposes() {
			on := r.FormValue(string(i.Purpose)) != ""
			// Who takes back that they want nothing says anew what they want.
			if !before && on == consent.Agrees(known.Choices, i.Purpose) {
				continue
			}
			if err := p.choose(r.Context(), m.ID, i.Purpose, on); err != nil {
				return err
			}
		}
	}
	http.Redirect(w, r, PreferencesPath+"?"+values("t", r.FormValue("t"), "saved", "1"), http.StatusSeeOther)
	return nil
}

// data sends everything that is known of somebody as a file.
func (p *preferencesPage) data(w http.ResponseWriter, r *http.Request) error {
	m, err := p.member(w, r)
	if err != nil {
		return err
	}
	var all bytes.Buffer
	if err := p.cfg.Privacy.ExportMember(r.Context(), m.ID, &all); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="my-data.json"`)
	_, _ = all.WriteTo(w) // who has left needs no answer
	return nil
}

// erase erases somebody, or has the team do it.
func (p *preferencesPage) erase(w http.ResponseWriter, r *http.Request) error {
	m, err := p.member(w, r)
	if err != nil {
		return err
	}
	if r.FormValue("sure") == "" {
		return p.draw(w, r, &m, http.StatusUnprocessableEntity, preferencesBody{Problem: "Tick the box above the button to say that you are sure."})
	}
	b, err := p.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	if b.Erase {
		if err := p.cfg.Privacy.EraseMember(r.Context(), m.ID, byLink); err != nil {
			return err
		}
		return render(p.Site, w, r, p.notice, http.StatusOK, english, "Erased", noticeBody{Title: "Erased", Text: "Everything that was known of you here is erased. What others wrote stays, also where it mentions you."})
	}
	id := strconv.FormatInt(m.ID, 10)
	now := p.cfg.Now()
	if _, err := p.cfg.Tasks.AddTasks(r.Context(), task.Task{
		Key: "erase member " + id + " " + now.UTC().Format(time.DateOnly), Title: fmt.Sprintf("Erase %s, who asked for it", m.Name), Note: "They asked for it on their preferences page. The law gives a month for it.",
		Link: "/members/" + id, Origin: "preferences", OriginID: m.ID, MemberID: m.ID, DueAt: now.AddDate(0, 0, 7), CreatedBy: byLink,
	}); err != nil {
		return err
	}
	return render(p.Site, w, r, p.notice, http.StatusOK, english, "We are on it", noticeBody{Title: "We are on it", Text: "The team was asked to erase what is known of you. It is done within a month at the latest, mostly within days."})
}
