// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"
	"golang.org/x/net/html"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/web/static"
	"greenroom/internal/web/ui"
)

func view[T any](t *testing.T, kit *ui.Kit, files ...string) *template.Template {
	t.Helper()
	for i := range files {
		files[i] = "templates/" + files[i]
	}
	v, err := ui.Parse[T](kit, templates, files...)
	if err != nil {
		t.Fatal(err)
	}
	return v.Template()
}

// TestTemplatesAreTyped checks every page's template against the struct that it shows.
func TestTemplatesAreTyped(t *testing.T) {
	assets, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	kit, err := ui.New(assets, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]struct {
		tmpl *template.Template
		data any
	}{
		"access.html":              {view[accessBody](t, kit, "access.html"), ui.Page[accessBody]{}},
		"action.html":              {view[actionBody](t, kit, "action.html"), ui.Page[actionBody]{}},
		"assistant.html":           {view[assistantBody](t, kit, "assistant.html"), ui.Page[assistantBody]{}},
		"actions.html":             {view[actionsBody](t, kit, "actions.html"), ui.Page[actionsBody]{}},
		"writeback.html":           {view[writeBackBody](t, kit, "writeback.html"), ui.Page[writeBackBody]{}},
		"alert.html":               {view[alertBody](t, kit, "alert.html"), ui.Page[alertBody]{}},
		"alertedit.html":           {view[alertEditBody](t, kit, "alertedit.html"), ui.Page[alertEditBody]{}},
		"alerts.html":              {view[alertsBody](t, kit, "alerts.html"), ui.Page[alertsBody]{}},
		"activities.html":          {view[activitiesBody](t, kit, "activities.html"), ui.Page[activitiesBody]{}},
		"conversations.html":       {view[conversationsBody](t, kit, "conversations.html", "message.html"), ui.Page[conversationsBody]{}},
		"message.html":             {view[conversationsBody](t, kit, "conversations.html", "message.html"), ui.Page[conversationsBody]{}},
		"inbox.html":               {view[inboxBody](t, kit, "inbox.html", "message.html"), ui.Page[inboxBody]{}},
		"inboxsettings.html":       {view[inboxSettingsBody](t, kit, "inboxsettings.html"), ui.Page[inboxSettingsBody]{}},
		"inboxwaits.html":          {view[waitsBody](t, kit, "inboxwaits.html"), ui.Page[waitsBody]{}},
		"tasks.html":               {view[tasksBody](t, kit, "tasks.html"), ui.Page[tasksBody]{}},
		"notices.html":             {view[noticesBody](t, kit, "notices.html"), ui.Page[noticesBody]{}},
		"error.html":               {view[errorBody](t, kit, "error.html"), ui.Page[errorBody]{}},
		"asksql.html":              {view[sqlBody](t, kit, "asksql.html"), ui.Page[sqlBody]{}},
		"finder.html":              {view[finderBody](t, kit, "finder.html"), ui.Page[finderBody]{}},
		"goals.html":               {view[goalsBody](t, kit, "goals.html"), ui.Page[goalsBody]{}},
		"processes.html":           {view[processesBody](t, kit, "processes.html"), ui.Page[processesBody]{}},
		"process.html":             {view[processBody](t, kit, "process.html"), ui.Page[processBody]{}},
		"processdoc.html":          {view[processDocBody](t, kit, "processdoc.html"), ui.Page[processDocBody]{}},
		"team.html":                {view[crewBody](t, kit, "team.html"), ui.Page[crewBody]{}},
		"myday.html":               {view[dayBody](t, kit, "myday.html"), ui.Page[dayBody]{}},
		"goal.html":                {view[goalBody](t, kit, "goal.html"), ui.Page[goalBody]{}},
		"goaledit.html":            {view[goalEditBody](t, kit, "goaledit.html"), ui.Page[goalEditBody]{}},
		"goalguide.html":           {view[goalGuideBody](t, kit, "goalguide.html"), ui.Page[goalGuideBody]{}},
		"roadmap.html":             {view[roadmapBody](t, kit, "roadmap.html", "timeline.html"), ui.Page[roadmapBody]{}},
		"timeline.html":            {view[planBody](t, kit, "plan.html", "timeline.html"), ui.Page[planBody]{}},
		"plan.html":                {view[planBody](t, kit, "plan.html", "timeline.html"), ui.Page[planBody]{}},
		"planedit.html":            {view[planEditBody](t, kit, "planedit.html"), ui.Page[planEditBody]{}},
		"health.html":              {view[healthBody](t, kit, "health.html"), ui.Page[healthBody]{}},
		"insights.html":            {view[insightsBody](t, kit, "insights.html"), ui.Page[insightsBody]{}},
		"mapping.html":             {view[mappingBody](t, kit, "mapping.html"), ui.Page[mappingBody]{}},
		"matches.html":             {view[matchesBody](t, kit, "matches.html"), ui.Page[matchesBody]{}},
		"organizationmatches.html": {view[organizationMatchesBody](t, kit, "organizationmatches.html"), ui.Page[organizationMatchesBody]{}},
		"matchpictures.html":       {view[matchPicturesBody](t, kit, "matchpictures.html"), ui.Page[matchPicturesBody]{}},
		"matchrules.html":          {view[matchRulesBody](t, kit, "matchrules.html"), ui.Page[matchRulesBody]{}},
		"member.html":              {view[memberBody](t, kit, "member.html"), ui.Page[memberBody]{}},
		"members.html":             {view[membersBody](t, kit, "members.html"), ui.Page[membersBody]{}},
		"organization.html":        {view[organizationBody](t, kit, "organization.html"), ui.Page[organizationBody]{}},
		"organizations.html":       {view[organizationsBody](t, kit, "organizations.html"), ui.Page[organizationsBody]{}},
		"connect.html":             {view[connectBody](t, kit, "connect.html", "connectparts.html"), ui.Page[connectBody]{}},
		"connectparts.html":        {view[connectBody](t, kit, "connect.html", "connectparts.html"), ui.Page[connectBody]{}},
		"sourcesettings.html":      {view[sourceSettingsBody](t, kit, "sourcesettings.html", "connectparts.html"), ui.Page[sourceSettingsBody]{}},
		"pushout.html":             {view[pushOutBody](t, kit, "pushout.html"), ui.Page[pushOutBody]{}},
		"push.html":                {view[pushBody](t, kit, "push.html"), ui.Page[pushBody]{}},
		"board.html":               {view[boardBody](t, kit, "board.html"), ui.Page[boardBody]{}},
		"month.html":               {view[monthBody](t, kit, "month.html"), ui.Page[monthBody]{}},
		"segments.html":            {view[segmentsBody](t, kit, "segments.html"), ui.Page[segmentsBody]{}},
		"segment.html":             {view[segmentBody](t, kit, "segment.html"), ui.Page[segmentBody]{}},
		"segmentedit.html":         {view[segmentEditBody](t, kit, "segmentedit.html"), ui.Page[segmentEditBody]{}},
		"knowledge.html":           {view[knowledgeBody](t, kit, "cards.html", "knowledge.html"), ui.Page[knowledgeBody]{}},
		"cards.html":               {view[cardsBody](t, kit, "cards.html"), ui.Page[cardsBody]{}},
		"surveys.html":             {view[surveysBody](t, kit, "surveys.html"), ui.Page[surveysBody]{}},
		"survey.html":              {view[surveyBody](t, kit, "survey.html"), ui.Page[surveyBody]{}},
		"surveyask.html":           {view[surveyAskBody](t, kit, "surveyask.html"), ui.Page[surveyAskBody]{}},
		"surveylanguages.html":     {view[surveyLanguagesBody](t, kit, "surveylanguages.html"), ui.Page[surveyLanguagesBody]{}},
		"surveyedit.html":          {view[surveyEditBody](t, kit, "surveyedit.html"), ui.Page[surveyEditBody]{}},
		"reading.html":             {view[readingBody](t, kit, "reading.html"), ui.Page[readingBody]{}},
		"digest.html":              {view[digestBody](t, kit, "digest.html"), ui.Page[digestBody]{}},
		"settings.html":            {view[settingsBody](t, kit, "settings.html"), ui.Page[settingsBody]{}},
		"sheet.html":               {view[sheetBody](t, kit, "sheet.html"), ui.Page[sheetBody]{}},
		"source.html":              {view[sourceBody](t, kit, "source.html", "notice.html"), ui.Page[sourceBody]{}},
		"notice.html":              {view[todayBody](t, kit, "today.html", "notice.html"), ui.Page[todayBody]{}},
		"sources.html":             {view[sourcesBody](t, kit, "sources.html", "notice.html"), ui.Page[sourcesBody]{}},
		"start.html":               {view[startBody](t, kit, "start.html"), ui.Page[startBody]{}},
		"annotations.html":         {view[annotationsBody](t, kit, "annotations.html"), ui.Page[annotationsBody]{}},
		"topic.html":               {view[topicBody](t, kit, "topic.html"), ui.Page[topicBody]{}},
		"topics.html":              {view[topicsBody](t, kit, "topics.html"), ui.Page[topicsBody]{}},
		"workflows.html":           {view[workflowsBody](t, kit, "workflows.html", "workflowparts.html"), ui.Page[workflowsBody]{}},
		"workflownew.html":         {view[workflowNewBody](t, kit, "workflownew.html", "workflowparts.html"), ui.Page[workflowNewBody]{}},
		"workflow.html":            {view[workflowBody](t, kit, "workflow.html", "workflowparts.html"), ui.Page[workflowBody]{}},
		"workflowedit.html":        {view[workflowEditBody](t, kit, "workflowedit.html", "workflowparts.html"), ui.Page[workflowEditBody]{}},
		"workflowparts.html":       {view[workflowEditBody](t, kit, "workflowedit.html", "workflowparts.html"), ui.Page[workflowEditBody]{}},
		"workflowdry.html":         {view[workflowDryBody](t, kit, "workflowdry.html", "workflowparts.html"), ui.Page[workflowDryBody]{}},
		"workflowruns.html":        {view[workflowRunsBody](t, kit, "workflowruns.html"), ui.Page[workflowRunsBody]{}},
		"workflowmove.html":        {view[workflowMoveBody](t, kit, "workflowmove.html"), ui.Page[workflowMoveBody]{}},
		"workflowrun.html":         {view[workflowRunBody](t, kit, "workflowrun.html"), ui.Page[workflowRunBody]{}},
		"outbox.html":              {view[outboxBody](t, kit, "outbox.html"), ui.Page[outboxBody]{}},
		"outboxmessage.html":       {view[messageBody](t, kit, "outboxmessage.html"), ui.Page[messageBody]{}},
		"account.html":             {view[accountBody](t, kit, "account.html"), ui.Page[accountBody]{}},
		"accounts.html":            {view[accountsBody](t, kit, "accounts.html"), ui.Page[accountsBody]{}},
		"business.html":            {view[businessBody](t, kit, "business.html"), ui.Page[businessBody]{}},
		"impact.html":              {view[impactBody](t, kit, "impact.html"), ui.Page[impactBody]{}},
		"report.html":              {view[reportBody](t, kit, "report.html"), ui.Page[reportBody]{}},
		"reportedit.html":          {view[reportEditBody](t, kit, "reportedit.html"), ui.Page[reportEditBody]{}},
		"reportedition.html":       {view[reportEditionBody](t, kit, "reportedition.html"), ui.Page[reportEditionBody]{}},
		"reportpaper.html":         {view[reportPaperBody](t, kit, "reportpaper.html"), ui.Page[reportPaperBody]{}},
		"reportrestate.html":       {view[reportRestateBody](t, kit, "reportrestate.html"), ui.Page[reportRestateBody]{}},
		"reports.html":             {view[reportsBody](t, kit, "reports.html"), ui.Page[reportsBody]{}},
		"toolpage.html":            {view[toolBody](t, kit, "toolpage.html"), ui.Page[toolBody]{}},
		"today.html":               {view[todayBody](t, kit, "today.html", "notice.html"), ui.Page[todayBody]{}},
	}
	files, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		p, ok := pages[f.Name()]
		if !ok {
			t.Errorf("%s is not checked here", f.Name())
			continue
		}
		if err := templatecheck.CheckHTML(p.tmpl, p.data); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
}

