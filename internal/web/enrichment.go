// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/enrichment"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// Enrichment looks members up at an outside service; enrichment.Service does.
type Enrichment interface {
	Status(ctx context.Context) (enrichment.Status, error)
	Save(ctx context.Context, set enrichment.Settings, key *string) error
	Lookups(ctx context.Context, member int64, limit int) ([]enrichment.Lookup, error)
	LookUp(ctx context.Context, member int64, by string) (enrichment.Lookup, error)
	Said(ctx context.Context, after int64, limit int) ([]enrichment.Told, error)
	Forget(ctx context.Context) (int, error)
}

const (
	enrichmentPath = "/settings/enrichment"
	lookupsShown   = 100 // of the log
	saidShown      = 50  // accounts of a page
	usualLookups   = 200 // a month, offered where nothing is set
)

type enrichmentPages struct {
	*Site
	settings *settingsPages
	members  *memberPage
}

func (s *Site) addEnrichment() error {
	if s.cfg.Enrichment == nil {
		return nil
	}
	cards, err := ui.Parse[settingsBody](s.kit, templates, "templates/settings.html")
	if err != nil {
		return err
	}
	p := &enrichmentPages{Site: s, settings: &settingsPages{Site: s, view: cards}, members: &memberPage{Site: s}}
	s.handle("GET "+enrichmentPath, p.show)
	s.change("POST "+enrichmentPath, mayAdminister, p.save)
	s.change("POST "+enrichmentPath+"/try", mayWrite, p.try)
	s.change("POST "+enrichmentPath+"/forget", mayAdminister, p.forget)
	return nil
}

func (p *enrichmentPages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showTyped(w, r, nil, nil)
}

// showTyped shows the page with the form as it was typed, and why that does not do; nil = with what is stored.
func (p *enrichmentPages) showTyped(w http.ResponseWriter, r *http.Request, typed *enrichment.Settings, problem error) error {
	st, err := p.cfg.Enrichment.Status(r.Context())
	if err != nil {
		return err
	}
	agreed, err := p.agreed(r, &st)
	if err != nil {
		return err
	}
	var body settingsBody
	card, code := p.serviceCard(r, &st, firstSet(typed, &st.Settings)), http.StatusOK
	if problem != nil && card.Form != nil {
		card.Form.Error, code = sentence(greenroom.ErrorMessage(problem))+" Nothing was changed.", http.StatusUnprocessableEntity
	}
	body.Cards = append(body.Cards, card)
	if st.Settings.Address != "" {
		body.Cards = append(body.Cards, monthOfLookups(&st, agreed))
	}
	if st.Settings.On && person(r).MayWrite {
		body.Cards = append(body.Cards, tryCard())
	}
	said, err := p.saidCard(r, &st)
	if err != nil {
		return err
	}
	log, err := p.lookupsCard(r, &st)
	if err != nil {
		return err
	}
	body.Cards = append(body.Cards, said, log)
	if person(r).MayAdminister && (st.Accounts > 0 || st.Settings.On) {
		body.Dialogs = []ui.Dialog{forgetDialog(&st)}
	}
	return p.settings.showAs(w, r, code, body)
}

func firstSet(typed, stored *enrichment.Settings) *enrichment.Settings {
	if typed != nil {
		return typed
	}
	return stored
}

// agreed counts the members whom the query of consent fits; -1 where there is none that can be asked.
func (p *enrichmentPages) agreed(r *http.Request, st *enrichment.Status) (int64, error) {
	if st.Settings.Consent == "" {
		return -1, nil
	}
	q, err := query.Parse(p.schemas[query.Members], st.Settings.Consent)
	if err != nil {
		return -1, nil //nolint:nilerr // a query of old that is none now fits nobody, which the service says when it is asked
	}
	page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: q, Limit: 1, Count: true})
	return page.Total, err
}

