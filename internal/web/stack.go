// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/stack"
	"greenroom/internal/web/ui"
)

// Stack says how the sources are.
type Stack interface {
	Report(ctx context.Context, source string) (*stack.Report, error)
	Reports(ctx context.Context) ([]stack.Report, error)
	// Ask asks the platform for its own counts, which may take a while.
	Ask(ctx context.Context, source string) (*stack.Report, error)
	Test(ctx context.Context, source string) (connector.Check, error)
}

// Deliveries are what platforms pushed.
type Deliveries interface {
	LastDeliveries(ctx context.Context, sourceID int64, limit int) ([]greenroom.Delivery, error)
	RetryDeliveries(ctx context.Context, sourceID int64) (int64, error)
	// RepeatDeliveries has those that are kept taken in once more, and says how many there are.
	RepeatDeliveries(ctx context.Context, sourceID int64) (int64, error)
}

// noticeCard says something that a person should know, and what to do about it.
type noticeCard struct {
	Title  string
	Lines  []noticeLine
	Good   bool
	Action *ui.Action
}

type noticeLine struct {
	Lead, Text, Do string
	Href           string // of Lead
}

// trustParts is what the page of a source says about whether it can be trusted.
type trustParts struct {
	Notices   []noticeCard
	Volume    *ui.Chart
	Coverage  *ui.Table
	Covered   string
	Reconcile *ui.Table
	Asked     string // when the platform was asked for its counts
	Ask       *ui.Action
	Budgets   []ui.Fact
	Pushes    *ui.Table
	Expiry    *expiryCard
}

// expiryCard says what is not kept, because the platform's terms let nobody keep it for longer.
type expiryCard struct {
	Text  string
	Terms string
	Facts []ui.Fact
}

func expiryOf(r *stack.Report) *expiryCard {
	e := r.Expiry
	if e == nil {
		return nil
	}
	c := &expiryCard{Terms: e.Terms, Text: "By an agreement with the platform, what members do is kept for longer than its terms say."}
	if e.Holds {
		c.Text = "What members do is removed " + wholeHours(e.Activities) + " after they did it, and their names are forgotten after " + wholeHours(e.Profiles) +
			", as the platform’s terms demand. What the community’s own pages say stays."
	}
	for _, k := range greenroom.Kinds() {
		if n := e.Removed[k.String()]; n > 0 {
			c.Facts = append(c.Facts, ui.Fact{Label: "Expired: " + k.Info().Label, Value: ui.Number(int(n))})
		}
	}
	for _, what := range []string{"accounts", "profiles"} {
		if n := e.Removed[what]; n > 0 {
			c.Facts = append(c.Facts, ui.Fact{Label: "Expired: " + what, Value: ui.Number(int(n))})
		}
	}
	if len(c.Facts) == 0 {
		c.Facts = []ui.Fact{{Label: "Expired so far", Value: "nothing"}}
	}
	return c
}

func wholeHours(seconds int64) string { return countText(seconds/3600, "hour", "hours") }

func (s *Site) addStack(p *sourcePages) {
	mayConnect := func(p Person) bool { return p.MayConnect }
	s.change("POST /sources/{name}/survey", mayConnect, p.ask)
	s.change("POST /sources/{name}/test", mayConnect, p.test)
	s.change("POST /sources/{name}/retry", mayConnect, p.retry)
}

// sourcePill shows a source's state.
func sourcePill(r *stack.Report) *ui.Pill {
	pill := &ui.Pill{Title: r.Says}
	switch r.State {
	case stack.StateReading:
		pill.Text, pill.Tone = "reading", ui.ToneInfo
	case stack.StateLate:
		pill.Text, pill.Tone = "late", ui.ToneWarn
	case stack.StateFailing:
		pill.Text, pill.Tone = "failing", ui.ToneBad
	case stack.StateWaiting:
		pill.Text, pill.Tone = "waits for the platform", ui.ToneInfo
	case stack.StateStopped:
		pill.Text, pill.Tone = "interrupted", ui.ToneWarn
	case stack.StateNever:
		pill.Text = "never read"
	case stack.StateGood:
		pill.Text, pill.Tone = "complete", ui.ToneGood
		if r.Live {
			pill.Text = "in sync"
		}
	}
	return pill
}