// shown lists the pages with the status that they answer with.
func shown() map[string]int {
	return map[string]int{
		"/": 200, "/members": 200, "/members?q=name:x+sort:-activities": 200, "/members?q=fame:x": 200, "/members/7": 200, "/members/7?q=is:question": 200, "/members/7?q=(": 200, "/members/9": 200,
		"/segments": 200, "/segments/helpers": 200, "/segments/helpers?as_of=2026-11-20&with=other&events=all": 200, "/segments/helpers?as_of=nonsense&below=x": 200, "/segments/nobody": 404, "/segments/new": 200, "/segments/new?q=" + url.QueryEscape(payload): 200,
		"/segments/new?q=tag:x&was=tag:x&lines=2&f0=tag&o0=is&v0=" + url.QueryEscape(payload) + "&f1=did&o1=is&do=group": 200, "/segments/helpers/edit": 200,
		"/alerts": 200, "/alerts/3": 200, "/alerts/3?below=4": 200, "/alerts/9": 404, "/alerts/x": 404, "/alerts/new": 200, "/alerts/new?watch=metric": 200, "/alerts/new?watch=source": 200, "/alerts/new?watch=" + url.QueryEscape(payload): 200, "/alerts/new?template=A+trial+customer+asks": 200,
		"/alerts/new?name=x&watch=members&q=" + url.QueryEscape(payload): 200, "/alerts/3/edit": 200, "/alerts/3/edit?suggested=" + url.QueryEscape(payload): 200, "/alerts/answer?t=good": 200, "/alerts/answer?t=" + url.QueryEscape(payload): 404, "/settings/sending": 200, enrichmentPath: 200, enrichmentPath + "?after=x": 200,
		"/organizations": 200, "/organizations/5": 200, "/organizations/matches": 200, "/conversations": 200, "/conversations?q=is:nothing": 200, "/conversations/30": 200, "/conversations/30?q=is:waiting&at=x": 200,
		"/activities": 200, "/insights": 200, "/insights/active_members": 200, "/insights/active_members?by=month&breakdown=source&q=is:question": 200, "/insights/retention": 200,
		"/insights/questions?breakdown=nonsense&by=week": 200, "/insights/nonsense": 404, "/sources": 200, "/sources/forum": 200, "/sources/" + url.PathEscape(payload): 200,
		"/live": 200, "/sources/nothing": 404, "/start": 200, "/start/box": 200, "/start/box/preview": 404, "/start/wire/preview?path=x": 404, "/start/register/preview?path=x": 200, "/start/register/preview?path=x&mapped-as=letters&column-1=-&column-2=from": 200, "/start/nothing": 404, "/start?q=morse": 200, "/start?q=" + url.QueryEscape(payload): 200, "/start/wire": 200, "/sources/office/settings": 200, "/sources/forum/settings": 200, "/sources/office/push": 200, "/sources/forum/push": 404, "/sources/nothing/settings": 404,
		"/settings": 200, "/settings/people": 200, "/settings/account": 200, "/settings/audit": 200, "/nothing": 404, "/members/x": 404, "/members/1234": 404, "/conversations/99": 404, "/activities/99": 404,
	}
}

