// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/web/ui"
)

// businessBody is what business.html shows.
type businessBody struct {
	Head   ui.Head
	Tabs   ui.Segments
	Lead   string
	Form   *ui.Form
	Stages []stagesOf
	May    bool
	Parts  []businessPart
}

// businessPart is a card of the page.
type businessPart struct {
	Title, Note string
	Table       *ui.Table
	Rows        ui.Rows
	Form        *ui.Form
}

// stagesOf is a pipeline whose stages can be edited.
type stagesOf struct {
	Title string
	Rows  []stageRow
}

type stageRow struct {
	N                         int
	Source, Pipeline          string
	Stage, State, Says, Deals string
	Position                  int
	Qualified                 bool
	Href                      string
}

func businessTabs(active string) ui.Segments {
	return ui.Segments{Label: "Business data", Items: []ui.Segment{
		{Label: "Stages", Href: "/accounts/data", Active: active == "stages"},
		{Label: "Currencies", Href: "/accounts/data/rates", Active: active == "rates"},
		{Label: "Against the source", Href: "/accounts/data/reconcile", Active: active == "reconcile"},
	}}
}

func businessHead() ui.Head {
	return ui.Head{Title: "Business data", Subtitle: "What deals, tickets and subscriptions are taken for", Back: &ui.Action{Label: "Accounts", Href: accountsPath}}
}

func stageSays(from string) string {
	switch from {
	case greenroom.StateByRule:
		return "said here"
	case greenroom.StateBySource:
		return "the source says so"
	case greenroom.StateByName:
		return "by its name"
	default:
		return "nobody says: please decide"
	}
}

func (p *accountPages) showStages(w http.ResponseWriter, r *http.Request) error {
	lines, err := p.cfg.Accounts.Stages(r.Context())
	if err != nil {
		return err
	}
	body := businessBody{Head: businessHead(), Tabs: businessTabs("stages"), May: person(r).MayConnect, Lead: "Which stages mean that a deal is open, won or lost, in which order they follow, and from which on a deal counts as qualified. What is said here goes before what the source says and what the name suggests."}
	for i := range lines {
		l := &lines[i]
		name := l.Source + accountDot(l.Pipeline)
		if n := len(body.Stages); n == 0 || body.Stages[n-1].Title != name {
			body.Stages = append(body.Stages, stagesOf{Title: name})
		}
		to := &body.Stages[len(body.Stages)-1]
		to.Rows = append(to.Rows, stageRow{
			N: i, Source: idText(l.SourceID), Pipeline: l.Pipeline, Stage: l.Stage, State: string(l.State), Says: stageSays(l.From), Deals: countText(int64(l.Deals), "deal", "deals") + ", " + strconv.Itoa(l.Seen) + " at some time",
			Position: l.Position, Qualified: l.Qualified,
		})
	}
	if len(lines) == 0 {
		body.Parts = []businessPart{{Title: "Stages", Table: &ui.Table{Caption: "Stages", Empty: &ui.Empty{Title: "No deals yet", Text: "Connect a CRM or import deals as a CSV file; their stages stand here then.", Actions: []ui.Action{{Label: "Connect a source", Href: "/sources"}}}}}}
	}
	return render(p.Site, w, r, p.data, "Business data", body)
}

func (p *accountPages) saveStages(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	var rules []business.StageRule
	for _, n := range r.PostForm["n"] {
		at := func(name string) string { return r.PostForm.Get(name + n) }
		source, err := strconv.ParseInt(at("source"), 10, 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "the form does not say whose stage %q is", at("stage"))
		}
		position, err := strconv.Atoi(at("position"))
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "stage %q: the order is a number, not %q", at("stage"), at("position"))
		}
		rules = append(rules, business.StageRule{SourceID: source, Pipeline: at("pipeline"), Stage: at("stage"), State: greenroom.DealState(at("state")), Position: position, Qualified: at("qualified") != ""})
	}
	if err := p.cfg.Accounts.SetStages(r.Context(), rules, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/accounts/data", "Saved. All figures go by it from now on.", "")
}

