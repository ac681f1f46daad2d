// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/consent"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
	"greenroom/internal/survey"
)

func number(n int) survey.Value { return survey.Value{Number: &n} }

// invitation is a message of an invitation.
func invitation(member int64) func(id int64) (outbox.Message, error) {
	return func(id int64) (outbox.Message, error) {
		return outbox.Message{Key: "survey invitation " + strconv.FormatInt(id, 10), Channel: outbox.Email, Purpose: consent.Survey, MemberID: member, To: "x@example.com", Text: "?", Origin: outbox.Origin{Kind: "survey", ID: 1, Run: id}}, nil
	}
}

// TestSurveys follows a survey through the store: who is asked, what they answer, what of it becomes an activity and
// what queries find, also when members become one, and that what is erased is gone.
func TestSurveys(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		tell(t, s, "chat", func(out *connector.Sink) {
			for _, w := range []string{"ana", "ben", "cleo", "dora"} {
				person(out, w, w)
			}
		})
		derive(t, s, 1000)
		who := make(map[string]int64)
		for _, m := range members(t, s, "") {
			who[m.Name] = m.ID
		}
		d := &survey.Definition{Language: "en", Title: survey.Plain("t"), Pages: []survey.Page{{ID: "a", Questions: []survey.Question{{ID: "score", Type: survey.NPS, Text: survey.Plain("?")}, {ID: "why", Type: survey.Text, Text: survey.Plain("?")}}}}}
		v, err := s.AddSurvey(ctx, survey.Survey{Key: "nps", Name: "NPS", State: survey.Opened, Version: 1, Definition: d, CreatedAt: clock()}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddSurvey(ctx, v, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("the same key again: %v", err)
		}
		asked := make(map[string]survey.Invitation)
		for name, want := range map[string]bool{"ana": true, "ben": true, "cleo": true} {
			for range 2 {
				i, added, err := s.AddSurveyInvitation(ctx, survey.Invitation{SurveyID: v.ID, MemberID: who[name], Key: name, Channel: outbox.Email, At: clock()}, invitation(who[name]))
				if err != nil || added != want {
					t.Fatalf("%s: %v %v", name, added, err)
				}
				asked[name], want = i, false
			}
		}
		if n, err := s.MessageCounts(ctx, outbox.Filter{Origin: "survey"}); err != nil || n[outbox.Queued] != 3 {
			t.Errorf("messages %v, %v", n, err)
		}
		last, err := s.LastAsked(ctx, []int64{who["ana"], who["dora"]}, clock().Add(-time.Hour))
		if err != nil || len(last) != 1 || !last[who["ana"]].Equal(clock()) {
			t.Errorf("asked last: %v, %v", last, err)
		}
		answer := func(name string, score int, state survey.ResponseState) *survey.Response {
			t.Helper()
			r := &survey.Response{SurveyID: v.ID, Version: 1, Invitation: asked[name].ID, MemberID: who[name], State: state, Answers: survey.Answers{"score": number(score)}, StartedAt: clock(), UpdatedAt: clock(), CompletedAt: clock()}
			if err := s.SaveResponse(ctx, r, asked[name].ID, []survey.Flat{{Question: "score", Value: strconv.Itoa(score), Number: int64(score), Scale: survey.NPS}}); err != nil {
				t.Fatal(err)
			}
			return r
		}
		first := answer("ana", 3, survey.Partial)
		if again := answer("ana", 4, survey.Complete); again.ID != first.ID {
			t.Error("an invitation was answered twice")
		}
		ben := answer("ben", 10, survey.Complete)
		answer("cleo", 0, survey.Complete)
		importer := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil)
		read := func() {
			t.Helper()
			if _, _, err := importer.Import(ctx, ingest.Request{Spec: survey.Facts(s), Name: "surveys"}); err != nil {
				t.Fatal(err)
			}
			derive(t, s, 1000) //nolint:contextcheck // it takes the test's
		}
		read()
		names := func(q string) []string {
			t.Helper()
			all := []string{}
			for _, m := range members(t, s, q+" sort:name") {
				all = append(all, m.Name)
			}
			return all
		}
		told := func() (by []string) {
			t.Helper()
			page, err := s.ListActivities(ctx, list.Request{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			by = []string{}
			for i := range page.Items {
				if a := &page.Items[i]; a.Kind == greenroom.KindSurveyAnswer {
					by = append(by, a.Member)
				}
			}
			slices.Sort(by)
			return by
		}
		if diff := cmp.Diff([]string{"ana", "ben", "cleo"}, told()); diff != "" {
			t.Errorf("activities by (-want +got):\n%s", diff)
		}
		for q, want := range map[string][]string{
			"answered:nps": {"ana", "ben", "cleo"}, "answered:*": {"ana", "ben", "cleo"}, "asked:nps": {"ana", "ben", "cleo"}, "nps:<=6": {"ana", "cleo"}, "nps:0": {"cleo"}, "nps:*": {"ana", "ben", "cleo"}, "nps:9..10": {"ben"},
			"answer:nps/score/10": {"ben"}, "answer:nps/score/4,NPS/score/10": {"ana", "ben"}, "answer:nps/*": {"ana", "ben", "cleo"}, "-answered:nps": {"dora"}, "source:surveys": {"ana", "ben", "cleo"}, "answered:other": {},
		} {
			if diff := cmp.Diff(want, names(q)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", q, diff)
			}
		}
		// Whoever becomes part of another member answered as that one.
		if _, err := s.MergeMembers(ctx, who["dora"], who["ana"], "same", "test"); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if diff := cmp.Diff([]string{"ana", "cleo"}, names("nps:<=6")); diff != "" && len(names("nps:<=6")) != 2 {
			t.Error(diff)
		}
		all, err := s.SurveyResponses(ctx, v.ID)
		if err != nil || len(all) != 3 || all[0].MemberID != who["dora"] && all[0].MemberID != who["ana"] {
			t.Errorf("answers %+v, %v", all, err)
		}
		// One is taken back, and comes back neither by reading on nor from the start.
		if err := s.DropResponse(ctx, ben.ID); err != nil {
			t.Fatal(err)
		}
		read()
		if by := told(); len(by) != 2 || slices.Contains(by, "ben") || len(names("nps:10")) != 0 {
			t.Errorf("after one was taken back, activities by %v", by)
		}
		var data struct{ Surveys []json.RawMessage }
		for name, want := range map[string]int{"cleo": 2, "ben": 1} {
			out := &lines{}
			data.Surveys = nil
			if err := s.ExportMember(ctx, who[name], out); err != nil || json.Unmarshal(out.data, &data) != nil || len(data.Surveys) != want {
				t.Errorf("%s's data have %d lines on surveys, want %d: %v", name, len(data.Surveys), want, err)
			}
		}
		if err := s.EraseMember(ctx, who["cleo"]); err != nil {
			t.Fatal(err)
		}
		read()
		if got, err := s.FindSurvey(ctx, "nps"); err != nil || got.Asked != 2 || got.Answered != 1 || len(names("nps:0")) != 0 {
			t.Errorf("after erasing: %+v, %v", got, err)
		}
		if err := s.DropSurvey(ctx, v.ID); err != nil {
			t.Fatal(err)
		}
		read()
		if left := told(); len(left) != 0 {
			t.Errorf("after removing the survey, %v answered", left)
		}
		if n, err := s.MessageCounts(ctx, outbox.Filter{Origin: "survey"}); err != nil || n[outbox.Queued] != 0 {
			t.Errorf("messages %v, %v", n, err)
		}
	})
}

