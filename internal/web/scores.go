// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/health"
	"greenroom/internal/orbit"
	"greenroom/internal/web/ui"
)

// weightsText writes weights a line each, the greatest first.
func weightsText(weights map[string]float64) string {
	names := slices.Collect(maps.Keys(weights))
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b)) })
	var sb strings.Builder
	for _, n := range names {
		sb.WriteString(n + " = " + strconv.FormatFloat(weights[n], 'f', -1, 64) + "\n")
	}
	return sb.String()
}

// parseWeights reads what weightsText writes. Its errors name the line.
func parseWeights(text string) (map[string]float64, error) {
	all := make(map[string]float64)
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "#"))
		v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if !ok || err != nil || name == "" {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "line %d is %q; write a name, = and a number, as in reply = 2", i+1, line)
		}
		all[name] = v
	}
	return all, nil
}

// modelOf reads a changed model from a form over the one that holds.
func modelOf(m orbit.Model, v url.Values) (orbit.Model, error) {
	m = m.Clone()
	var err error
	if m.Weights, err = parseWeights(v.Get("weights")); err != nil {
		return m, fmt.Errorf("weights: %w", err)
	}
	if m.Channels, err = parseWeights(v.Get("channels")); err != nil {
		return m, fmt.Errorf("channels: %w", err)
	}
	number := func(name string, to *int) {
		if text := strings.TrimSpace(v.Get(name)); text != "" && err == nil {
			if *to, err = strconv.Atoi(text); err != nil {
				err = greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of days", text)
			}
		}
	}
	number("look_back", &m.LookBack)
	number("half_life", &m.HalfLife)
	number("version", &m.Version)
	if m.Rule == orbit.RuleV2 {
		m.Presence, m.Interval, m.Channels = v.Get("presence") != "", orbit.Interval(v.Get("interval")), nil
	}
	for i := range m.Thresholds {
		if text := strings.TrimSpace(v.Get("level" + strconv.Itoa(i+1))); text != "" && err == nil && m.Rule != orbit.RuleV2 {
			if m.Thresholds[i], err = strconv.ParseFloat(text, 64); err != nil {
				err = greenroom.Errorf(greenroom.CodeInvalid, "level %d begins at a number, not at %q", i+1, text)
			}
		}
	}
	if err != nil {
		return m, err
	}
	return m, m.Validate()
}

// fieldsOf are the fields of the form for a model.
func fieldsOf(m *orbit.Model) (fields []ui.Field) {
	help := "A kind of activity, = and its weight, a line each. Kinds that are not listed count nothing."
	if m.Rule == orbit.RuleV2 {
		help += " 1 to 3 places on Exploring, 4 to 6 on Participating, 7 to 9 on Contributing, 10 to 12 on Leading."
	}
	fields = append(fields, ui.Field{Name: "weights", Label: "Weights", Type: "textarea", Value: weightsText(m.Weights), Help: help, Rows: 12, Required: true})
	days := func(name, label, help string, n int) {
		fields = append(fields, ui.Field{Name: name, Label: label, Type: "number", Value: strconv.Itoa(n), Help: help, Required: true})
	}
	days("look_back", "Look-back in days", "How many days count; 0 = all.", m.LookBack)
	if m.Rule == orbit.RuleV2 {
		return append(fields,
			ui.Field{Name: "presence", Label: "Presence gives levels too", Type: "checkbox", Value: "on", Checked: m.Presence, Help: "2 days in a week: Participating. 7 in a month: Contributing. 30 in a quarter: Leading. Each again: the next step."},
			ui.Field{Name: "interval", Label: "Members can fall at the start of each", Type: "select", Value: string(m.Interval), Options: []ui.Option{{Value: "month", Label: "month"}, {Value: "quarter", Label: "quarter"}, {Value: "year", Label: "year"}}})
	}
	if m.Rule == orbit.RulePoints {
		days("half_life", "Half-life in days", "After so many days an activity is worth half; 0 = it keeps its worth.", m.HalfLife)
	}
	names := m.LevelNames()
	for i, from := range m.Thresholds {
		level := strconv.Itoa(i + 1)
		fields = append(fields, ui.Field{Name: "level" + level, Label: "Level " + level + " (" + names[i+1] + ") begins at", Value: strconv.FormatFloat(from, 'f', -1, 64), Required: true})
	}
	return append(fields, ui.Field{Name: "channels", Label: "Channels that count more or less", Type: "textarea", Value: weightsText(m.Channels), Rows: 3, Help: "A channel, = and how many times it counts, a line each, as in help = 2."})
}