// ratesShown is how many rates the page lists.
const ratesShown = 60

func (p *accountPages) showRates(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Accounts.Settings(r.Context())
	if err != nil {
		return err
	}
	rates, err := p.cfg.Accounts.Rates(r.Context())
	if err != nil {
		return err
	}
	missing, err := p.cfg.Accounts.Missing(r.Context())
	if err != nil {
		return err
	}
	may := person(r).MayConnect
	body := businessBody{Head: businessHead(), Tabs: businessTabs("rates"), Lead: "Everything is reported in " + set.Reporting + ": closed deals by the rate of the day on which they were closed, what is open or recurring by that of today, or by the last before. What has no rate is in no sum, and named."}
	if len(missing) > 0 {
		part := businessPart{Title: "What cannot be converted", Rows: ui.Rows{Label: "Missing rates"}}
		for i := range missing {
			part.Rows.Items = append(part.Rows.Items, ui.Row{Lead: &ui.Pill{Text: firstText(missing[i].From, "no currency"), Tone: ui.ToneWarn}, Title: sentence(missing[i].Error())})
		}
		body.Parts = append(body.Parts, part)
	}
	t := &ui.Table{Caption: "Rates", Columns: []ui.Column{{Label: "Day"}, {Label: "1"}, {Label: "is", Number: true}, {Label: "of"}, {Label: "Says"}}, Empty: &ui.Empty{Title: "No rates yet", Text: "Type one, or import the European Central Bank's history: the file eurofxref-hist.csv."}}
	for i, x := range rates {
		if i == ratesShown {
			break
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: x.Day}, {Text: x.Base}, {Text: strconv.FormatFloat(x.Value, 'f', -1, 64)}, {Text: x.Currency}, {Text: x.Origin}}})
	}
	note := countText(int64(len(rates)), "rate", "rates")
	if len(rates) > ratesShown {
		note += ", the newest are shown"
	}
	body.Parts = append(body.Parts, businessPart{Title: "Rates", Note: note, Table: t})
	if may {
		body.Parts = append(body.Parts,
			businessPart{Title: "Type a rate", Form: &ui.Form{Post: "/accounts/data/rates", Fields: []ui.Field{
				{Name: "day", Label: "Day", Type: "date", Required: true}, {Name: "base", Label: "1 unit of", Value: set.Reporting, Required: true}, {Name: "value", Label: "is so many", Placeholder: "1.0842", Required: true}, {Name: "currency", Label: "of", Placeholder: "USD", Required: true},
			}, Actions: []ui.Action{{Label: "Add", Submit: true}}}},
			businessPart{Title: "Import rates", Form: &ui.Form{Post: "/accounts/data/rates/import", Upload: true, Fields: []ui.Field{
				{Name: "file", Label: "A CSV file", Type: "file", Required: true, MaxBytes: maxAttendance, Help: "eurofxref-hist.csv of the European Central Bank, or a file with the columns base, currency, day and rate."},
			}, Actions: []ui.Action{{Label: "Import", Submit: true}}}},
			businessPart{Title: "Take a rate away", Form: &ui.Form{Post: "/accounts/data/rates/remove", Fields: []ui.Field{
				{Name: "day", Label: "Day", Type: "date", Required: true, Prefix: "gone-"}, {Name: "base", Label: "1 unit of", Required: true, Prefix: "gone-"}, {Name: "currency", Label: "in", Required: true, Prefix: "gone-"},
			}, Actions: []ui.Action{{Label: "Take it away", Submit: true}}}},
			businessPart{Title: "What everything goes by", Form: &ui.Form{Post: "/accounts/data/settings", Fields: []ui.Field{
				{Name: "reporting", Label: "Reporting currency", Value: set.Reporting, Required: true},
				{Name: "at_risk", Label: "At risk from so many points", Type: "number", Value: strconv.Itoa(set.AtRisk), Required: true},
				{Name: "paid", Label: "Words for what is paid for", Type: "textarea", Value: strings.Join(set.PaidTopics, "\n"), Help: "A word a line. Who asks about them could buy more."},
			}, Actions: []ui.Action{{Label: "Save", Submit: true}}}},
		)
	}
	return render(p.Site, w, r, p.data, "Business data", body)
}