// alertCard lists what should be looked at, of all sources; nil where there is nothing.
func alertCard(reports []stack.Report) *noticeCard {
	c := &noticeCard{Title: "Look at these"}
	for i := range reports {
		for _, a := range reports[i].Alerts {
			c.Lines = append(c.Lines, noticeLine{Lead: a.Source, Text: a.Text, Do: a.Do, Href: sourceHref(a.Source)})
		}
	}
	if len(c.Lines) == 0 {
		return nil
	}
	return c
}

// trust fills in what is known of a source's freshness, volume, coverage and counts.
func (p *sourcePages) trust(r *http.Request, src *greenroom.Source, body *sourceBody) error {
	if p.cfg.Stack == nil {
		return nil
	}
	report, err := p.cfg.Stack.Report(r.Context(), src.Name)
	if err != nil {
		return err
	}
	t := &body.Trust
	if report.State != stack.StateReading {
		body.Head.Pills = []ui.Pill{*sourcePill(report)}
	}
	if c := alertCard([]stack.Report{*report}); c != nil {
		t.Notices = append(t.Notices, *c)
	} else if report.State != stack.StateReading && report.State != stack.StateStopped {
		t.Notices = append(t.Notices, noticeCard{Title: "How it is", Good: report.State == stack.StateGood, Lines: []noticeLine{{Text: report.Says, Do: report.Advice}}})
	}
	if c := warningCard(report); c != nil {
		t.Notices = append(t.Notices, *c)
	}
	t.Expiry = expiryOf(report)
	t.Volume = volumeChart(report)
	t.Coverage, t.Covered = coverageTable(report)
	t.Reconcile = reconcileTable(report)
	if report.CanAsk && person(r).MayConnect {
		t.Ask = &ui.Action{Label: "Ask the platform now", Post: sourceHref(src.Name) + "/survey"}
	}
	if !report.Surveyed.IsZero() {
		t.Asked = "The platform was asked on " + ui.DateTime(report.Surveyed)
	} else if report.CanAsk {
		t.Asked = "The platform has not been asked for its own counts yet"
	}
	for _, b := range report.Budgets {
		left := ui.Number(int(b.Remaining)) + " left"
		if b.Limit > 0 {
			left = ui.Number(int(b.Remaining)) + " of " + ui.Number(int(b.Limit)) + " left"
		}
		t.Budgets = append(t.Budgets, ui.Fact{Label: "Budget: " + b.Name, Value: left})
	}
	return p.pushes(r, src, report, t)
}

// warningCard lists what the platform's answers gave cause to tell.
func warningCard(r *stack.Report) *noticeCard {
	c := &noticeCard{Title: "What the platform does not show, or has changed"}
	for _, x := range r.Changes {
		if x.Kind == "new" { // the others are alerts
			c.Lines = append(c.Lines, noticeLine{Text: x.Text, Do: "Since " + x.At.Format("2 January") + "."})
		}
	}
	for _, text := range slices.Sorted(maps.Keys(r.Warnings)) {
		c.Lines = append(c.Lines, noticeLine{Text: text, Do: countText(r.Warnings[text], "time", "times") + " in the last read"})
	}
	if len(c.Lines) == 0 {
		return nil
	}
	return c
}

// volumeChart draws the days of a source; gaps and low days are marked.
func volumeChart(r *stack.Report) *ui.Chart {
	if len(r.Volume) == 0 {
		return nil
	}
	c := &ui.Chart{Title: "Activities by day", Kind: ui.Bars, Axis: "Day", Size: "sm", Open: true}
	count, usual := ui.Series{Name: "Activities"}, ui.Series{Name: "Usual on that weekday", Color: 3}
	some := false
	for _, d := range r.Volume {
		label := d.From.Format("2 Jan 06")
		c.Labels = append(c.Labels, label)
		count.Values = append(count.Values, float64(d.Count))
		href := ""
		if d.Query != "" {
			href = "/activities?q=" + url.QueryEscape(d.Query)
		}
		count.Hrefs = append(count.Hrefs, href)
		if d.Usual < 0 {
			usual.Values = append(usual.Values, math.NaN())
		} else {
			usual.Values = append(usual.Values, float64(d.Usual))
		}
		some = some || d.Count > 0
		switch {
		case d.Gap && r.Live:
			c.Marks = append(c.Marks, ui.Mark{At: label, Text: "nothing came in"})
		case d.Low && r.Live:
			c.Marks = append(c.Marks, ui.Mark{At: label, Text: "less than usual"})
		}
	}
	if !some {
		return nil
	}
	c.Series = []ui.Series{count}
	if r.Live {
		c.Series = append(c.Series, usual)
	}
	return c
}