func (p *enrichmentPages) serviceCard(r *http.Request, st *enrichment.Status, set *enrichment.Settings) settingsCard {
	card := settingsCard{Title: "An outside service that knows more", Text: "Off. Nobody is looked up, and nothing leaves this machine. " + whatItDoes}
	if st.Settings.On {
		card.Text = "On: " + st.Settings.Name + " is asked at " + hostOf(st.Settings.Address) + ". " + whatItDoes
	}
	if !person(r).MayAdminister {
		card.Text += " An owner can change this."
		return card
	}
	keyHelp := "Sent as Authorization: Bearer. Sealed before it is stored, and never shown again."
	if st.HasKey {
		keyHelp = "One is stored. Left empty, it stays; an address on another host forgets it."
	}
	card.Form = &ui.Form{Post: enrichmentPath, Fields: []ui.Field{
		{Name: "on", Label: "Look members up", Type: "checkbox", Checked: set.On, Help: "What leaves this machine: mail addresses and profile links of members who agreed, each at most once in half a year, to the address below. No names, no messages, no activity."},
		{Name: "name", Label: "Name of the service", Value: set.Name, Placeholder: "registry", OneOf: true, Autocomplete: "off", Help: "One word. It is shown beside everything that the service said."},
		{Name: "address", Label: "Address", Value: set.Address, Placeholder: "https://lookup.example.com/person", OneOf: true, Help: "It is sent a POST with JSON for each member; docs/identity.md has the few lines that it has to answer with. Addresses inside your network are refused unless Greenroom was started with --allow-network."},
		{Name: "key", Label: "Key", Type: "password", Autocomplete: "off", Help: keyHelp},
		{Name: "consent", Label: "Who agreed", Value: set.Consent, Placeholder: "tag:lookup-ok", OneOf: true, Autocomplete: "off", Help: "A query on members, by a tag or a field that you set when somebody agrees. Nobody else is looked up, nor anybody who does not want to be contacted."},
		{Name: "month", Label: "Lookups a month", Type: "number", Value: strconv.FormatInt(cmp.Or(set.Month, usualLookups), 10), OneOf: true, Help: "A lookup counts when it is sent, whatever comes of it. When they are used up, nobody is looked up until the next month."},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	if st.Settings.On || st.Accounts > 0 {
		card.Form.Actions = append(card.Form.Actions, ui.Action{Label: "Switch off and remove what came in…", Dialog: "forget-outside", Style: ui.StyleDanger})
	}
	return card
}

const whatItDoes = "A service that you connect can fill what no source, profile or person says of a member, such as country or role. The member’s page names the service and the day beside each value."

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func monthOfLookups(st *enrichment.Status, agreed int64) settingsCard {
	left := max(0, st.Settings.Month-st.Used)
	rows := []ui.TableRow{
		{Cells: []ui.Cell{{Text: "Lookups used since " + ui.Date(st.Since)}, {Text: ui.Number(int(st.Used)), Href: "#lookups"}}},
		{Cells: []ui.Cell{{Text: "Lookups left"}, {Text: ui.Number(int(left))}}},
	}
	if agreed >= 0 {
		rows = append(rows, ui.TableRow{Cells: []ui.Cell{{Text: "Members who agreed", Sub: st.Settings.Consent}, {Text: ui.Number(int(agreed)), Href: "/members?q=" + url.QueryEscape(st.Settings.Consent)}}})
	}
	return settingsCard{Title: "This month", Table: &ui.Table{Caption: "Lookups of this month", Columns: []ui.Column{{Label: "What"}, {Label: "Number", Number: true}}, Rows: rows}}
}

func tryCard() settingsCard {
	return settingsCard{Title: "Try it on one member", Text: "Sends their addresses and links now and uses one lookup. They have to have agreed.", Form: &ui.Form{
		Post:    enrichmentPath + "/try",
		Fields:  []ui.Field{{Name: "member", Label: "Member", Required: true, Placeholder: "Name, e-mail address, handle or number", Autocomplete: "off", Choose: "/members/choose", Prefix: "try-"}},
		Actions: []ui.Action{{Label: "Look them up", Submit: true}},
	}}
}

// saidCard lists what is kept of what services said.
func (p *enrichmentPages) saidCard(r *http.Request, st *enrichment.Status) (settingsCard, error) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	all, err := p.cfg.Enrichment.Said(r.Context(), after, saidShown+1)
	if err != nil {
		return settingsCard{}, err
	}
	t := &ui.Table{Caption: "What outside services said", Columns: []ui.Column{{Label: "Member"}, {Label: "What was said"}, {Label: "By"}, {Label: "Known since"}}}
	if len(all) > saidShown {
		all = all[:saidShown]
		t.Foot = &ui.Pager{Older: enrichmentPath + "?after=" + idText(all[saidShown-1].Account) + "#said"}
	}
	for i := range all {
		v := &all[i]
		fields := make([]string, 0, len(v.Fields))
		for _, f := range v.Fields {
			fields = append(fields, strings.ReplaceAll(f.Field, "_", " ")+": "+f.Value)
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(v.Account), Cells: []ui.Cell{{Text: v.Name, Href: memberHref(v.Member)}, {Text: strings.Join(fields, " · ")}, {Text: v.Provider}, {Text: ui.Date(v.At)}}})
	}
	if len(all) == 0 {
		t.Empty = &ui.Empty{Title: "Nothing came in yet", Text: "What a service says of members is listed here, with the day on which it learned it."}
	}
	title := "What came in"
	if st.Accounts > 0 {
		title += ": " + countText(st.Accounts, "account", "accounts")
	}
	return settingsCard{ID: "said", Title: title, Table: t}, nil
}