// TestHostileContent shows every page with content that tries to break out of its place: nothing of it becomes an
// element, an attribute or an address, keys are told apart, and ids are there once.
func TestHostileContent(t *testing.T) {
	h := full(t)
	s := h.site()
	for target, want := range shown() {
		w := visit(t, s, auth.RoleOwner, "GET", target, nil)
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", target, w.Code, want)
		}
		sound(t, target, w)
	}
	h.running = true
	sound(t, "a source that is read", visit(t, s, auth.RoleOwner, "GET", "/sources/forum", nil))
	for _, target := range []string{"/settings/people/invite", "/settings/people/2/link", "/settings/tokens"} {
		w := visit(t, s, auth.RoleOwner, "POST", target, url.Values{"email": {payload}, "role": {"viewer"}, "scope": {"read"}})
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", target, w.Code)
		}
		sound(t, target, w)
	}
}

// sound checks what is true of every page.
func sound(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	page := parse(t, w)
	for _, selector := range []string{"img[src=x]", "script:not([src])", "[onerror]", "[style]", "style", "iframe", "a[href^='#Zgotmpl']"} {
		if found := cascadia.QueryAll(page, cascadia.MustCompile(selector)); len(found) > 0 {
			t.Errorf("%s has %s", name, selector)
		}
	}
	ids, keys := make(map[string]bool), make(map[string]bool)
	for node := range page.Descendants() {
		for _, a := range node.Attr {
			switch a.Key {
			case "href", "src", "action", "data-href", "formaction", "hx-get", "hx-post":
				u, err := url.Parse(a.Val)
				if err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Scheme == "" && u.Host != "" {
					t.Errorf("%s leads to %q", name, a.Val)
				}
			case "id":
				if ids[a.Val] {
					t.Errorf("%s has the id %q twice", name, a.Val)
				}
				ids[a.Val] = true
			case "data-key":
				if keys[a.Val] {
					t.Errorf("%s has the key %q twice", name, a.Val)
				}
				keys[a.Val] = true
			}
		}
	}
}