// score shows one model: its weights to be changed, and what a change would do.
func (p *healthPages) score(w http.ResponseWriter, r *http.Request) error {
	name, v := r.PathValue("name"), r.URL.Query()
	m, err := p.cfg.Health.Model(r.Context(), name, 0)
	if err != nil {
		return err
	}
	path := "/health/scores/" + name
	return p.page(w, r, "/health/orbit", scoreTitle(name), title(ruleText(m.Rule))+".", func(body *healthBody) error {
		body.Head.Back, body.Head.Find = &ui.Action{Label: "Orbit", Href: "/health/orbit"}, false
		body.Head.Pills = []ui.Pill{{Text: versionText(m.Version)}}
		form := ui.Form{Get: path, Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(m.Version)}}, Fields: fieldsOf(&m), Actions: []ui.Action{{Label: "See who would move", Submit: true, Style: ui.StylePrimary}}}
		if v.Has("weights") {
			changed, err := modelOf(m, v)
			if err == nil {
				form.Fields = fieldsOf(&changed)
				var section healthSection
				if section, err = p.preview(r, path, changed); err == nil {
					body.Sections = append(body.Sections, section)
				}
			}
			if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
				form.Error, err = sentence(greenroom.ErrorMessage(err)), nil
				for i := range form.Fields {
					if f := &form.Fields[i]; f.Type != "checkbox" {
						f.Value = v.Get(f.Name)
					}
				}
			}
			if err != nil {
				return err
			}
		}
		body.Sections = append(body.Sections, healthSection{Head: ui.CardHead{Title: "Weights", Note: "nothing changes before you save"}, Form: &form})
		history, err := p.history(r, name, path)
		body.Sections = append(body.Sections, history)
		return err
	})
}

func versionText(n int) string {
	if n == 0 {
		return "as it comes"
	}
	return "version " + ui.Number(n)
}

// movesShown is how many moves a page shows.
const movesShown = 30

// preview says who would move, with a button that makes it so.
func (p *healthPages) preview(r *http.Request, path string, m orbit.Model) (healthSection, error) {
	pre, err := p.cfg.Health.Preview(r.Context(), m)
	if err != nil {
		return healthSection{}, err
	}
	names := m.LevelNames()
	t := ui.Table{Caption: "Who would move", Columns: []ui.Column{{Label: "Member"}, {Label: "Now"}, {Label: "Then"}, {Label: "Value now", Number: true}, {Label: "Value then", Number: true}}}
	place := func(level, step int) string {
		if step > 0 {
			return names[level] + " " + strings.Repeat("I", step)
		}
		return names[level]
	}
	shown := pre.Moves[:min(len(pre.Moves), movesShown)]
	for i := range shown {
		mv := &shown[i]
		pill := ui.Pill{Text: "up", Tone: ui.ToneGood}
		if !mv.Inward() {
			pill = ui.Pill{Text: "down", Tone: ui.ToneWarn}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(mv.Member), Cells: []ui.Cell{
			{Text: mv.Name, Href: memberHref(mv.Member)},
			{Text: cmp.Or(place(mv.LevelBefore, mv.StepBefore), "none")},
			{Text: cmp.Or(place(mv.LevelAfter, mv.StepAfter), "none"), Pills: []ui.Pill{pill}},
			{Text: ui.Decimal(mv.Before, 1)},
			{Text: ui.Decimal(mv.After, 1)},
		}})
	}
	if len(t.Rows) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody would move", Text: "Every member stays on the level and step where they are."}
	}
	var counts []string
	for level := 1; level <= 4; level++ {
		counts = append(counts, names[level]+" "+ui.Number(int(pre.Before[level]))+" → "+ui.Number(int(pre.After[level])))
	}
	s := healthSection{
		Head: ui.CardHead{Title: "What would change", Note: fmt.Sprintf("%d up, %d down, %d stay", pre.Up, pre.Down, pre.Same)},
		Text: strings.Join(counts, " · "), Table: &t,
	}
	if n := pre.Up + pre.Down; n > len(shown) {
		s.Foot = "The first " + ui.Number(len(shown)) + " of " + ui.Number(n) + " who would move."
	}
	if person(r).MayWrite {
		v := formValues(&m)
		form := ui.Form{Post: path, Fields: []ui.Field{{Name: "note", Label: "Why", Help: "Kept with the version.", Prefix: "save-"}}, Actions: []ui.Action{{Label: "Save as a new version", Submit: true, Style: ui.StylePrimary}}}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			form.Hidden = append(form.Hidden, ui.Hidden{Name: name, Value: v.Get(name)})
		}
		s.Form = &form
	}
	return s, nil
}