type lines struct{ data []byte }

func (l *lines) Write(p []byte) (int, error) {
	l.data = append(l.data, p...)
	return len(p), nil
}

// TestActiveBefore holds that what somebody did after they were asked, answering above all, does not make them active.
func TestActiveBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock().AddDate(0, 0, -10)
		tell(t, s, "chat", func(out *connector.Sink) {
			person(out, "ana", "ana")
			for i, when := range []time.Time{at.AddDate(0, 0, -5), at.AddDate(0, 0, 5)} {
				out.Activity(connector.Activity{ExternalID: strconv.Itoa(i), Kind: greenroom.KindMessage, Author: "ana", OccurredAt: when, Body: "x"})
			}
			out.Activity(connector.Activity{ExternalID: "s", Kind: greenroom.KindSurveyAnswer, Author: "ana", OccurredAt: at.AddDate(0, 0, -1), Body: "x"})
		})
		derive(t, s, 1000)
		m := members(t, s, "name:ana")[0].ID
		v, err := s.AddSurvey(t.Context(), survey.Survey{Key: "a", Name: "A", State: survey.Opened, Version: 1, Definition: &survey.Definition{}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		i, _, err := s.AddSurveyInvitation(t.Context(), survey.Invitation{SurveyID: v.ID, MemberID: m, Key: "k", Channel: outbox.Email, At: at}, invitation(m))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.ActiveBefore(t.Context(), v.ID)
		if err != nil || !got[i.ID].Equal(at.AddDate(0, 0, -5)) {
			t.Errorf("active last on %v, %v", got, err)
		}
	})
}

