// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"greenroom/internal/pictures"
	"greenroom/internal/web/ui"
)

// Pictures looks at members' profile pictures; pictures.Service does.
type Pictures interface {
	Status(ctx context.Context) (pictures.Status, error)
	Save(ctx context.Context, set pictures.Settings) error
	Pictures(ctx context.Context, state pictures.State, after int64, limit int) ([]pictures.Listed, error)
	Forget(ctx context.Context) (int, error)
}

const (
	picturesPath  = matchesHref + "/pictures"
	picturesShown = 50 // accounts of a page
)

// matchPicturesBody is what matchpictures.html shows.
type matchPicturesBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Text    string
	Form    *ui.Form
	Title   string
	States  ui.Segments
	Table   ui.Table
	Dialogs []ui.Dialog
}

type picturePages struct {
	*matchPages
	view *ui.View[matchPicturesBody]
}

func (s *Site) addPictures() error {
	if s.cfg.Pictures == nil {
		return nil
	}
	view, err := ui.Parse[matchPicturesBody](s.kit, templates, "templates/matchpictures.html")
	if err != nil {
		return err
	}
	p := &picturePages{&matchPages{Site: s}, view}
	s.handle("GET "+picturesPath, p.show)
	s.change("POST "+picturesPath, mayAdminister, p.save)
	s.change("POST "+picturesPath+"/forget", mayAdminister, p.forget)
	return nil
}

const whatPicturesTell = "Whoever uses one picture on two platforms is often one person. Greenroom reads each picture once, from where the platform keeps it, and keeps 64 bits that say what it looks like, not the picture. What leaves this machine is the request for it, a few a second to each host."

func (p *picturePages) show(w http.ResponseWriter, r *http.Request) error {
	st, err := p.cfg.Pictures.Status(r.Context())
	if err != nil {
		return err
	}
	state, err := pictures.ParseState(r.URL.Query().Get("state"))
	if err != nil {
		return err
	}
	body := matchPicturesBody{Head: matchHead(), Tabs: p.tabs(r), Text: "Off: no picture is read. " + whatPicturesTell, Title: "Pictures that were looked at"}
	if st.Settings.On {
		body.Text = "On. " + whatPicturesTell
	}
	if person(r).MayAdminister {
		body.Form = pictureForm(&st)
		if st.Seen() > 0 {
			body.Dialogs = append(body.Dialogs, ui.Dialog{
				ID: "forget-pictures", Title: "Switch off and forget what was seen",
				Text: "No picture is read any more, and what " + countText(st.Seen(), "picture looks", "pictures look") + " like is taken away. Joins that rest on it are taken back with the next look at who is who; what people decided stays.",
				Form: ui.Form{Post: picturesPath + "/forget", Actions: []ui.Action{{Label: "Switch off and forget", Submit: true, Style: ui.StyleDanger}}},
			})
		}
	} else {
		body.Text += " An owner can change this."
	}
	body.States = pictureStates(&st, state)
	if body.Table, err = p.table(r, &st, state); err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, "Profile pictures", body)
}

func pictureForm(st *pictures.Status) *ui.Form {
	help := "No account has a picture that could be read yet. Those of accounts that come in are looked at."
	if st.Accounts > 0 {
		n := countText(st.Accounts, "account has", "accounts have")
		if st.Accounts >= pictures.MostCounted {
			n = "More than " + ui.Number(pictures.MostCounted) + " accounts have"
		}
		help = n + " a picture where their source keeps it."
	}
	f := &ui.Form{
		Post:    picturesPath,
		Fields:  []ui.Field{{Name: "on", Label: "Look at profile pictures", Type: "checkbox", Checked: st.Settings.On, Help: help}},
		Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}
	if st.Seen() > 0 {
		f.Actions = append(f.Actions, ui.Action{Label: "Switch off and forget what was seen…", Dialog: "forget-pictures", Style: ui.StyleDanger})
	}
	return f
}

