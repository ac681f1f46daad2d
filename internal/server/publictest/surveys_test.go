// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
	"greenroom/internal/survey"
)

// asking is a survey of two pages, of which the second depends on the first, in two languages.
const asking = `{"name": "Pulse", "key": "pulse", "settings": {"who": "known", "query": "is:active -is:staff", "share": 100, "recontact_days": 30}, "definition": {
	"language": "en", "title": {"en": "How is it going?", "de": "Wie läuft es?"}, "thanks": {"en": "Thanks, we read it all.", "de": "Danke, wir lesen alles."},
	"pages": [
		{"id": "one", "questions": [
			{"id": "recommend", "type": "nps", "required": true, "text": {"en": "Would you recommend us?", "de": "Würdest du uns empfehlen?"}, "low": {"en": "never"}, "high": {"en": "surely"}},
			{"id": "uses", "type": "multiple", "text": "What do you use?", "choices": [{"id": "docs", "text": "Docs"}, {"id": "chat", "text": "Chat"}]}],
		 "next": [{"if": {"question": "recommend", "at_least": 9}, "to": "end"}]},
		{"id": "two", "questions": [
			{"id": "why", "type": "text", "required": true, "text": {"en": "What went wrong?", "de": "Was lief schief?"}, "show_if": {"question": "recommend", "at_most": 6}},
			{"id": "parts", "type": "matrix", "text": "How good are they?", "choices": [{"id": "bad", "text": "Bad"}, {"id": "good", "text": "Good"}], "rows": [{"id": "api", "text": "API"}, {"id": "ui", "text": "UI"}]}]}]}}`

func newSurvey(t *testing.T, l *servertest.Live, edit func(n *survey.New)) (*server.Surveys, survey.Survey) {
	t.Helper()
	n, err := survey.ParseNew([]byte(asking))
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(n)
	}
	s := l.App.Surveys(nil, "Lumen")
	v, err := s.Add(t.Context(), n, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if v, err = s.Open(t.Context(), v.Key, "ana"); err != nil {
		t.Fatal(err)
	}
	return s, v
}

var linkOf = regexp.MustCompile(`http://lumen\.example(/c/survey/[^\s"<)&]+)`)

// invited asks somebody and gives the path of their link.
func invited(t *testing.T, l *servertest.Live, s *server.Surveys, key string, member int64) string {
	t.Helper()
	o, err := s.Invite(t.Context(), key, member, outbox.Origin{Kind: "person"})
	if err != nil || !o.Invited {
		t.Fatalf("inviting: %+v, %v", o, err)
	}
	m, err := l.App.Store.MessageList(t.Context(), outbox.Filter{Origin: survey.OriginKind, Run: o.Invitation})
	if err != nil || len(m) != 1 {
		t.Fatalf("the message: %+v, %v", m, err)
	}
	path := linkOf.FindStringSubmatch(m[0].Text)
	if path == nil || !strings.Contains(m[0].HTML, "&amp;a=10") || m[0].Unsubscribe == "" || !strings.Contains(m[0].HTML, "Would you recommend us?") {
		t.Fatalf("the mail is %q, %s", m[0].Text, m[0].HTML)
	}
	return path[1]
}

// answeringMembers gives members with mail addresses.
func answeringMembers(t *testing.T, l *servertest.Live, n int) []int64 {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, nil), "email:* -is:staff sort:-activities")
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.App.Store.ListMembers(t.Context(), list.Request{Query: q, Limit: n})
	if err != nil || len(found.Items) < n {
		t.Fatalf("%d members, %v", len(found.Items), err)
	}
	var ids []int64
	for i := range found.Items {
		ids = append(ids, found.Items[i].ID)
	}
	return ids
}