func (p *enrichmentPages) lookupsCard(r *http.Request, st *enrichment.Status) (settingsCard, error) {
	all, err := p.cfg.Enrichment.Lookups(r.Context(), 0, lookupsShown+1)
	if err != nil {
		return settingsCard{}, err
	}
	card := settingsCard{ID: "lookups", Title: "Log of lookups"}
	if len(all) > lookupsShown {
		all = all[:lookupsShown]
		card.Text = "The last " + ui.Number(lookupsShown) + ". What was asked about one member is part of their exported data."
	}
	names, err := p.lookedUp(r, all)
	if err != nil {
		return card, err
	}
	t := &ui.Table{Caption: "Whom an outside service was asked about", Columns: []ui.Column{{Label: "Member"}, {Label: "When"}, {Label: "Service"}, {Label: "Who asked"}, {Label: "What was sent"}, {Label: "What came of it"}}}
	for i := range all {
		l := &all[i]
		sent := countText(l.Addresses, "address", "addresses") + ", " + countText(l.Links, "link", "links")
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(l.ID), Cells: []ui.Cell{{Text: firstText(names[l.Member], "Member "+idText(l.Member)), Href: memberHref(l.Member)}, {Text: ui.DateTime(l.At)}, {Text: l.Provider}, {Text: firstText(l.By, "by itself")}, {Text: sent}, outcomeCell(l)}})
	}
	if len(all) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody was looked up yet", Text: "Every lookup is noted here before it is sent: whom it is about, who asked, and how much leaves. To begin, mark members who agreed with a tag such as lookup-ok, connect a service above, and try it on one of them."}
		if st.Settings.On {
			t.Empty.Text = "Every lookup is noted here before it is sent: whom it is about, who asked, and how much leaves. Members who agreed are looked up within the hour."
		}
	}
	card.Table = t
	return card, nil
}

func outcomeCell(l *enrichment.Lookup) ui.Cell {
	switch l.Outcome {
	case enrichment.Found:
		return ui.Cell{Text: "Said their " + strings.ReplaceAll(strings.Join(l.Fields, ", "), "_", " ")}
	case enrichment.Nobody:
		return ui.Cell{Text: "Knows nobody of these addresses"}
	case enrichment.Failed:
		return ui.Cell{Pills: []ui.Pill{{Text: "failed", Tone: ui.ToneBad}}, Sub: sentence(l.Problem)}
	case enrichment.Asked:
	}
	return ui.Cell{Text: "No answer was stored", Sub: "It is under way, or the server stopped meanwhile."}
}

