// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/proof"
	"greenroom/internal/web/ui"
)

func errorText(err error) string { return greenroom.ErrorMessage(err) }

func (p *impactPages) costs(w http.ResponseWriter, r *http.Request) error {
	return p.ledger(w, r, url.Values{"rhythm": {proof.Once}, "currency": {"EUR"}, "from": {p.cfg.Now().In(p.cfg.Zones.Zone()).Format("2006-01-02")}}, nil)
}

func (p *impactPages) ledger(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	all, err := p.cfg.Proof.Costs(r.Context())
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	body := impactBody{Head: ui.Head{Title: "Costs", Subtitle: "What the community costs: people's time, platform, events, rewards. What programs spend is added by itself.", Find: true}, Tabs: p.tabs(impactPath + "/costs")}
	t := &ui.Table{Caption: "Costs", Columns: []ui.Column{{Label: "What"}, {Label: "Category"}, {Label: "Amount", Number: true}, {Label: "Time"}, {Label: "Where it comes from"}}}
	for i := range all {
		c := &all[i]
		amount := ui.Cell{Text: ui.Decimal(c.Amount, decimalsOf(c.Amount)) + " " + c.Currency, Sub: c.Rhythm}
		if c.Hours > 0 {
			amount.Sub += ", " + ui.Decimal(c.Hours, decimalsOf(c.Hours)) + " hours at " + ui.Decimal(c.Rate, decimalsOf(c.Rate))
		}
		if c.Share > 0 && c.Share < 1 {
			amount.Sub += ", " + ui.Percent(c.Share) + " of it"
		}
		when := dayText(c.From)
		if c.Rhythm != proof.Once {
			when = "from " + when
			if c.Until != "" {
				when = dayText(c.From) + " – " + dayText(c.Until)
			}
		}
		name := ui.Cell{Text: c.Name}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{name, {Text: c.Category}, amount, {Text: when}, {Text: c.Note}}})
		if may {
			id := "cost-" + idText(c.ID)
			body.Dialogs = append(body.Dialogs, ui.Dialog{ID: id, Title: "Change: " + c.Name, Form: ui.Form{
				Post: impactPath + "/costs/" + idText(c.ID), Hidden: []ui.Hidden{{Name: "version", Value: idText(c.Version)}}, Fields: costFields(costValues(c), id+"-"),
				Actions: []ui.Action{{Label: "Take it away", Submit: true, Name: "do", Value: "remove", Style: ui.StyleDanger}, {Label: "Save", Submit: true, Style: ui.StylePrimary}},
			}})
		}
	}
	card := impactCard{Title: "Ledger", Note: countText(int64(len(all)), "line", "lines"), Table: t}
	if len(all) == 0 {
		card = impactCard{Empty: &ui.Empty{Title: "Nothing in the ledger yet", Text: "Begin with the largest: people's time, as hours a month and what an hour costs. Without costs there is no return on investment."}}
	}
	body.Main = []impactCard{card}
	if may && len(all) > 0 {
		rows := &ui.Rows{Label: "Change a line"}
		for i := range all {
			rows.Items = append(rows.Items, ui.Row{Title: all[i].Name, Actions: []ui.Action{{Label: "Change…", Label2: "Change " + all[i].Name, Dialog: "cost-" + idText(all[i].ID), Small: true}}})
		}
		body.Main = append(body.Main, impactCard{Title: "Change a line", Rows: rows})
	}
	if may {
		form := &ui.Form{Post: impactPath + "/costs", Fields: costFields(v, ""), Actions: []ui.Action{{Label: "Add it", Submit: true, Style: ui.StylePrimary}}}
		if problem != nil {
			form.Error = sentence(errorText(problem))
		}
		body.Side = []impactCard{{Title: "Add a line", Form: form}, {Title: "From a file", Form: &ui.Form{
			Post: impactPath + "/costs/import", Upload: true, Actions: []ui.Action{{Label: "Take it in", Submit: true}},
			Fields: []ui.Field{{Name: "file", Label: "CSV file", Type: "file", Required: true, MaxBytes: mostCosts, TooLarge: "The file has more than 1 MB.", Prefix: "import-", Help: "Columns: name, category, rhythm, from, until, amount, currency, hours, rate, share, note. All lines are taken, or none."}},
		}}}
	}
	return p.show(w, r, body)
}