const shownPlaces = 200

// coverageTable lists the platform's places, those that are not covered first.
func coverageTable(r *stack.Report) (*ui.Table, string) {
	if len(r.Places) == 0 {
		return nil, ""
	}
	t := &ui.Table{Caption: "Places of the platform", Columns: []ui.Column{{Label: "Place"}, {Label: "Covered"}, {Label: "Members", Number: true}, {Label: "Items", Number: true}}}
	number := func(n int64) string {
		if n < 0 {
			return ui.None
		}
		return ui.Number(int(n))
	}
	for _, covered := range []bool{false, true} {
		for i := range r.Places {
			pl := &r.Places[i]
			if pl.Covered != covered || len(t.Rows) >= shownPlaces {
				continue
			}
			state := ui.Cell{Pills: []ui.Pill{{Text: "comes in", Tone: ui.ToneGood}}}
			if !covered {
				state = ui.Cell{Pills: []ui.Pill{{Text: "does not come in", Tone: ui.ToneWarn}}, Sub: pl.Why}
			}
			t.Rows = append(t.Rows, ui.TableRow{ID: "place-" + strconv.Itoa(i), Cells: []ui.Cell{{Text: firstText(pl.Name, pl.ExternalID)}, state, {Text: number(pl.Members)}, {Text: number(pl.Items)}}})
		}
	}
	if len(r.Places) > shownPlaces {
		t.Foot = &ui.Pager{Text: "The first " + ui.Number(shownPlaces) + " of " + ui.Number(len(r.Places))}
	}
	return t, ui.Number(r.Covered) + " of " + countText(int64(len(r.Places)), "place comes in", "places come in")
}

// reconcileTable sets the platform's counts against ours, each difference explained.
func reconcileTable(r *stack.Report) *ui.Table {
	if len(r.Entries) == 0 {
		return nil
	}
	t := &ui.Table{Caption: "The platform's counts and ours", Columns: []ui.Column{{Label: "What"}, {Label: "Platform", Number: true}, {Label: "Greenroom", Number: true}, {Label: "Difference", Number: true}, {Label: "Why"}}}
	for i := range r.Entries {
		e := &r.Entries[i]
		ours := ui.Cell{Text: ui.Number(int(e.Ours))}
		if e.Query != "" {
			ours.Href = "/" + e.Entity + "?q=" + url.QueryEscape(e.Query)
		}
		diff := ui.Cell{Text: signed(e.Ours - e.Platform)}
		why := explanation(e)
		if e.Unexplained != 0 {
			diff.Tone = ui.ToneWarn
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: "count-" + strconv.Itoa(i), Cells: []ui.Cell{{Text: e.What, Sub: e.Place}, {Text: ui.Number(int(e.Platform))}, ours, diff, why}})
	}
	return t
}

func explanation(e *stack.Entry) ui.Cell {
	if e.Problem != "" {
		return ui.Cell{Text: "Ours could not be counted: " + e.Problem, Tone: ui.ToneWarn}
	}
	parts := make([]string, 0, len(e.Explained)+1)
	for _, x := range e.Explained {
		if x.Items != 0 {
			parts = append(parts, signed(x.Items)+": "+x.Text)
		}
	}
	if e.Unexplained != 0 {
		parts = append(parts, signed(e.Unexplained)+": not explained. What came or went since the last read is in this; else ask again after it")
	}
	if len(parts) == 0 {
		return ui.Cell{Text: "equal"}
	}
	return ui.Cell{Text: strings.Join(parts, "; ")}
}

func signed(n int64) string {
	switch {
	case n > 0:
		return "+" + ui.Number(int(n))
	case n < 0:
		return "−" + ui.Number(int(-n))
	}
	return "0"
}