func (p *accountPages) saveSettings(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Accounts.Settings(r.Context())
	if err != nil {
		return err
	}
	points, err := strconv.Atoi(strings.TrimSpace(r.FormValue("at_risk")))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "an account is at risk from a number of points on, not %q", r.FormValue("at_risk"))
	}
	set.Reporting, set.AtRisk, set.PaidTopics = r.FormValue("reporting"), points, nil
	for line := range strings.SplitSeq(r.FormValue("paid"), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(set.PaidTopics, line) {
			set.PaidTopics = append(set.PaidTopics, line)
		}
	}
	if err := p.cfg.Accounts.SetSettings(r.Context(), set, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/accounts/data/rates", "Saved.", "")
}

func (p *accountPages) addRate(w http.ResponseWriter, r *http.Request) error {
	v, err := strconv.ParseFloat(strings.TrimSpace(r.FormValue("value")), 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no rate; expected a number such as 1.0842", r.FormValue("value"))
	}
	if err := p.cfg.Accounts.AddRate(r.Context(), greenroom.Rate{Base: r.FormValue("base"), Currency: r.FormValue("currency"), Day: r.FormValue("day"), Value: v}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/accounts/data/rates", "The rate is stored.", "")
}

func (p *accountPages) removeRate(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Accounts.RemoveRate(r.Context(), r.FormValue("base"), r.FormValue("currency"), r.FormValue("day"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/accounts/data/rates", "The rate is gone.", "")
}

func (p *accountPages) importRates(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxAttendance+maxWaste)
	file, head, err := r.FormFile("file")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose a CSV file of at most 50 MB", Err: err}
	}
	defer file.Close() //nolint:errcheck // it was read only
	n, problems, err := p.cfg.Accounts.ImportRates(r.Context(), file, head.Filename, person(r).Actor)
	if err != nil {
		return err
	}
	said := countText(int64(n), "rate was", "rates were") + " stored."
	if len(problems) > 0 {
		said += " " + countText(int64(len(problems)), "line", "lines") + " could not be read; the first: line " + strconv.Itoa(problems[0].Line) + ", " + problems[0].Text + "."
	}
	return p.back(w, r, "/accounts/data/rates", said, "")
}

func (p *accountPages) showReconcile(w http.ResponseWriter, r *http.Request) error {
	var export io.Reader
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && err == nil && kind == "multipart/form-data" {
		r.Body = http.MaxBytesReader(w, r.Body, maxAttendance+maxWaste)
		file, _, err := r.FormFile("export")
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose the export, a CSV file of at most 50 MB", Err: err}
		}
		defer file.Close() //nolint:errcheck // it was read only
		export = file
	}
	source := r.FormValue("source")
	body := businessBody{Head: businessHead(), Tabs: businessTabs("reconcile"), Lead: "Whether what is stored here is what the source has: export the deals of your CRM as a CSV file, and see by stage and month where the two differ, and in which deals. Counts that platforms tell by themselves stand under Stack."}
	lines, err := p.cfg.Accounts.Stages(r.Context())
	if err != nil {
		return err
	}
	var sources []ui.Option
	for i := range lines {
		if o := (ui.Option{Value: lines[i].Source, Label: lines[i].Source}); !slices.Contains(sources, o) {
			sources = append(sources, o)
		}
	}
	if len(sources) == 0 {
		body.Parts = []businessPart{{Title: "Against the source", Table: &ui.Table{Caption: "Sources", Empty: &ui.Empty{Title: "No deals yet", Text: "Connect a CRM or import deals as a CSV file first."}}}}
		return render(p.Site, w, r, p.data, "Business data", body)
	}
	if source == "" {
		source = sources[0].Value
	}
	if person(r).MayWrite {
		body.Parts = append(body.Parts, businessPart{Title: "Compare with an export", Form: &ui.Form{Post: "/accounts/data/reconcile", Upload: true, Fields: []ui.Field{
			{Name: "source", Label: "Source", Type: "select", Value: source, Options: sources}, {Name: "export", Label: "Its export of deals", Type: "file", Required: true, MaxBytes: maxAttendance, Help: "A CSV file with the id of each deal, and its stage, amount, currency and day of creation as far as they are to be compared. Nothing of it is stored."},
		}, Actions: []ui.Action{{Label: "Compare", Submit: true, Style: ui.StylePrimary}}}})
	}
	rec, err := p.cfg.Accounts.Reconcile(r.Context(), source, export)
	if err != nil {
		return err
	}
	body.Parts = append(body.Parts, reconcileParts(rec)...)
	return render(p.Site, w, r, p.data, "Business data", body)
}