func TestOutside(t *testing.T) {
	for to, want := range map[string]string{
		"https://a.example/x?y=z#w": "https://a.example/x?y=z#w", "HTTP://a.example": "http://a.example", "": "", "javascript:alert(1)": "", "JavaScript:alert(1)": "", " javascript:alert(1)": "",
		"java\nscript:alert(1)": "", "data:text/html,x": "", "file:///etc/passwd": "", "//a.example": "", "/members": "", "https:///x": "", "https:javascript": "", "mailto:a@b.example": "",
	} {
		if got := outside(to); got != want {
			t.Errorf("outside(%q) = %q, want %q", to, got, want)
		}
	}
	for to, want := range map[string]string{
		"/members?q=x": "/members?q=x", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/\tx": "/", "members": "/", "": "/",
	} {
		if got := inside(to).String(); got != want {
			t.Errorf("inside(%q) = %q, want %q", to, got, want)
		}
	}
}

// text is what a selector's elements say.
func textOf(page *html.Node, selector string) string {
	var out []string
	for _, found := range cascadia.QueryAll(page, cascadia.MustCompile(selector)) {
		for node := range found.Descendants() {
			if node.Type == html.TextNode {
				out = append(out, node.Data)
			}
		}
	}
	return strings.Join(strings.Fields(strings.Join(out, " ")), " ")
}