// formValues is a model as the form sends it.
func formValues(m *orbit.Model) url.Values {
	v := url.Values{"version": {strconv.Itoa(m.Version)}}
	for _, f := range fieldsOf(m) {
		if f.Type != "checkbox" || f.Checked {
			v.Set(f.Name, f.Value)
		}
	}
	return v
}

func (p *healthPages) history(r *http.Request, name, path string) (healthSection, error) {
	s := healthSection{Head: ui.CardHead{Title: "Versions"}}
	saved, err := p.cfg.Health.History(r.Context(), name)
	if err != nil {
		return s, err
	}
	t := ui.Table{Caption: "Versions", Columns: []ui.Column{{Label: "Version"}, {Label: "Saved"}, {Label: "By"}, {Label: "Why"}}}
	for i := range saved {
		v := &saved[i]
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: ui.Number(v.Version)}, {Time: v.At}, {Text: v.By}, {Text: v.Note}}})
	}
	if len(saved) == 0 {
		t.Empty = &ui.Empty{Title: "Never changed", Text: "The weights are those that Greenroom comes with. Change them above, see who would move, and save."}
	} else if person(r).MayWrite {
		s.Head.Actions = []ui.Action{{Label: "Undo the last change", Post: path + "/undo", Small: true}}
	}
	s.Table = &t
	return s, nil
}

func (p *healthPages) saveScore(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	m, err := p.cfg.Health.Model(r.Context(), r.PathValue("name"), 0)
	if err != nil {
		return err
	}
	if m, err = modelOf(m, r.PostForm); err != nil {
		return err
	}
	if m, err = p.cfg.Health.Save(r.Context(), m, strings.TrimSpace(r.PostForm.Get("note")), person(r).Actor); err != nil {
		return err
	}
	path := "/health/scores/" + m.Name
	return p.back(w, r, path, scoreTitle(m.Name)+": version "+strconv.Itoa(m.Version)+" holds now.", path+"/undo")
}

func (p *healthPages) undoScore(w http.ResponseWriter, r *http.Request) error {
	m, err := p.cfg.Health.Undo(r.Context(), r.PathValue("name"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, "/health/scores/"+m.Name, "The last change of "+scoreTitle(m.Name)+" was taken back.", "")
}

// quiet lists who is silent for longer than is usual for them.
func (p *healthPages) quiet(w http.ResponseWriter, r *http.Request) error {
	const about = "Members who have been silent for longer than nine in ten of their own gaps, and for a week at least. Those first of whom most is lost."
	return p.page(w, r, "/health/quiet", "Gone quiet", about, func(body *healthBody) error {
		all, total, err := p.cfg.Health.Quiet(r.Context(), quietShown)
		if err != nil {
			return err
		}
		body.Sections = []healthSection{{
			Head:  ui.CardHead{Title: "Overdue", Note: countText(int64(total), "member", "members"), Actions: []ui.Action{{Label: "As a list", Href: openList("members", "is:overdue -is:staff -is:bot"), Small: true, Style: ui.StyleQuiet}}},
			Table: quietTable(all),
			Foot:  "Ordered by active days of the last two years × how overdue they are, three times at most. It takes seven active days to know a rhythm; after a year somebody has gone and is no longer listed.",
		}}
		return nil
	})
}

const quietShown = 100

func quietTable(all []health.Silent) *ui.Table {
	t := &ui.Table{Caption: "Overdue members", Columns: []ui.Column{{Label: "Member"}, {Label: "What is usual"}, {Label: "Silent for", Number: true}, {Label: "Active days", Number: true}, {Label: "Last active"}}}
	for i := range all {
		q := &all[i]
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(q.Member), Cells: []ui.Cell{
			{Text: firstText(q.Name, "member "+idText(q.Member)), Sub: q.Organization, Href: memberHref(q.Member), Avatar: memberAvatar(q.Member, q.Name)},
			{Text: q.Says},
			{Text: ui.Decimal(float64(q.Silent), 0) + " d"},
			{Text: ui.Number(q.ActiveDays)},
			{Time: q.Last},
		}})
	}
	if len(all) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody is overdue", Text: "Everybody whose rhythm is known has been here within the time that is usual for them."}
	}
	return t
}