// mostCosts is how many bytes a file of costs may have.
const mostCosts = 1 << 20

func costFields(v url.Values, prefix string) []ui.Field {
	options := func(all []string) []ui.Option {
		out := make([]ui.Option, len(all))
		for i, x := range all {
			out[i] = ui.Option{Value: x, Label: x}
		}
		return out
	}
	return []ui.Field{
		{Name: "name", Label: "What", Value: v.Get("name"), Required: true, Prefix: prefix, Placeholder: "Community manager"},
		{Name: "category", Label: "Category", Type: "select", Value: firstText(v.Get("category"), "people"), Options: options(proof.Categories()), Prefix: prefix},
		{Name: "rhythm", Label: "Due", Type: "select", Value: v.Get("rhythm"), Options: options(proof.Rhythms()), Prefix: prefix},
		{Name: "from", Label: "On, or from", Type: "date", Value: v.Get("from"), Required: true, Prefix: prefix},
		{Name: "until", Label: "Until", Type: "date", Value: v.Get("until"), Prefix: prefix},
		{Name: "amount", Label: "Amount each time", Value: v.Get("amount"), Prefix: prefix, OneOf: true, Help: "Or, of people's time, the two below."},
		{Name: "hours", Label: "Hours each time", Value: v.Get("hours"), Prefix: prefix},
		{Name: "rate", Label: "Cost of an hour", Value: v.Get("rate"), Prefix: prefix},
		{Name: "currency", Label: "Currency", Value: v.Get("currency"), Required: true, Prefix: prefix},
		{Name: "share", Label: "The community's share, in percent", Value: v.Get("share"), Prefix: prefix, Help: "Empty: all of it."},
		{Name: "note", Label: "Where the figure comes from", Value: v.Get("note"), Prefix: prefix},
	}
}

func costValues(c *proof.Cost) url.Values {
	number := func(v float64) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	v := url.Values{"name": {c.Name}, "category": {c.Category}, "rhythm": {c.Rhythm}, "from": {c.From}, "until": {c.Until}, "currency": {c.Currency}, "hours": {number(c.Hours)}, "rate": {number(c.Rate)}, "share": {number(c.Share * 100)}, "note": {c.Note}}
	if c.Hours == 0 {
		v.Set("amount", number(c.Amount))
	}
	return v
}

// impactNumber reads a number of a form; "" = 0.
func impactNumber(r *http.Request, name string) (float64, error) {
	text := strings.ReplaceAll(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(r.FormValue(name)), "%")), ",", "")
	if text == "" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%s: expected a number from 0 on, with a point for decimals, not %q", impactLabels(name), r.FormValue(name))
	}
	return v, nil
}

// impactLabels is how a field of a cost or an assumption is called.
func impactLabels(name string) string {
	labels := map[string]string{"amount": "the amount", "hours": "the hours", "rate": "the cost of an hour", "share": "the community's share in percent", "likely": "the likely value", "low": "the least", "high": "the greatest"}
	return firstText(labels[name], name)
}

func costIn(r *http.Request) (proof.Cost, error) {
	c := proof.Cost{Name: r.FormValue("name"), Category: r.FormValue("category"), Rhythm: r.FormValue("rhythm"), From: r.FormValue("from"), Until: r.FormValue("until"), Currency: r.FormValue("currency"), Note: r.FormValue("note")}
	for _, x := range []struct {
		name string
		to   *float64
	}{{"amount", &c.Amount}, {"hours", &c.Hours}, {"rate", &c.Rate}, {"share", &c.Share}} {
		var err error
		if *x.to, err = impactNumber(r, x.name); err != nil {
			return c, err
		}
	}
	c.Share /= 100
	return c, nil
}