// TestSurveyEditors has two people change a survey that both looked at: the second is refused, nothing is overwritten, and opening
// it in between is no change of what they edit.
func TestSurveyEditors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		work := survey.NewService(survey.Config{Store: s, Audit: noAudit{}, Sent: func() {}, Told: func() {}, Now: clock, Log: slog.New(slog.DiscardHandler)})
		text := func(title string) json.RawMessage {
			return json.RawMessage(`{"language":"en","title":"` + title + `","pages":[{"id":"a","questions":[{"id":"score","type":"nps","text":"?"}]}]}`)
		}
		definition := func(title string) *survey.Definition {
			d, err := survey.Parse(text(title))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		seen, err := work.Add(ctx, &survey.New{Key: "nps", Definition: text("First")}, "ana")
		if err != nil || seen.Revision == "" {
			t.Fatalf("%+v, %v", seen, err)
		}
		if opened, err := work.Open(ctx, "nps", "ana"); err != nil || opened.Revision != seen.Revision {
			t.Fatalf("opened as %+v, %v", opened, err)
		}
		ana, err := work.Edit(ctx, "nps", survey.Change{Revision: seen.Revision, Definition: definition("Of Ana")}, "ana")
		if err != nil || ana.Version != 2 || ana.Revision == seen.Revision || ana.State != survey.Opened {
			t.Fatalf("Ana's is %+v, %v", ana, err)
		}
		name := "Of Ben"
		settings := ana.Settings
		settings.Share = 50
		for what, c := range map[string]survey.Change{"definition": {Definition: definition("Of Ben")}, "name": {Name: &name}, "settings": {Settings: &settings}} {
			c.Revision = seen.Revision
			if _, err := work.Edit(ctx, "nps", c, "ben"); !survey.HasMoved(err) || greenroom.ErrorCode(err) != greenroom.CodeConflict {
				t.Errorf("Ben's %s from the old one: %v", what, err)
			}
		}
		if err := s.ChangeSurvey(ctx, seen, "ben"); !survey.HasMoved(err) { // looked at before, and stored after
			t.Errorf("stored over Ana's: %v", err)
		}
		now, err := work.Get(ctx, "nps")
		if diff := cmp.Diff(ana, now); err != nil || diff != "" {
			t.Errorf("Ana's is no longer there: %v\n%s", err, diff)
		}
		for _, c := range []survey.Change{{Revision: ana.Revision, Settings: &settings}, {Name: &name}} { // from what it is; and whatever it is
			if now, err = work.Edit(ctx, "nps", c, "ben"); err != nil {
				t.Fatal(err)
			}
		}
		if now.Name != name || now.Settings.Share != 50 || now.Version != 2 || now.Definition.Title.In("en", "") != "Of Ana" {
			t.Errorf("it is %+v", now)
		}
	})
}

// hospitable lets everybody be asked, under addresses that name the invitation.
type hospitable struct{}

func (hospitable) May(context.Context, *outbox.Message) (consent.Verdict, error) {
	return consent.Verdict{May: true}, nil
}

func (hospitable) Contact(context.Context, int64) (outbox.Contact, error) {
	return outbox.Contact{}, nil
}

func (hospitable) Survey(_ context.Context, key string, invitation int64) (string, error) {
	return fmt.Sprintf("https://c.example/surveys/%s?t=%d", key, invitation), nil
}
func (hospitable) OpenSurvey(context.Context, string) (string, error) { return "", nil }
func (hospitable) Unsubscribe(context.Context, int64, consent.Purpose) (string, error) {
	return "https://c.example/leave", nil
}

func orEnglish(tag string) string {
	if tag == "" {
		return "en"
	}
	return tag
}