// TestQueryErrors holds that every list points at the place of a mistake and offers what was meant.
func TestQueryErrors(t *testing.T) {
	s := full(t).site()
	for _, path := range []string{"/members", "/organizations", "/activities", "/conversations", "/members/7", "/insights/active_members"} {
		page := parse(t, visit(t, s, auth.RoleViewer, "GET", path+"?q="+url.QueryEscape("last_activ:<30d"), nil))
		if path == "/activities" || path == "/members/7" || path == "/insights/active_members" {
			page = parse(t, visit(t, s, auth.RoleViewer, "GET", path+"?q="+url.QueryEscape("chanel:#help"), nil))
		}
		if got := textOf(page, ".query-caret b"); got != "^" {
			t.Errorf("%s: the caret is %q", path, got)
		}
		if got := textOf(page, ".query-error button"); !strings.HasPrefix(got, "Use ") {
			t.Errorf("%s offers %q", path, got)
		}
		if got := cascadia.QueryAll(page, cascadia.MustCompile("main table.stacks tbody tr, main .rows[aria-label=Activities] > li, .pick .rows > li")); len(got) > 0 {
			t.Errorf("%s shows %d rows beside the mistake", path, len(got))
		}
	}
}

// TestDays opens the calendar's days and a metric's points as queries that the lists understand.
func TestDays(t *testing.T) {
	h := full(t)
	s := h.site()
	page := parse(t, visit(t, s, auth.RoleViewer, "GET", "/members/7", nil))
	if got := len(cascadia.QueryAll(page, cascadia.MustCompile("rect[data-href^='/members/7?q=occurred']"))); got != 2 {
		t.Errorf("%d days open, want 2", got)
	}
	var data struct {
		Series []struct{ Hrefs []string }
	}
	for _, metric := range analytics.Catalog() {
		if metric.Name == "retention" {
			continue
		}
		for _, breakdown := range []string{"", "source"} {
			page := parse(t, visit(t, s, auth.RoleViewer, "GET", "/insights/"+metric.Name+"?breakdown="+breakdown, nil))
			island := cascadia.Query(page, cascadia.MustCompile("[data-chart]"))
			for _, a := range island.Attr {
				if a.Key == "data-chart" {
					if err := json.Unmarshal([]byte(a.Val), &data); err != nil {
						t.Fatal(err)
					}
				}
			}
			opened := visit(t, s, auth.RoleViewer, "GET", data.Series[0].Hrefs[0], nil)
			if got := textOf(parse(t, opened), ".query-error"); got != "" {
				t.Errorf("a point of %s by %q opens %s: %s", metric.Name, breakdown, data.Series[0].Hrefs[0], got)
			}
		}
	}
}

