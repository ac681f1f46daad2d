// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/digest"
	"greenroom/internal/web/ui"
)

// Digests sends what changed by mail and to Slack; digest.Service does.
type Digests interface {
	Show(ctx context.Context) (*digest.Digest, error)
	Settings(ctx context.Context) (digest.Settings, error)
	SetRhythm(ctx context.Context, r digest.Settings, slack *string) error
	SetServer(ctx context.Context, v digest.Server, password *string) error
	Send(ctx context.Context, by string, again bool) ([]action.Action, error)
	Test(ctx context.Context, to string) error
}

// digestBody is what digest.html shows.
type digestBody struct {
	Head    ui.Head
	Empty   *ui.Empty
	Subject string
	Text    string
	Form    *ui.Form
	Facts   []ui.Fact
}

type digestPages struct {
	*Site
	view *ui.View[digestBody]
}

func (s *Site) addDigest() error {
	if s.cfg.Digests == nil {
		return nil
	}
	view, err := ui.Parse[digestBody](s.kit, templates, "templates/digest.html")
	if err != nil {
		return err
	}
	p := &digestPages{Site: s, view: view}
	owner := func(p Person) bool { return p.MayAdminister }
	s.handle("GET /digest", p.show)
	s.change("POST /digest", owner, p.save)
	s.change("POST /digest/send", owner, p.sendNow)
	return nil
}

func (p *digestPages) show(w http.ResponseWriter, r *http.Request) error {
	body := digestBody{Head: ui.Head{Title: "Weekly digest", Subtitle: "What changed, why, who to talk to and what to do next, sent to those who do not look every day", Find: true}}
	if p.counts.get(r.Context()).Sources == 0 {
		body.Empty = &ui.Empty{Title: "Nothing to tell yet", Text: "A digest says what changed in the community by more than noise.", Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}}}
		return render(p.Site, w, r, p.view, "Digest", body)
	}
	set, err := p.cfg.Digests.Settings(r.Context())
	if err != nil {
		return err
	}
	d, err := p.cfg.Digests.Show(r.Context())
	if err != nil {
		return err
	}
	body.Subject, body.Text = d.Subject, d.Text
	body.Head.Pills = []ui.Pill{{Text: d.Week}, {Text: "paused", Tone: ui.ToneWarn}}
	if set.On {
		body.Head.Pills[1] = ui.Pill{Text: "on", Tone: ui.ToneGood}
	}
	body.Facts = digestFacts(&set, p.cfg.Zones.Zone().String())
	if person(r).MayAdminister {
		body.Head.Actions = []ui.Action{{Label: "Send now", Post: "/digest/send"}}
		body.Form = digestForm(&set, p.cfg.Zones.Zone().String())
	}
	return render(p.Site, w, r, p.view, "Digest", body)
}

func digestFacts(set *digest.Settings, zone string) []ui.Fact {
	to := countText(int64(len(set.Recipients)), "address", "addresses")
	if set.Team {
		to = "everybody who can sign in, and " + to
	}
	slack, server := "no webhook is set", "none is set"
	if set.Hook != "" {
		slack = "a webhook is set"
	}
	if set.Server.Host != "" {
		server = set.Server.Host
	}
	facts := []ui.Fact{
		{Label: "When", Value: set.Weekday.String() + " at " + strconv.Itoa(set.Hour) + ":00 in " + zone}, {Label: "By mail to", Value: to}, {Label: "Mail server", Value: server, Href: "/settings/mail"}, {Label: "Slack", Value: slack},
	}
	if len(set.Left) > 0 {
		facts = append(facts, ui.Fact{Label: "Unsubscribed", Value: countText(int64(len(set.Left)), "address", "addresses")})
	}
	return facts
}