const shownDeliveries = 20

// pushes lists what the platform pushed last.
func (p *sourcePages) pushes(r *http.Request, src *greenroom.Source, report *stack.Report, t *trustParts) error {
	if p.cfg.Deliveries == nil || !person(r).MayConnect {
		return nil
	}
	all, err := p.cfg.Deliveries.LastDeliveries(r.Context(), src.ID, shownDeliveries)
	if err != nil || len(all) == 0 {
		return err
	}
	t.Pushes = &ui.Table{Caption: "Pushes of the platform", Columns: []ui.Column{{Label: "Received"}, {Label: "State"}, {Label: "Bytes", Number: true}, {Label: "Why"}}}
	for i := range all {
		d := &all[i]
		pill := ui.Pill{Text: "taken in", Tone: ui.ToneGood}
		switch d.State { //nolint:exhaustive // the third is above
		case greenroom.DeliveryWaits:
			pill = ui.Pill{Text: "waits", Tone: ui.ToneInfo}
		case greenroom.DeliveryLost:
			pill = ui.Pill{Text: "failed", Tone: ui.ToneBad}
		}
		t.Pushes.Rows = append(t.Pushes.Rows, ui.TableRow{ID: "push-" + idText(d.ID), Cells: []ui.Cell{{Text: ui.DateTime(d.ReceivedAt)}, {Pills: []ui.Pill{pill}}, {Text: ui.Number(len(d.Body))}, {Text: d.Error}}})
	}
	if report.Lost > 0 {
		t.Notices = append(t.Notices, noticeCard{
			Title: "Pushes that failed", Action: &ui.Action{Label: "Try them again", Post: sourceHref(src.Name) + "/retry"},
			Lines: []noticeLine{{Text: countText(report.Lost, "push", "pushes") + " could not be taken in after several tries.", Do: "They are kept. Try them again once the cause is gone."}},
		})
	}
	return nil
}

func (p *sourcePages) ask(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	report, err := p.cfg.Stack.Ask(r.Context(), name)
	if err != nil {
		return err
	}
	open := 0
	for i := range report.Entries {
		if report.Entries[i].Unexplained != 0 {
			open++
		}
	}
	said := "The platform's counts are explained, all " + ui.Number(len(report.Entries)) + "."
	if open > 0 {
		said = countText(int64(open), "count differs", "counts differ") + " from the platform's in a way that is not explained."
	}
	return p.back(w, r, sourceHref(name)+"#reconcile", said, "")
}

// test shows what a test of the connection found, on the page of the source.
func (p *sourcePages) test(w http.ResponseWriter, r *http.Request) error {
	check, err := p.cfg.Stack.Test(r.Context(), r.PathValue("name"))
	if err != nil && greenroom.ErrorCode(err) == greenroom.CodeInternal {
		return err
	}
	c := checkCard(&check, err)
	return p.page(w, r, &c)
}

// checkCard says what a test of a connection found.
func checkCard(check *connector.Check, err error) noticeCard {
	if err != nil {
		return noticeCard{Title: "The connection does not work", Lines: []noticeLine{{Text: sentence(greenroom.ErrorMessage(err))}}}
	}
	c := noticeCard{Title: "The connection works", Good: true}
	if check.Account != "" {
		c.Lines = append(c.Lines, noticeLine{Text: "Signed in as " + check.Account + "."})
	}
	for _, m := range check.Missing {
		if m.Must {
			c.Title, c.Good = "The connection does not work yet", false
		} else if c.Good {
			c.Title = "The connection works, but something is missing"
		}
		c.Lines = append(c.Lines, noticeLine{Lead: m.Name, Text: m.Then, Do: m.Do})
	}
	for _, note := range check.Notes {
		c.Lines = append(c.Lines, noticeLine{Text: note})
	}
	return c
}

func (p *sourcePages) retry(w http.ResponseWriter, r *http.Request) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	n, err := p.cfg.Deliveries.RetryDeliveries(r.Context(), src.ID)
	if err != nil {
		return err
	}
	return p.back(w, r, sourceHref(src.Name), countText(n, "push is", "pushes are")+" tried again.", "")
}