// TestSurveyMailLanguage asks people in the language that their field says, where the survey has it.
func TestSurveyMailLanguage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		said := map[string]string{"ana": "", "ben": "de", "cleo": "pt_BR", "dora": "German", "eve": "Klingon"}
		tell(t, s, "chat", func(out *connector.Sink) {
			for name := range said {
				person(out, name, name, name+"@example.org")
			}
		})
		derive(t, s, 1000)
		work := survey.NewService(survey.Config{
			Store: s, Sender: hospitable{}, Links: hospitable{}, Audit: noAudit{}, Sent: func() {}, Told: func() {}, Now: clock, Log: slog.New(slog.DiscardHandler), Name: func(context.Context) string { return "Acme" },
		})
		v, err := work.Add(ctx, &survey.New{Key: "nps", Settings: survey.Settings{Subject: "Typed", Message: "Typed, too"}, Definition: json.RawMessage(`{"language":"en","title":{"en":"Us","de":"Wir"},
			"pages":[{"id":"a","questions":[{"id":"score","type":"single","text":{"en":"How?","de":"Wie?","pt":"Como?"},"choices":[{"id":"good","text":{"en":"Good","de":"Gut"}},{"id":"bad","text":"Bad"}]}]}]}`)}, "ana")
		if err == nil {
			v, err = work.Open(ctx, v.Key, "ana")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range members(t, s, "") {
			if tag := said[m.Name]; tag != "" {
				if err := s.EditMember(ctx, m.ID, member.Edit{Fields: map[string]string{"language": tag}}); err != nil {
					t.Fatal(err)
				}
			}
			if o, err := work.Invite(ctx, v.Key, m.ID, outbox.Origin{Kind: "person"}); err != nil || !o.Invited {
				t.Fatalf("%s: %+v, %v", m.Name, o, err)
			}
		}
		sent, err := s.MessageList(ctx, outbox.Filter{Origin: "survey"})
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for i := range sent {
			m := &sent[i]
			_, rest, _ := strings.Cut(m.Text, "**")
			question, rest, _ := strings.Cut(rest, "**")
			answer, link, _ := strings.Cut(strings.TrimSpace(rest), ": ")
			_, lang, _ := strings.Cut(strings.Fields(link)[0], "&lang=")
			message, _, _ := strings.Cut(m.Text, "\n")
			name, _, _ := strings.Cut(m.To, "@")
			got[name] = strings.Join([]string{m.Subject, message, question, answer, lang}, " | ")
			if tag, _, _ := strings.Cut(lang, "&"); !strings.Contains(m.HTML, `<html lang="`+orEnglish(tag)+`"`) {
				t.Errorf("%s gets HTML of another language: %.60s", name, m.HTML)
			}
		}
		own := "Typed | Typed, too | How? | Good | "
		if diff := cmp.Diff(map[string]string{"ana": own, "ben": "Wir | Typed, too | Wie? | Gut | de&a=good", "cleo": "Typed | Typed, too | Como? | Good | pt&a=good", "dora": "Wir | Typed, too | Wie? | Gut | de&a=good", "eve": own}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestSurveySettingsRefused holds that each setting is refused by its name, also a query that cannot be read.
func TestSurveySettingsRefused(t *testing.T) {
	work := survey.NewService(survey.Config{Now: clock})
	for field, set := range map[string]survey.Settings{
		"query": {Query: "((("}, "share": {Share: 101}, "recontact_days": {Recontact: -1}, "quota": {Quota: -5}, "channel": {Channel: "fax"}, "reply_to": {ReplyTo: "nobody"},
	} {
		_, err := work.Add(t.Context(), &survey.New{Key: "nps", Settings: set, Definition: json.RawMessage(`{"language":"en","title":"Us","pages":[{"id":"a","questions":[{"id":"score","type":"nps","text":"?"}]}]}`)}, "ana")
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || greenroom.ErrorField(err) != field {
			t.Errorf("%s: code %q, field %q: %v", field, greenroom.ErrorCode(err), greenroom.ErrorField(err), err)
		}
	}
}

// TestSurveyResultsOfWhom asks for the answers of whom a query fits that cannot be read.
func TestSurveyResultsOfWhom(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		tell(t, s, "chat", func(out *connector.Sink) { person(out, "ana", "Ana") })
		derive(t, s, 1000)
		ana := members(t, s, "")[0].ID
		d := &survey.Definition{Language: "en", Title: survey.Plain("t"), Pages: []survey.Page{{ID: "a", Questions: []survey.Question{{ID: "score", Type: survey.NPS, Text: survey.Plain("?")}}}}}
		v, err := s.AddSurvey(t.Context(), survey.Survey{Key: "nps", Name: "NPS", State: survey.Opened, Version: 1, Definition: d, Settings: survey.Settings{Who: survey.Known}, CreatedAt: clock()}, "ana")
		if err == nil {
			err = s.SaveResponse(t.Context(), &survey.Response{SurveyID: v.ID, Version: 1, MemberID: ana, State: survey.Complete, Answers: survey.Answers{"score": number(9)}, StartedAt: clock(), UpdatedAt: clock(), CompletedAt: clock()}, 0, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = survey.NewService(survey.Config{Store: s, Now: clock}).Results(t.Context(), "nps", "(((")
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || greenroom.ErrorField(err) != "q" || !strings.Contains(greenroom.ErrorMessage(err), "column 3: this parenthesis is never closed") {
			t.Errorf("refused as %v", err)
		}
	})
}