// differencesShown is how many differences and groups the page lists.
const differencesShown = 200

func reconcileParts(rec *business.Reconciliation) []businessPart {
	var parts []businessPart
	if rec.Theirs >= 0 {
		part := businessPart{Title: "Differences", Note: countText(int64(len(rec.Differences)), "difference", "differences"), Rows: ui.Rows{Label: "Differences"}}
		for i, d := range rec.Differences {
			if i == differencesShown {
				break
			}
			part.Rows.Items = append(part.Rows.Items, ui.Row{Lead: &ui.Pill{Text: d.ExternalID, Tone: ui.ToneWarn}, Title: d.Says})
		}
		for _, x := range rec.Problems {
			part.Rows.Items = append(part.Rows.Items, ui.Row{Lead: &ui.Pill{Text: "line " + strconv.Itoa(x.Line), Tone: ui.ToneBad}, Title: x.Text})
		}
		if len(part.Rows.Items) == 0 {
			part.Rows.Items = []ui.Row{{Lead: &ui.Pill{Text: "equal", Tone: ui.ToneGood}, Title: "All " + countText(int64(rec.Deals), "deal is", "deals are") + " the same on both sides"}}
		}
		parts = append(parts, part)
	}
	t := &ui.Table{Caption: "Deals by month and stage", Columns: []ui.Column{{Label: "Opened"}, {Label: "Stage"}, {Label: "Here", Number: true}, {Label: "Worth", Number: true}}}
	if rec.Theirs >= 0 {
		t.Columns = append(t.Columns, ui.Column{Label: "There", Number: true}, ui.Column{Label: "Worth there", Number: true}, ui.Column{Label: "Same"})
	}
	for i := range rec.Groups {
		g := &rec.Groups[i]
		if i == differencesShown {
			break
		}
		cells := []ui.Cell{{Text: firstText(g.Month, "not told")}, {Text: g.Stage}, {Text: ui.Number(g.Count)}, {Text: ui.Decimal(g.Sum, 0) + " " + g.Currency}}
		if rec.Theirs >= 0 {
			same := ui.Pill{Text: "same", Tone: ui.ToneGood}
			if !g.Agrees() {
				same = ui.Pill{Text: "differs", Tone: ui.ToneBad}
			}
			cells = append(cells, ui.Cell{Text: ui.Number(g.Theirs)}, ui.Cell{Text: ui.Decimal(g.TheirsSum, 0) + " " + g.Currency}, ui.Cell{Pills: []ui.Pill{same}})
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: cells})
	}
	return append(parts, businessPart{Title: "What is here of “" + rec.Source + "”, by month and stage", Note: countText(int64(rec.Deals), "deal", "deals"), Table: t})
}