// lookedUp are the names of the members of lookups.
func (p *enrichmentPages) lookedUp(r *http.Request, all []enrichment.Lookup) (map[int64]string, error) {
	names := make(map[int64]string)
	for i := range all {
		id := all[i].Member
		if _, known := names[id]; known {
			continue
		}
		m, err := p.cfg.Objects.Member(r.Context(), id)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return nil, err
		}
		names[id] = m.Name
	}
	return names, nil
}

func forgetDialog(st *enrichment.Status) ui.Dialog {
	what := "Nothing that a service said is kept now."
	if st.Accounts > 0 {
		what = "What services said of " + countText(st.Accounts, "account", "accounts") + " is taken away, and fields that only they filled are empty again. It cannot be undone: to have it back, members have to be looked up again."
	}
	return ui.Dialog{ID: "forget-outside", Title: "Switch lookups off and remove what came in", Text: "Nobody is looked up any more. " + what + " The settings, the key and the log of lookups stay.", Form: ui.Form{
		Post: enrichmentPath + "/forget", Actions: []ui.Action{{Label: "Switch off and remove", Submit: true, Style: ui.StyleDanger}},
	}}
}

func (p *enrichmentPages) save(w http.ResponseWriter, r *http.Request) error {
	set := enrichment.Settings{On: r.FormValue("on") != "", Name: r.FormValue("name"), Address: r.FormValue("address"), Consent: r.FormValue("consent")}
	if text := strings.ReplaceAll(strings.TrimSpace(r.FormValue("month")), ",", ""); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return p.showTyped(w, r, &set, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of lookups", text))
		}
		set.Month = n
	}
	var key *string
	if v := r.FormValue("key"); v != "" {
		key = &v
	}
	if err := p.cfg.Enrichment.Save(r.Context(), set, key); greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return p.showTyped(w, r, &set, err)
	} else if err != nil {
		return err
	}
	message := "Saved. Nobody is looked up."
	if set.On {
		message = "Saved. Members who agreed are looked up within the hour; try it on one of them below."
	}
	return p.back(w, r, enrichmentPath, message, "")
}

func (p *enrichmentPages) try(w http.ResponseWriter, r *http.Request) error {
	text := strings.TrimSpace(r.FormValue("member"))
	if text == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "write whom to look up: a name, an e-mail address or a member's number. Nothing was sent")
	}
	m, err := p.members.findOne(r, text, 0)
	if err != nil {
		return err
	}
	l, err := p.cfg.Enrichment.LookUp(r.Context(), m.ID, person(r).Actor)
	if err != nil {
		return err
	}
	message := l.Provider + " knows nobody of the addresses and links of " + m.Name + "."
	if l.Outcome == enrichment.Found {
		message = l.Provider + " said of " + m.Name + ": " + strings.ReplaceAll(strings.Join(l.Fields, ", "), "_", " ") + ". It is listed below."
	}
	return p.back(w, r, enrichmentPath, message, "")
}

// forget switches lookups off first, so that nothing comes in again meanwhile.
func (p *enrichmentPages) forget(w http.ResponseWriter, r *http.Request) error {
	st, err := p.cfg.Enrichment.Status(r.Context())
	if err != nil {
		return err
	}
	if st.Settings.On {
		st.Settings.On = false
		if err := p.cfg.Enrichment.Save(r.Context(), st.Settings, nil); err != nil {
			return err
		}
	}
	n, err := p.cfg.Enrichment.Forget(r.Context())
	if err != nil {
		return err
	}
	return p.back(w, r, enrichmentPath, "Nobody is looked up any more. What services said of "+countText(int64(n), "account", "accounts")+" is removed.", "")
}