func TestSpans(t *testing.T) {
	saturday := time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		g       analytics.Granularity
		cohorts bool
		from    string
	}{
		{analytics.Day, false, "2026-09-23"},
		{analytics.Week, false, "2025-11-24"},
		{analytics.Month, false, "2024-12-01"},
		{analytics.Quarter, false, "2024-01-01"},
		{analytics.Month, true, "2025-12-01"},
		{analytics.Quarter, true, "2025-01-01"},
		{analytics.Week, true, "2026-08-24"},
	} {
		from, to := spanOf(tt.g, saturday, tt.cohorts)
		if got := from.Format(time.DateOnly); got != tt.from || to.Format(time.DateOnly) != "2026-11-22" {
			t.Errorf("%s: %s to %s, want from %s", tt.g, got, to, tt.from)
		}
		if tt.g == analytics.Week && from.Weekday() != time.Monday {
			t.Errorf("weeks begin on a %s", from.Weekday())
		}
	}
	for hour, want := range map[int]string{0: "Good evening", 4: "Good evening", 5: "Good morning", 12: "Good afternoon", 18: "Good evening"} {
		if got := greeting(time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("at %d: %s", hour, got)
		}
	}
}

// TestFirstRun leads from nothing to a first import.
func TestFirstRun(t *testing.T) {
	h := &house{t: t, dir: t.TempDir()}
	s := h.site()
	page := parse(t, visit(t, s, auth.RoleOwner, "GET", "/", nil))
	if cascadia.Query(page, cascadia.MustCompile(".guide-now a[href='/start']")) == nil {
		t.Error("the first page does not lead to an import")
	}
	for _, target := range []string{"/members", "/organizations", "/activities", "/conversations", "/sources", "/insights"} {
		w := visit(t, s, auth.RoleOwner, "GET", target, nil)
		sound(t, target, w)
		if got := textOf(parse(t, w), ".vacant-title"); w.Code != 200 || got == "" {
			t.Errorf("%s without data: %d %q", target, w.Code, got)
		}
	}
}

// TestNext holds what is suggested on a member's page: a question that waits, somebody of the same name, silence.
func TestNext(t *testing.T) {
	h := full(t)
	s := h.site()
	page := parse(t, visit(t, s, auth.RoleContributor, "GET", "/members/7", nil))
	if got := textOf(page, "main .row-lead .pill"); !strings.Contains(got, "Waits 3 d Same name Gone quiet") {
		t.Errorf("suggests %q", got)
	}
	h.members[0].Staff = true
	page = parse(t, visit(t, s, auth.RoleContributor, "GET", "/members/7", nil))
	if got := textOf(page, "main .row-lead .pill"); strings.Contains(got, "Waits") {
		t.Errorf("of staff suggests %q", got)
	}
	h.activities = nil
	page = parse(t, visit(t, s, auth.RoleContributor, "GET", "/members/9", nil))
	if got := textOf(page, ".vacant-title"); got != "No activity yet" {
		t.Errorf("of somebody who did nothing says %q", got)
	}
}

func TestParagraphs(t *testing.T) {
	got := paragraphs("Hello\n> said she\n> twice\nyes\n```go\nx := 1\n\n> 2\n```\nend ```not a fence\n")
	want := []paragraph{{Text: "Hello"}, {Text: "said she\ntwice", Quote: true}, {Text: "yes"}, {Text: "x := 1\n\n> 2", Code: true}, {Text: "end ```not a fence"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := paragraphs(""); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestStatusOfErrors(t *testing.T) {
	for code, want := range map[greenroom.Code]int{
		greenroom.CodeInvalid: 422, greenroom.CodeNotFound: 404, greenroom.CodeConflict: 409, greenroom.CodeUnauthorized: 401, greenroom.CodeForbidden: 403, greenroom.CodeLimited: 429, greenroom.CodeUnavailable: 503, greenroom.CodeInternal: 500,
	} {
		if got := authhttp.Status(greenroom.Errorf(code, "x")); got != want {
			t.Errorf("%v is %d, want %d", code, got, want)
		}
	}
	if got := sentence("übel."); got != "Übel." {
		t.Errorf("a sentence is %q", got)
	}
}

func BenchmarkPages(b *testing.B) {
	h := full(&testing.T{})
	for len(h.members) < 50 {
		h.members = append(h.members, h.members[0])
	}
	s := h.site()
	for _, target := range []string{"/members", "/members/7", "/conversations/30"} {
		b.Run(target, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), "GET", target, nil)
				r = r.WithContext(auth.With(r.Context(), auth.Caller{User: auth.User{ID: 1, Email: "a@b.example", Role: auth.RoleOwner}}))
				w := httptest.NewRecorder()
				if s.ServeHTTP(w, r); w.Code != 200 {
					b.Fatal(w.Code)
				}
				h.asked = h.asked[:0]
			}
		})
	}
}