func pictureStates(st *pictures.Status, state pictures.State) ui.Segments {
	one := func(s pictures.State, label string, n int64) ui.Segment {
		href := picturesPath
		if s != "" {
			href += "?state=" + string(s)
		}
		return ui.Segment{Label: label + " " + ui.Number(int(n)), Href: href, Active: s == state}
	}
	return ui.Segments{Label: "What came of it", Items: []ui.Segment{
		one("", "All", st.Seen()), one(pictures.Told, "Tell people apart", st.Told), one(pictures.Plain, "Drawn by a program", st.Plain),
		one(pictures.None, "No picture", st.None), one(pictures.Failed, "Could not be read", st.Failed),
	}}
}

func (p *picturePages) table(r *http.Request, st *pictures.Status, state pictures.State) (ui.Table, error) {
	t := ui.Table{Caption: "Pictures that were looked at", Columns: []ui.Column{{Label: "Member"}, {Label: "Account"}, {Label: "What came of it"}, {Label: "Looked at"}}}
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	all, err := p.cfg.Pictures.Pictures(r.Context(), state, after, picturesShown+1)
	if err != nil {
		return t, err
	}
	if len(all) > picturesShown {
		all = all[:picturesShown]
		next := url.Values{"after": {idText(all[picturesShown-1].Account)}}
		if state != "" {
			next.Set("state", string(state))
		}
		t.Foot = &ui.Pager{Older: picturesPath + "?" + next.Encode()}
	}
	for i := range all {
		l := &all[i]
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(l.Account), Cells: []ui.Cell{
			{Text: firstText(l.Name, "Account "+idText(l.Account)), Href: memberHref(l.Member)}, {Text: l.Source, Sub: hostOf(l.Address)}, pictureCell(l), {Text: ui.Date(l.At.In(p.cfg.Zones.Zone()))},
		}})
	}
	if len(all) > 0 {
		return t, nil
	}
	switch {
	case st.Seen() > 0:
		t.Empty = &ui.Empty{Title: "None of these", Text: "No picture that was looked at is one of these.", Actions: []ui.Action{{Label: "Show all", Href: picturesPath}}}
	case st.Settings.On:
		t.Empty = &ui.Empty{Title: "Nothing was looked at yet", Text: "Pictures of accounts that sources name them for appear here within minutes, a few a second for each host."}
	default:
		t.Empty = &ui.Empty{Title: "Nothing was looked at", Text: "Once an owner turns this on, each picture is listed here with what came of it. Accounts whose pictures are named after one mail address, as at Gravatar, are told to be one person without reading anything."}
	}
	return t, nil
}

func pictureCell(l *pictures.Listed) ui.Cell {
	switch l.State {
	case pictures.Told:
		return ui.Cell{Text: "Tells people apart"}
	case pictures.Plain:
		return ui.Cell{Text: "Drawn by a program", Sub: "Strangers have such a one, too; it says nothing."}
	case pictures.None:
		return ui.Cell{Text: "There is no picture"}
	case pictures.Failed:
	}
	return ui.Cell{Pills: []ui.Pill{{Text: "could not be read", Tone: ui.ToneWarn}}, Sub: sentence(l.Problem) + " It is tried again on " + ui.Date(l.Again) + "."}
}

func (p *picturePages) save(w http.ResponseWriter, r *http.Request) error {
	set := pictures.Settings{On: r.FormValue("on") != ""}
	if err := p.cfg.Pictures.Save(r.Context(), set); err != nil {
		return err
	}
	message := "Saved. No picture is read."
	if set.On {
		message = "Saved. Pictures are looked at from now on; who is who follows by itself."
	}
	return p.back(w, r, picturesPath, message, "")
}

// forget switches looking off first, so that nothing comes in again meanwhile.
func (p *picturePages) forget(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Pictures.Save(r.Context(), pictures.Settings{}); err != nil {
		return err
	}
	n, err := p.cfg.Pictures.Forget(r.Context())
	if err != nil {
		return err
	}
	return p.back(w, r, picturesPath, "No picture is read any more. What "+countText(int64(n), "picture looks", "pictures look")+" like is forgotten.", "")
}
