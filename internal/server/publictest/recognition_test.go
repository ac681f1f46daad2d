// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/brand"
	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/recognition"
	"greenroom/internal/request"
	"greenroom/internal/server/servertest"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// grateful is a community in which something was praised, wished for and helped with, with a public board.
func grateful(t *testing.T) (l *servertest.Live, praise, wish int64) {
	t.Helper()
	l, _ = house.Lumen(t)
	messages := func(q string, n int) []int64 {
		t.Helper()
		parsed, err := query.Parse(query.NewSchema(query.Activities, []string{"message", "reply", "question"}), q)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.App.Store.ListActivities(t.Context(), list.Request{Query: parsed, Limit: list.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for i := range p.Items {
			m, err := l.App.Store.Member(t.Context(), p.Items[i].MemberID)
			if err == nil && len(p.Items[i].Body) > 60 && len(m.Emails) > 0 && !m.Staff && len(ids) < n {
				ids = append(ids, p.Items[i].ID)
			}
		}
		if len(ids) < n {
			t.Fatalf("%d messages fit %s, want %d", len(ids), q, n)
		}
		return ids
	}
	ids := messages("kind:message sort:-occurred", 8)
	for i, id := range ids {
		c := understand.Correction{ActivityID: id, Category: text.CategoryFeature, Sentiment: text.SentimentNeutral, By: "test"}
		if i%2 == 0 {
			c.Category, c.Sentiment = text.CategoryPraise, text.SentimentPositive
		}
		if _, err := l.App.Store.CorrectReading(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	q := l.App.Requests()
	if err := q.SetSettings(t.Context(), request.Settings{Board: true, Intro: "Tell us what is missing."}, "ana"); err != nil {
		t.Fatal(err)
	}
	for _, d := range []request.Draft{{ActivityID: ids[1]}, {Title: "Dark mode for dashboards", Text: "It is bright\nat night."}, {Title: "Alerts by SMS"}, {Title: "A cheaper plan for students"}} {
		if _, err := q.Add(t.Context(), d, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	return l, ids[0], ids[3]
}

// tokenIn is the token of the link in the latest message to somebody.
func tokenIn(t *testing.T, l *servertest.Live, to string) string {
	t.Helper()
	all, err := l.App.Store.MessageList(t.Context(), outbox.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].To != to {
			continue
		}
		found := regexp.MustCompile(`http://lumen\.example\S+\?t=(\S+)`).FindStringSubmatch(all[i].Text)
		if found == nil {
			t.Fatalf("no link in %s", all[i].Text)
		}
		token, err := url.QueryUnescape(found[1])
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	t.Fatalf("no message to %s", to)
	return ""
}

// TestQuoting is a testimonial from the candidate to its withdrawal, by the pages of the team and of the member.
func TestQuoting(t *testing.T) {
	l, praise, _ := grateful(t)
	team, nobody := l.As(t, auth.RoleManager), servertest.Visitor(t)
	res := l.Send(t, team, "GET", "/recognition/testimonials", nil)
	if res.Code != 200 || !strings.Contains(res.Body, `name="activity" value="`+strconv.FormatInt(praise, 10)+`"`) {
		t.Fatalf("the candidates: %d\n%s", res.Code, res.Body)
	}
	res = l.Send(t, team, "POST", "/recognition/testimonials/ask", url.Values{"activity": {strconv.FormatInt(praise, 10)}, "do": {"ask"}})
	page, _, _ := strings.Cut(res.Header.Get("Location"), "?")
	if res.Code != http.StatusSeeOther || !strings.HasPrefix(page, "/recognition/testimonials/") {
		t.Fatalf("asking: %d to %s\n%s", res.Code, page, res.Body)
	}
	all, err := l.App.Store.MessageList(t.Context(), outbox.Filter{Origin: "recognition"})
	if err != nil || len(all) != 1 || all[0].State != outbox.Draft {
		t.Fatalf("the messages are %+v, %v", all, err)
	}
	form := url.Values{"t": {tokenIn(t, l, all[0].To)}}
	res = l.Send(t, nobody, "GET", "/c/testimonial?"+form.Encode(), nil)
	if res.Code != 200 || !strings.Contains(res.Body, "May we quote you?") {
		t.Fatalf("the member's page: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "GET", "/c/testimonial?t=guess", nil); res.Code != 404 {
		t.Errorf("a guess: %d", res.Code)
	}
	said := func(do string, more url.Values) servertest.Answer {
		t.Helper()
		v := url.Values{"t": form["t"], "do": {do}}
		for name, values := range more {
			v[name] = values
		}
		return l.Send(t, nobody, "POST", "/c/testimonial", v)
	}
	if res = said("yes", url.Values{"quote": {" "}, "naming": {"A. T."}}); res.Code != 422 || !strings.Contains(res.Body, "The quote is empty") {
		t.Errorf("yes to nothing: %d", res.Code)
	}
	if res = said("yes", url.Values{"quote": {"It is <b>fast</b>."}, "naming": {"own"}, "own": {"A. T., baker"}}); res.Code != http.StatusSeeOther {
		t.Errorf("yes: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "GET", "/c/testimonial?"+form.Encode(), nil); !strings.Contains(res.Body, "A. T., baker") || !strings.Contains(res.Body, "It is &lt;b&gt;fast&lt;/b&gt;.") {
		t.Errorf("after yes: %s", res.Body)
	}
	if res = l.Send(t, team, "GET", page, nil); !strings.Contains(res.Body, "may be used") || !strings.Contains(res.Body, "may quote these words of mine in public") {
		t.Errorf("the team's page: %s", res.Body)
	}
	if res = l.Send(t, team, "POST", page+"/uses", url.Values{"link": {"https://lumen.example/customers"}}); res.Code != http.StatusSeeOther {
		t.Errorf("using it: %d", res.Code)
	}
	if res = l.Send(t, team, "GET", "/recognition/testimonials.csv", nil); !strings.Contains(res.Body, `It is <b>fast</b>.,"A. T., baker"`) {
		t.Errorf("the sheet: %s", res.Body)
	}
	if res = said("no", nil); res.Code != http.StatusSeeOther {
		t.Errorf("withdrawing: %d", res.Code)
	}
	if res = l.Send(t, team, "GET", "/recognition/testimonials.csv", nil); strings.Contains(res.Body, "fast") {
		t.Errorf("after withdrawing, the sheet: %s", res.Body)
	}
}

// TestVoting votes and proposes on the public board without JavaScript in a browser, by a link in a mail.
func TestVoting(t *testing.T) {
	browser := house.Browser(t)
	l, _, _ := grateful(t)
	k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/c/requests")}
	browsertest.WithoutScripts(t, k.Tab)
	browsertest.Visit(t, k.Tab, l.URL+"/c/requests/2")
	k.Reach("Tab", "#email")
	k.Write("kim@far.example")
	k.Press("Enter")
	k.Arrive("document.querySelector('h1').textContent === 'Look into your mail'")
	votes := func(id int64) int64 {
		t.Helper()
		r, err := l.App.Requests().Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return r.Votes
	}
	confirm := "/c/requests/confirm?" + url.Values{"t": {tokenIn(t, l, "kim@far.example")}}.Encode()
	browsertest.Visit(t, k.Tab, l.URL+confirm)
	if votes(2) != 0 {
		t.Error("looking at the link voted")
	}
	k.Reach("Tab", "main button")
	k.Press("Enter")
	k.Arrive("document.querySelector('h1').textContent === 'Thank you!'")
	if votes(2) != 1 {
		t.Errorf("there are %d votes, want 1", votes(2))
	}
	k.Reach("Tab", "button.plain")
	k.Press("Enter")
	k.Arrive("document.querySelector('h1').textContent === 'Taken back'")
	if votes(2) != 0 {
		t.Errorf("there are %d votes, want 0", votes(2))
	}
	browsertest.Visit(t, k.Tab, l.URL+"/c/requests/new")
	k.Reach("Tab", "#title")
	k.Write("Maps")
	k.Reach("Tab", "#email")
	k.Write("lee@far.example")
	k.Press("Enter")
	k.Arrive("document.querySelector('h1').textContent === 'Look into your mail'")
	browsertest.Visit(t, k.Tab, l.URL+"/c/requests/confirm?"+url.Values{"t": {tokenIn(t, l, "lee@far.example")}}.Encode())
	k.Reach("Tab", "main button")
	k.Press("Enter")
	k.Arrive("/team looks at/.test(document.querySelector('main').textContent)")
	if all, err := l.App.Requests().List(t.Context(), request.Filter{Review: true}); err != nil || len(all) != 1 || all[0].Title != "Maps" || all[0].Votes != 1 {
		t.Errorf("the proposals are %+v, %v", all, err)
	}
}

// TestBoardIsClosed keeps the board from everybody while the team has not turned it on, and what is not shown at any time.
func TestBoardIsClosed(t *testing.T) {
	l, _, _ := grateful(t)
	nobody := servertest.Visitor(t)
	hidden, err := l.App.Requests().Add(t.Context(), request.Draft{Title: "Secret plan", Hidden: true}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if res := l.Send(t, nobody, "GET", "/c/requests", nil); res.Code != 200 || strings.Contains(res.Body, "Secret plan") || !strings.Contains(res.Body, "Dark mode for dashboards") {
		t.Errorf("the board: %d\n%s", res.Code, res.Body)
	}
	path := "/c/requests/" + strconv.FormatInt(hidden.ID, 10)
	for _, method := range []string{"GET", "POST"} {
		if res := l.Send(t, nobody, method, path, url.Values{"email": {"kim@far.example"}}); res.Code != 404 {
			t.Errorf("%s of what is not shown: %d", method, res.Code)
		}
	}
	// A link of one's own votes at once; that of another page does not.
	member, err := strconv.ParseInt(servertest.Person(t, l), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	link, err := l.App.Links().Requests(t.Context(), member, 2)
	own := url.Values{"t": {tokenOf(t, link, err)}}
	if res := l.Send(t, nobody, "POST", "/c/requests/2", own); res.Code != http.StatusSeeOther {
		t.Errorf("voting by a link: %d", res.Code)
	}
	if res := l.Send(t, nobody, "GET", "/c/requests/2?"+own.Encode(), nil); !strings.Contains(res.Body, "You voted for it") || !strings.Contains(res.Body, "1 vote<") {
		t.Errorf("after that:\n%s", res.Body)
	}
	if res := l.Send(t, nobody, "POST", "/c/requests/2", url.Values{"t": own["t"], "back": {"1"}}); res.Code != http.StatusSeeOther {
		t.Errorf("taking it back: %d", res.Code)
	}
	if res := l.Send(t, nobody, "POST", "/c/requests/2", url.Values{"email": {"no address"}}); res.Code != 422 || !strings.Contains(res.Body, "no mail address") {
		t.Errorf("voting by nothing: %d", res.Code)
	}
	if err := l.App.Requests().SetSettings(t.Context(), request.Settings{}, "ana"); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/c/requests", "/c/requests/2", "/c/requests/new"} {
		if res := l.Send(t, nobody, "GET", p, nil); res.Code != 404 {
			t.Errorf("%s while the board is off: %d", p, res.Code)
		}
	}
}

// TestRecognitionLooks looks at the pages of recognition and requests, of the team and of members.
func TestRecognitionLooks(t *testing.T) {
	browser := house.Browser(t)
	l, praise, wish := grateful(t)
	if err := l.App.Brand().SetBrand(t.Context(), brand.Brand{Address: l.URL}, "ana"); err != nil {
		t.Fatal(err)
	}
	asked, err := l.App.Recognition().Ask(t.Context(), praise, "ana")
	if err != nil {
		t.Fatal(err)
	}
	link, err := l.App.Links().Testimonial(t.Context(), asked.ID)
	token := url.Values{"t": {tokenOf(t, link, err)}}.Encode()
	member, err := strconv.ParseInt(servertest.Person(t, l), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	link, err = l.App.Links().Requests(t.Context(), member, 1)
	mine := url.Values{"t": {tokenOf(t, link, err)}}.Encode()
	link, err = l.App.Links().ConfirmVote(t.Context(), 1, "kim@far.example")
	vote := url.Values{"t": {tokenOf(t, link, err)}}.Encode()
	lookPublic(t, l, browser, map[string]string{
		"testimonial": "/c/testimonial?" + token, "requests": "/c/requests", "request": "/c/requests/2", "request-mine": "/c/requests/1?" + mine, "propose": "/c/requests/new", "confirm": "/c/requests/confirm?" + vote,
	})
	if err := l.App.Recognition().Grant(t.Context(), asked.ID, recognition.Grant{Quote: asked.Quote, Naming: "Ana T.", Statement: "They may.", Link: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.App.Recognition().Use(t.Context(), asked.ID, "https://lumen.example/customers", "front page", time.Time{}, "ana"); err != nil {
		t.Fatal(err)
	}
	if err := l.App.Requests().VoteAs(t.Context(), 2, member, true); err != nil {
		t.Fatal(err)
	}
	if err := l.App.Requests().Link(t.Context(), wish, 2, "ana"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.App.Requests().Move(t.Context(), 2, request.Planned, "In spring.", true, "ana"); err != nil {
		t.Fatal(err)
	}
	lookPublic(t, l, browser, map[string]string{"testimonial-granted": "/c/testimonial?" + token})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	servertest.ComeIn(come)
	for name, path := range map[string]string{
		"thanks": "/recognition", "milestones": "/recognition/milestones", "candidates": "/recognition/testimonials", "testimonial": "/recognition/testimonials/" + strconv.FormatInt(asked.ID, 10), "recognition settings": "/recognition/settings",
		"requests": "/requests", "request list": "/requests?view=list", "request": "/requests/2", "wishes": "/requests/candidates", "request settings": "/requests/settings",
	} {
		for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.URL+path)}
				k.Look(v.Width)
				servertest.Shot(t, k.Tab, "recognition-"+name+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
				}
			})
		}
	}
}