func (p *impactPages) addCost(w http.ResponseWriter, r *http.Request) error {
	c, err := costIn(r)
	if err == nil {
		_, err = p.cfg.Proof.AddCosts(r.Context(), []proof.Cost{c}, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.ledger(w, r, r.PostForm, err)
	}
	return p.back(w, r, impactPath+"/costs", c.Name+" is in the ledger.", "")
}

func (p *impactPages) changeCost(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	c, err := costIn(r)
	remove := r.FormValue("do") == "remove"
	if err != nil && !remove {
		return err
	}
	c.ID = id
	if c.Version, err = formID(r, "version"); err != nil {
		return err
	}
	if c, err = p.cfg.Proof.ChangeCost(r.Context(), c, remove, person(r).Actor); err != nil {
		return err
	}
	said := " is changed."
	if remove {
		said = " is taken away."
	}
	return p.back(w, r, impactPath+"/costs", c.Name+said, "")
}

func (p *impactPages) importCosts(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, mostCosts+maxWaste)
	file, _, err := r.FormFile("file")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose a CSV file of at most 1 MB", Err: err}
	}
	defer file.Close() //nolint:errcheck // it was read only
	all, err := proof.ReadCosts(file)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Proof.AddCosts(r.Context(), all, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, impactPath+"/costs", countText(int64(len(all)), "line was", "lines were")+" taken in.", "")
}

func (p *impactPages) assumptions(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Proof.Inputs(r.Context())
	if err != nil {
		return err
	}
	body := impactBody{Head: ui.Head{Title: "Assumptions", Subtitle: "What cannot be counted. Each has the likely value, the least and the greatest that would not surprise you, and where it comes from.", Find: true}, Tabs: p.tabs(impactPath + "/assumptions")}
	body.Main = []impactCard{{Title: "What measures assume", Table: inputTable(all)}}
	if !person(r).MayWrite {
		return p.show(w, r, body)
	}
	rows := &ui.Rows{Label: "Set an assumption"}
	for i := range all {
		in := &all[i]
		id := "set-" + strings.NewReplacer(".", "-", "_", "-").Replace(in.Key)
		rows.Items = append(rows.Items, ui.Row{Title: in.Name, Meta: []ui.Meta{{Text: in.Origin}}, Actions: []ui.Action{{Label: "Set…", Label2: "Set " + in.Name, Dialog: id, Small: true}}})
		number := func(v float64) string {
			if !in.Known {
				return ""
			}
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		origin := in.Origin
		if !in.Known {
			origin = ""
		}
		fields := []ui.Field{
			{Name: "likely", Label: "Likely", Value: number(in.Likely), Required: true, Prefix: id + "-"}, {Name: "low", Label: "The least", Value: number(in.Low), Prefix: id + "-", Help: "Empty: nobody doubts the likely one."}, {Name: "high", Label: "The greatest", Value: number(in.High), Prefix: id + "-"},
		}
		if in.IsWords() {
			fields = []ui.Field{{Name: "words", Label: "Words, parted by commas", Value: strings.Join(in.Words, ", "), Required: true, Prefix: id + "-"}}
		}
		fields = append(fields, ui.Field{Name: "origin", Label: "Where it comes from", Value: origin, Required: true, Prefix: id + "-", Placeholder: "help desk, first quarter"})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: id, Title: title(in.Name), Text: in.Unit, Form: ui.Form{
			Post: impactPath + "/assumptions", Hidden: []ui.Hidden{{Name: "key", Value: in.Key}, {Name: "version", Value: idText(in.Version)}}, Fields: fields, Actions: []ui.Action{{Label: "Set it", Submit: true, Style: ui.StylePrimary}},
		}})
	}
	body.Main = append(body.Main, impactCard{Title: "Set an assumption", Rows: rows})
	return p.show(w, r, body)
}

func (p *impactPages) assume(w http.ResponseWriter, r *http.Request) error {
	in := proof.Input{Key: r.FormValue("key"), Origin: r.FormValue("origin")}
	var err error
	if in.Version, err = formID(r, "version"); err != nil {
		return err
	}
	for _, word := range strings.Split(r.FormValue("words"), ",") {
		if word = strings.TrimSpace(word); word != "" {
			in.Words = append(in.Words, word)
		}
	}
	if in.Likely, err = impactNumber(r, "likely"); err != nil {
		return err
	}
	in.Low, in.High = in.Likely, in.Likely
	if r.FormValue("low") != "" {
		if in.Low, err = impactNumber(r, "low"); err != nil {
			return err
		}
	}
	if r.FormValue("high") != "" {
		if in.High, err = impactNumber(r, "high"); err != nil {
			return err
		}
	}
	if in, err = p.cfg.Proof.SetInput(r.Context(), in, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, impactPath+"/assumptions", title(in.Name)+" is set.", "")
}