func fit(t *testing.T, l *servertest.Live, e query.Entity, text string) int {
	t.Helper()
	kinds := []string{}
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if e == query.Members {
		found, lerr := l.App.Store.ListMembers(t.Context(), list.Request{Query: q})
		n, err = len(found.Items), lerr
	} else {
		found, lerr := l.App.Store.ListActivities(t.Context(), list.Request{Query: q})
		n, err = len(found.Items), lerr
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// TestSurvey asks a member by a link and follows what they answer to the end: pages without scripts, stored page by page,
// an activity of theirs, and what queries find.
func TestSurvey(t *testing.T) {
	l, _ := house.Lumen(t)
	s, v := newSurvey(t, l, nil)
	members := answeringMembers(t, l, 3)
	link := invited(t, l, s, v.Key, members[0])
	nobody := servertest.Visitor(t)
	count := func() survey.Survey {
		t.Helper()
		now, err := s.Get(t.Context(), v.Key)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	// Scanners open every link of a mail.
	res := l.Send(t, nobody, "GET", link+"&a=4", nil)
	if res.Code != 200 || !strings.Contains(res.Body, `value="4" checked`) || !strings.Contains(res.Body, "The team sees who answered what") || count().Partial+count().Answered != 0 {
		t.Fatalf("looking: %d, %+v\n%s", res.Code, count(), res.Body)
	}
	if res = l.Send(t, nobody, "GET", link, nil, func(r *http.Request) { r.Header.Set("Accept-Language", "de-AT,en;q=0.5") }); !strings.Contains(res.Body, "Würdest du uns empfehlen?") || !strings.Contains(res.Body, `<html lang="de">`) {
		t.Errorf("in German: %s", res.Body)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	form := func(page string, more url.Values) url.Values {
		f := url.Values{"t": {u.Query().Get("t")}, "p": {page}}
		for k, all := range more {
			f[k] = all
		}
		return f
	}
	if res = l.Send(t, nobody, "POST", u.Path, form("one", nil)); res.Code != 422 || !strings.Contains(res.Body, "Please answer this question.") {
		t.Errorf("without what is required: %d", res.Code)
	}
	res = l.Send(t, nobody, "POST", u.Path, form("one", url.Values{"q.recommend": {"4"}, "q.uses": {"docs", "chat"}}))
	if res.Code != http.StatusSeeOther || count().Partial != 1 {
		t.Fatalf("the first page: %d, %+v", res.Code, count())
	}
	if res = l.Send(t, nobody, "GET", res.Header.Get("Location"), nil); !strings.Contains(res.Body, "What went wrong?") || !strings.Contains(res.Body, `name="q.parts.api"`) {
		t.Errorf("the second page: %s", res.Body)
	}
	// The link leads back to where they were.
	if res = l.Send(t, nobody, "GET", link, nil); !strings.Contains(res.Body, "What went wrong?") {
		t.Errorf("coming back: %s", res.Body)
	}
	res = l.Send(t, nobody, "POST", u.Path, form("two", url.Values{"q.why": {"The API broke our build, it does not work at all."}, "q.parts.api": {"bad"}}))
	if res = l.Send(t, nobody, "GET", res.Header.Get("Location"), nil); !strings.Contains(res.Body, "Thanks, we read it all.") || count().Answered != 1 || count().Partial != 0 {
		t.Errorf("the end: %+v\n%s", count(), res.Body)
	}
	told := func() {
		t.Helper()
		if err := s.Tell(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := l.App.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	told()
	id := strconv.FormatInt(members[0], 10)
	for text, want := range map[string]int{"kind:survey_answer channel:pulse body:\"broke our build\" member.id:" + id: 1, "kind:survey_answer": 1} {
		if got := fit(t, l, query.Activities, text); got != want {
			t.Errorf("%d activities fit %s, want %d", got, text, want)
		}
	}
	for text, want := range map[string]int{"answered:pulse": 1, "asked:pulse": 1, "nps:<=6 id:" + id: 1, "nps:>6": 0, "answer:pulse/uses/docs": 1, "answer:pulse/parts/api=bad": 1, "answer:pulse/recommend/3,pulse/recommend/4": 1, "answer:pulse/recommend/9": 0, "csat:*": 0, "-answered:pulse id:" + id: 0} {
		if got := fit(t, l, query.Members, text); got != want {
			t.Errorf("%d members fit %s, want %d", got, text, want)
		}
	}
	// Changed until it closes: the same answer, the same activity.
	if res = l.Send(t, nobody, "POST", u.Path, form("one", url.Values{"q.recommend": {"10"}})); res.Code != http.StatusSeeOther {
		t.Errorf("changing: %d", res.Code)
	}
	told()
	if got := fit(t, l, query.Activities, "kind:survey_answer title:\"Pulse: 10\""); got != 1 || count().Answered != 1 || fit(t, l, query.Members, "nps:10") != 1 || fit(t, l, query.Members, "answer:pulse/uses/docs") != 0 {
		t.Errorf("after changing, %d activities, %+v", got, count())
	}
	if _, err := s.Close(t.Context(), v.Key, "ana"); err != nil {
		t.Fatal(err)
	}
	if res = l.Send(t, nobody, "POST", u.Path, form("one", url.Values{"q.recommend": {"1"}})); res.Code != http.StatusConflict {
		t.Errorf("when it is closed: %d", res.Code)
	}
	// What is erased leaves nothing.
	if err := l.App.Store.EraseMember(t.Context(), members[0]); err != nil {
		t.Fatal(err)
	}
	if now := count(); now.Asked+now.Answered != 0 || fit(t, l, query.Activities, "kind:survey_answer") != 0 {
		t.Errorf("after erasing: %+v", now)
	}
	told()
	if fit(t, l, query.Activities, "kind:survey_answer") != 0 {
		t.Error("what was erased came back")
	}
}

// TestSurveyAsking holds whom a survey asks, and that nobody is asked twice.
func TestSurveyAsking(t *testing.T) {
	l, _ := house.Lumen(t)
	s, v := newSurvey(t, l, func(n *survey.New) { n.Settings.Share, n.Settings.Query = 40, "email:* -is:bot" })
	preview, err := s.Preview(t.Context(), v.Key)
	if err != nil || preview.Drawn*100 < preview.Fit*25 || preview.Drawn*100 > preview.Fit*55 || preview.Invited != preview.Drawn {
		t.Fatalf("40 %% of %d are %+v, %v", preview.Fit, preview, err)
	}
	round, err := s.Send(t.Context(), v.Key, "ana")
	if err != nil || round.Invited == 0 {
		t.Fatalf("sending: %+v, %v", round, err)
	}
	again, err := s.Send(t.Context(), v.Key, "ana")
	if err != nil || again.Invited != 0 || again.Already != round.Invited {
		t.Errorf("sending again: %+v after %+v, %v", again, round, err)
	}
	all, err := l.App.Store.SurveyInvitations(t.Context(), v.ID)
	if err != nil || int64(len(all)) != round.Invited {
		t.Fatalf("%d invitations, %v", len(all), err)
	}
	// Another survey leaves them alone, and a workflow that asks by the same step twice asks once.
	s, other := newSurvey(t, l, func(n *survey.New) { n.Key, n.Name = "other", "Other" })
	step := outbox.Origin{Kind: "workflow", ID: 1, Run: 7, Step: "ask"}
	o, err := s.Invite(t.Context(), other.Key, all[0].MemberID, step)
	if err != nil || o.Invited || o.Reason != "they were asked less than 30 days ago" {
		t.Errorf("asking somebody who was asked of late: %+v, %v", o, err)
	}
	set := other.Settings
	set.Recontact = 0
	if _, err := s.Edit(t.Context(), other.Key, survey.Change{Settings: &set}, "ana"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []survey.Outcome{{Invited: true}, {Already: true}} {
		o, err = s.Invite(t.Context(), other.Key, all[0].MemberID, step)
		if err != nil || o.Invited != want.Invited || o.Already != want.Already {
			t.Errorf("time %d: %+v, %v", i, o, err)
		}
	}
}

// TestAnonymousSurvey holds that nothing leads from an answer to who gave it.
func TestAnonymousSurvey(t *testing.T) {
	l, _ := house.Lumen(t)
	s, v := newSurvey(t, l, func(n *survey.New) { n.Settings.Who, n.Settings.Open = survey.Anonymous, true })
	nobody := servertest.Visitor(t)
	members := answeringMembers(t, l, 4)
	answer := func(path string, token string) servertest.Answer {
		t.Helper()
		f := url.Values{"p": {"one"}, "q.recommend": {"9"}}
		if token != "" {
			f.Set("t", token)
		}
		return l.Send(t, nobody, "POST", path, f)
	}
	for _, m := range members {
		link := invited(t, l, s, v.Key, m)
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if res := l.Send(t, nobody, "GET", link, nil); !strings.Contains(res.Body, "Anonymous: your answers") {
			t.Errorf("it does not say that it is anonymous: %s", res.Body)
		}
		if res := answer(u.Path, u.Query().Get("t")); res.Code != http.StatusSeeOther {
			t.Errorf("answering: %d", res.Code)
		}
		if res := answer(u.Path, u.Query().Get("t")); res.Code != http.StatusConflict {
			t.Errorf("answering again by the same link: %d", res.Code)
		}
	}
	_, all, err := s.Answers(t.Context(), v.Key)
	if err != nil || len(all) != 4 {
		t.Fatalf("%d answers, %v", len(all), err)
	}
	for _, r := range all {
		if r.MemberID+r.Invitation != 0 || r.Name+r.Email != "" || !r.CompletedAt.Equal(r.CompletedAt.Truncate(24*time.Hour)) || !r.StartedAt.Equal(r.CompletedAt) {
			t.Errorf("an anonymous answer is %+v", r)
		}
	}
	if fit(t, l, query.Members, "answered:*") != 0 || fit(t, l, query.Members, "nps:*") != 0 {
		t.Error("a query tells who answered")
	}
	res, err := s.Results(t.Context(), v.Key, "")
	if err != nil || !res.Few || len(res.Questions) != 0 || res.Reached != 4 {
		t.Errorf("of four answers: %+v, %v", res, err)
	}
	if got := answer("/c/survey/"+v.Key, ""); got.Code != http.StatusSeeOther {
		t.Errorf("by the open link: %d", got.Code)
	}
	if res, err = s.Results(t.Context(), v.Key, ""); err != nil || res.Few || res.Questions[0].NPS.Value != 100 || res.Questions[0].NPS.Population != 0 {
		t.Errorf("of five answers: %+v, %v", res, err)
	}
	if _, err := s.Results(t.Context(), v.Key, "is:active"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("by query: %v", err)
	}
	// They become activities on the next day, when nothing says any more at what time each was given.
	if err := s.Tell(t.Context()); err != nil || fit(t, l, query.Activities, "kind:survey_answer") != 0 {
		t.Errorf("told at once: %v", err)
	}
	if n, err := l.App.Store.ReleaseResponses(t.Context(), time.Now().AddDate(0, 0, 2)); err != nil || n != 5 {
		t.Errorf("released %d, %v", n, err)
	}
	if err := s.Tell(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.App.Projector.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fit(t, l, query.Activities, "kind:survey_answer"); got != 5 {
		t.Errorf("%d activities", got)
	}
}

// TestSurveyPages makes a survey on the pages, without scripts: from a template, changed in the editor, opened, looked at.
func TestSurveyPages(t *testing.T) {
	l, _ := house.Lumen(t)
	team := l.As(t, auth.RoleManager)
	res := l.Send(t, team, "POST", "/surveys", url.Values{"template": {"Interests"}})
	if res.Code != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/surveys/interests/edit") {
		t.Fatalf("making: %d to %s", res.Code, res.Header.Get("Location"))
	}
	if res = l.Send(t, team, "GET", "/surveys/interests/edit", nil); res.Code != 200 || !strings.Contains(res.Body, "speaking: Speaking at an event") {
		t.Fatalf("the editor: %d", res.Code)
	}
	form := formOf(res.Body)
	form.Set("q0-text", "What would you like?")
	form.Set("do", "add")
	if res = l.Send(t, team, "POST", "/surveys/interests/edit", form); res.Code != 200 || !strings.Contains(res.Body, "Question 4") {
		t.Fatalf("adding a question: %d", res.Code)
	}
	form = formOf(res.Body)
	form.Set("q3-text", "Anything else?")
	form.Set("do", "save")
	if res = l.Send(t, team, "POST", "/surveys/interests/edit", form); res.Code != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", res.Code, res.Body)
	}
	v, err := l.App.Store.FindSurvey(t.Context(), "interests")
	if err != nil || v.Version != 2 || len(v.Definition.Questions()) != 4 || v.Definition.Pages[0].Questions[0].Text.In("en", "en") != "What would you like?" {
		t.Fatalf("it became %+v, %v", v, err)
	}
	if q, _ := v.Definition.Question("topic"); q == nil || q.ShowIf == nil || q.ShowIf.Is[0] != "speaking" {
		t.Errorf("the condition became %+v", q)
	}
	form.Set("q0-choices", "one")
	if res = l.Send(t, team, "POST", "/surveys/interests/edit", form); res.Code != 200 || !strings.Contains(res.Body, "there are 1 choices; expected 2 to 50") {
		t.Errorf("a mistake: %d", res.Code)
	}
	if res = l.Send(t, team, "POST", "/surveys/interests/open", url.Values{}); res.Code != http.StatusSeeOther {
		t.Errorf("opening: %d", res.Code)
	}
	if res = l.Send(t, team, "GET", "/surveys/interests/ask", nil); res.Code != 200 || !strings.Contains(res.Body, "http://lumen.example/c/survey/interests") {
		t.Errorf("asking: %d", res.Code)
	}
	// Somebody answers by the open link and says who they are.
	nobody := servertest.Visitor(t)
	res = l.Send(t, nobody, "POST", "/c/survey/interests", url.Values{"p": {"what"}, "q.interests": {"speaking"}, "email": {"new.person@quiet-river.example"}, "name": {"Nia New"}})
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.Code != http.StatusSeeOther || u.Query().Get("r") == "" || u.Query().Get("p") != "talk" {
		t.Fatalf("answering: %d to %s", res.Code, u)
	}
	if res = l.Send(t, nobody, "POST", "/c/survey/interests", url.Values{"p": {"talk"}, "r": {u.Query().Get("r")}, "q.topic": {"Caching"}}); res.Code != http.StatusSeeOther {
		t.Errorf("the second page: %d", res.Code)
	}
	if res = l.Send(t, team, "GET", "/surveys/interests/answers", nil); !strings.Contains(res.Body, "Nia New") || !strings.Contains(res.Body, "Caching") {
		t.Errorf("the answers: %d", res.Code)
	}
	// Out and in again: nothing is added.
	csv := l.Send(t, team, "GET", "/surveys/interests/answers.csv", nil)
	if csv.Code != 200 || !strings.Contains(csv.Body, "Nia New,new.person@quiet-river.example") {
		t.Errorf("as CSV: %d %s", csv.Code, csv.Body)
	}
	s := l.App.Surveys(nil, "Lumen")
	more := "interests,email,completed_at,often\nwriting|beta,ben@old-hill.example,2026-03-01,day\nnonsense,x@y.example,,\n,,,\nwriting,c@old-hill.example,yesterday,\n"
	for i, want := range []int64{1, 0} {
		done, err := s.Import(t.Context(), "interests", strings.NewReader(more), "ana")
		if err != nil || done.Added != want || len(done.Rejected) != 3 || !strings.Contains(done.Rejected[0], "line 3: interests cannot be answered") {
			t.Errorf("import %d: %+v, %v", i, done, err)
		}
	}
	if res = l.Send(t, team, "GET", "/surveys/interests?by=activity", nil); res.Code != 200 || !strings.Contains(res.Body, "Make a cohort") {
		t.Errorf("the results: %d %s", res.Code, res.Body)
	}
	var doc struct{ Data struct{ Complete int } }
	if res = l.Send(t, team, "GET", "/api/v1/surveys/interests/results", nil); res.Code != 200 || json.Unmarshal([]byte(res.Body), &doc) != nil || doc.Data.Complete != 2 {
		t.Errorf("the API: %d %s", res.Code, res.Body)
	}
	if res = l.Send(t, team, "POST", "/surveys/interests/remove", url.Values{"name": {"Interests"}}); res.Code != http.StatusSeeOther {
		t.Errorf("removing: %d", res.Code)
	}
}

var inputs = regexp.MustCompile(`(?s)<(input|textarea|select)[^>]*?name="(q[0-9][^"]*|title|intro|thanks|language)"[^>]*>`)

// formOf reads the editor's form as a browser would send it.
func formOf(page string) url.Values {
	form := url.Values{}
	for _, at := range inputs.FindAllStringSubmatchIndex(page, -1) {
		tag, name, rest := page[at[0]:at[1]], page[at[4]:at[5]], page[at[1]:]
		switch page[at[2]:at[3]] {
		case "textarea":
			text, _, _ := strings.Cut(rest, "</textarea>")
			form.Set(name, unescape(text))
		case "select":
			options, _, _ := strings.Cut(rest, "</select>")
			if m := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(options); m != nil {
				form.Set(name, unescape(m[1]))
			}
		default:
			if strings.Contains(tag, `type="checkbox"`) && !strings.Contains(tag, " checked") {
				continue
			}
			value := "on"
			if m := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(tag); m != nil {
				value = unescape(m[1])
			}
			form.Set(name, value)
		}
	}
	return form
}

func unescape(s string) string {
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&quot;", `"`, "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// TestSurveyLooks looks at the pages of surveys, for the team and for members.
func TestSurveyLooks(t *testing.T) {
	browser := house.Browser(t)
	l, _ := house.Lumen(t)
	s, v := newSurvey(t, l, func(n *survey.New) { n.Settings.Who, n.Settings.Open = survey.Ask, true })
	nobody := servertest.Visitor(t)
	for i, m := range answeringMembers(t, l, 14) {
		link := invited(t, l, s, v.Key, m)
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			lookPublic(t, l, browser, map[string]string{"survey": link + "&a=4", "survey-open": "/c/survey/pulse?lang=de"})
		}
		if i > 11 {
			continue
		}
		token := u.Query().Get("t")
		l.Send(t, nobody, "POST", u.Path, url.Values{"t": {token}, "p": {"one"}, "q.recommend": {strconv.Itoa(3 + i%8)}, "q.uses": {"docs"}})
		if i == 0 {
			lookPublic(t, l, browser, map[string]string{"survey-2": u.Path + "?p=two&t=" + token})
		}
		l.Send(t, nobody, "POST", u.Path, url.Values{"t": {token}, "p": {"two"}, "q.why": {"Search finds nothing."}, "q.parts.api": {"good"}, "q.parts.ui": {"bad"}})
		if i == 0 {
			lookPublic(t, l, browser, map[string]string{"survey-end": link})
		}
	}
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	servertest.ComeIn(desk)
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/surveys")}
	for name, path := range map[string]string{"surveys": "/surveys", "results": "/surveys/pulse", "answers": "/surveys/pulse/answers", "edit": "/surveys/pulse/edit", "languages": "/surveys/pulse/languages?lang=de", "ask": "/surveys/pulse/ask"} {
		browsertest.Visit(t, desk.Tab, l.URL+path)
		desk.Look(1440)
		servertest.Shot(t, desk.Tab, "survey-"+name+"-desk")
		servertest.Dark(desk)
		browsertest.Visit(t, phone.Tab, l.URL+path)
		phone.Look(390)
		servertest.Shot(t, phone.Tab, "survey-"+name+"-phone")
	}
}
