// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// activitiesBody is what activities.html shows.
type activitiesBody struct {
	Head  ui.Head
	Query ui.QueryBox
	Rows  ui.Rows
	Pager *ui.Pager
	Empty *ui.Empty
}

type activitiesPage struct {
	*Site
	view *ui.View[activitiesBody]
}

func (s *Site) addActivities() error {
	view, err := ui.Parse[activitiesBody](s.kit, templates, "templates/activities.html")
	if err != nil {
		return err
	}
	p := &activitiesPage{Site: s, view: view}
	s.handle("GET /activities", p.show)
	s.handle("GET /activities/{id}", p.open)
	return nil
}

func (p *activitiesPage) show(w http.ResponseWriter, r *http.Request) error {
	v := p.listView(r, query.Activities, "Filter activities", "is:question channel:#help since:30d",
		[2]string{"Questions this week", "is:question since:7d"}, [2]string{"Accepted answers", "kind:accepted_answer"},
		[2]string{"By newcomers", "member.is:new kind:message,question,issue"})
	body := activitiesBody{Head: ui.Head{Title: "Activities", Find: true}, Query: v.box}
	if v.parsed != nil {
		page, err := p.cfg.Lists.ListActivities(r.Context(), v.request(r))
		if err != nil {
			return err
		}
		body.Head.Subtitle = countText(page.Total, "activity", "activities")
		body.Pager = v.pager(page.Next, page.Prev, len(page.Items), page.Total)
		body.Rows = ui.Rows{Label: "Activities"}
		said, err := p.readings(r, page.Items)
		if err != nil {
			return err
		}
		for i := range page.Items {
			row := activityRow(&page.Items[i], true)
			if v, ok := said[page.Items[i].ID]; ok {
				row.Label = p.label(r, &page.Items[i], &v, r.URL.RequestURI(), false)
			}
			body.Rows.Items = append(body.Rows.Items, row)
		}
		if len(page.Items) == 0 {
			body.Empty = &ui.Empty{Title: "No activity fits", Text: "Widen the time, or take a condition away.", Actions: []ui.Action{{Label: "All activities", Href: "/activities"}}}
			if v.text == "" {
				body.Empty = &ui.Empty{Title: "Nothing has happened yet", Text: "Activities appear as soon as something is imported.", Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}}}
			}
		}
	}
	return render(p.Site, w, r, p.view, "Activities", body)
}

// open leads from an activity to where it can be read: its conversation, or its author.
func (p *activitiesPage) open(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := p.cfg.Objects.Activity(r.Context(), id)
	if err != nil {
		return err
	}
	to := "/activities?q=id:" + idText(id)
	if a.ConversationID > 0 {
		to = conversationHref(a.ConversationID) + "#a" + idText(id)
	}
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}

// kindPill names what an activity is, in the color of its meaning.
func kindPill(kind greenroom.Kind, question bool) *ui.Pill {
	tone := ui.ToneNone
	text := kind.Info().Label
	switch kind { //nolint:exhaustive // the others have no color
	case greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindMerge:
		tone = ui.ToneGood
	case greenroom.KindIssue:
		tone = ui.ToneBad
	case greenroom.KindPullRequest, greenroom.KindReview, greenroom.KindCommit, greenroom.KindPush:
		tone = ui.ToneIdea
	}
	if question && (kind == greenroom.KindMessage || kind == greenroom.KindQuestion) {
		text, tone = "Question", ui.ToneInfo
	}
	return &ui.Pill{Text: text, Tone: tone}
}

const excerptRunes = 180

// excerpt is a text on one line, shortened.
func excerpt(text string, most int) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "```", " ")), " ")
	if r := []rune(text); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return text
}

// activityRow is an activity as one line of a list.
func activityRow(a *greenroom.Activity, who bool) ui.Row {
	row := ui.Row{ID: idText(a.ID), Lead: kindPill(a.Kind, a.Question), Title: firstText(excerpt(a.Title, excerptRunes), excerpt(a.Body, excerptRunes), a.Kind.Info().Meaning)}
	if a.ConversationID > 0 {
		row.Href = conversationHref(a.ConversationID) + "#a" + idText(a.ID)
	}
	if who && a.Member != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: a.Member, Href: memberHref(a.MemberID)})
	}
	row.Meta = append(row.Meta, ui.Meta{Text: placeText(a.Source, a.Channel)}, ui.Meta{Time: a.OccurredAt})
	if to := outside(a.URL); to != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: "open at the source", Href: to})
	}
	return row
}

// placeText says where something happened.
func placeText(source, channel string) string {
	if channel == "" {
		return source
	}
	return source + " › " + channel
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ui.Date(t)
}