func digestForm(set *digest.Settings, zone string) *ui.Form {
	var days, hours []ui.Option
	for d := range 7 {
		day := time.Weekday((d + 1) % 7)
		days = append(days, ui.Option{Value: strconv.Itoa(int(day)), Label: day.String()})
	}
	for h := range 24 {
		hours = append(hours, ui.Option{Value: strconv.Itoa(h), Label: strconv.Itoa(h) + ":00"})
	}
	slack := "The address of an incoming webhook of Slack. It is sealed and not shown again."
	if set.Hook != "" {
		slack = "One is set. Left empty, it stays; a dash takes it away."
	}
	return &ui.Form{Post: "/digest", Fields: []ui.Field{
		{Name: "on", Label: "Send it each week", Type: "checkbox", Checked: set.On, Help: "Without this, it is paused."},
		{Name: "weekday", Label: "On", Type: "select", Value: strconv.Itoa(int(set.Weekday)), Options: days},
		{Name: "hour", Label: "At, in " + zone, Type: "select", Value: strconv.Itoa(set.Hour), Options: hours},
		{Name: "team", Label: "To everybody who can sign in", Type: "checkbox", Checked: set.Team},
		{Name: "recipients", Label: "And to these addresses", Type: "textarea", Value: strings.Join(set.Recipients, "\n"), Placeholder: "ana@example.com", Help: "One a line"},
		{Name: "slack", Label: "Slack webhook", Type: "password", Autocomplete: "off", Help: slack},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
}

// kept is a secret of a form: nil = it stays, "" = it is taken away.
func kept(text string) *string {
	switch text = strings.TrimSpace(text); text {
	case "":
		return nil
	case "-":
		text = ""
	}
	return &text
}

func (p *digestPages) save(w http.ResponseWriter, r *http.Request) error {
	day, err1 := strconv.Atoi(r.FormValue("weekday"))
	hour, err2 := strconv.Atoi(r.FormValue("hour"))
	if err1 != nil || err2 != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "choose a weekday and an hour")
	}
	set := digest.Settings{On: r.FormValue("on") != "", Team: r.FormValue("team") != "", Weekday: time.Weekday(day), Hour: hour, Recipients: strings.FieldsFunc(r.FormValue("recipients"), func(c rune) bool { return c == '\n' || c == '\r' || c == ',' })}
	if err := p.cfg.Digests.SetRhythm(r.Context(), set, kept(r.FormValue("slack"))); err != nil {
		return err
	}
	return p.back(w, r, "/digest", "Saved.", "")
}

func (p *digestPages) sendNow(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Digests.Send(r.Context(), person(r).Actor, true)
	if err != nil {
		return err
	}
	return p.back(w, r, "/actions", "The digest goes to "+countText(int64(len(all)), "recipient", "recipients")+". Who has got this week's already gets no other.", "")
}

// mail shows the mail server under Settings.
func (p *settingsPages) mail(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Digests.Settings(r.Context())
	if err != nil {
		return err
	}
	v := &set.Server
	card := settingsCard{Title: "Mail server", Text: "Greenroom sends mail by this server: to members, alerts to the team, the weekly digest. Without one, it sends none."}
	if v.Host != "" {
		card.Text = "Mail goes by " + v.Host + ", from " + v.From + "."
	}
	if !person(r).MayAdminister {
		return p.show(w, r, settingsBody{Cards: []settingsCard{card}})
	}
	secret := "Sealed, and not shown again."
	if v.Password != "" {
		secret = "One is set. Left empty, it stays while server and user stay; a dash takes it away."
	}
	card.Form = &ui.Form{Post: "/settings/mail", Fields: []ui.Field{
		{Name: "host", Label: "Server", Value: v.Host, Placeholder: "smtp.example.com", Help: "Left empty, no mail is sent."},
		{Name: "port", Label: "Port", Type: "number", Value: strconv.Itoa(v.Port), Required: true},
		{Name: "security", Label: "Protection", Type: "select", Value: string(v.Security), Options: []ui.Option{{Value: "starttls", Label: "STARTTLS, mostly port 587"}, {Value: "tls", Label: "TLS from the start, mostly port 465"}, {Value: "none", Label: "None"}}},
		{Name: "from", Label: "From", Value: v.From, Placeholder: "Greenroom <greenroom@example.com>"},
		{Name: "user", Label: "User", Value: v.User, Autocomplete: "off"},
		{Name: "password", Label: "Password", Type: "password", Autocomplete: "off", Help: secret},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	cards := []settingsCard{card}
	if v.Host != "" {
		back, err := p.bounces(r)
		if err != nil {
			return err
		}
		cards = append(append(cards, back...), settingsCard{Title: "Try it", Form: &ui.Form{Post: "/settings/mail/test", Fields: []ui.Field{{Name: "to", Label: "Send a test to", Type: "email", Value: person(r).Seed, Required: true}}, Actions: []ui.Action{{Label: "Send a test", Submit: true}}}})
	}
	return p.show(w, r, settingsBody{Cards: cards})
}

func (p *settingsPages) setMail(w http.ResponseWriter, r *http.Request) error {
	port, err := strconv.Atoi(r.FormValue("port"))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a port; mail servers mostly listen at 587 or 465", r.FormValue("port"))
	}
	v := digest.Server{Host: r.FormValue("host"), Port: port, User: r.FormValue("user"), From: r.FormValue("from"), Security: digest.Security(r.FormValue("security"))}
	if err := p.cfg.Digests.SetServer(r.Context(), v, kept(r.FormValue("password"))); err != nil {
		return err
	}
	return p.back(w, r, "/settings/mail", "Saved.", "")
}

func (p *settingsPages) testMail(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Digests.Test(r.Context(), strings.TrimSpace(r.FormValue("to"))); err != nil {
		return err
	}
	return p.back(w, r, "/settings/mail", "The mail server took the test mail to "+r.FormValue("to")+".", "")
}
