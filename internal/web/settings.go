// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/web/ui"
)

// People manages who may sign in; auth.Service does.
type People interface {
	Users(ctx context.Context, c auth.Caller) ([]auth.User, error)
	SetRole(ctx context.Context, c auth.Caller, id int64, role auth.Role) (auth.User, error)
	SetDisabled(ctx context.Context, c auth.Caller, id int64, disabled bool) (auth.User, error)
	LinkFor(ctx context.Context, c auth.Caller, id int64) (auth.Link, error)
	Invite(ctx context.Context, c auth.Caller, email string, role auth.Role) (auth.Link, error)
	Invitations(ctx context.Context, c auth.Caller) ([]auth.Invitation, error)
	RevokeInvitation(ctx context.Context, c auth.Caller, id string) error
}

// Account is what people do with their own account; auth.Service does it.
type Account interface {
	SetName(ctx context.Context, c auth.Caller, name string) (auth.User, error)
	SetPassword(ctx context.Context, c auth.Caller, current, next string) error
	Sessions(ctx context.Context, c auth.Caller) ([]auth.Session, error)
	EndSession(ctx context.Context, c auth.Caller, id string) error
	CreateToken(ctx context.Context, c auth.Caller, n auth.NewToken) (auth.Secret, auth.Token, error)
	Tokens(ctx context.Context, c auth.Caller, user int64) ([]auth.Token, error)
	RevokeToken(ctx context.Context, c auth.Caller, id int64) error
}

// AuditLog reads who did what.
type AuditLog interface {
	AuditPage(ctx context.Context, c auth.Caller, f auth.Filter) (entries []auth.Entry, next int64, err error)
}

// TeamDomains are the e-mail domains of the team: whoever has an address there is marked as staff.
type TeamDomains interface {
	TeamDomains(ctx context.Context) ([]string, error)
	SetTeamDomains(ctx context.Context, domains []string) error
}

// settingsBody is what settings.html shows.
type settingsBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Note    string
	Secret  *ui.Copy
	Back    *ui.Action
	Cards   []settingsCard
	Dialogs []ui.Dialog
}

type settingsCard struct {
	ID    string // where links of the page lead to
	Title string
	Text  string
	Form  *ui.Form
	Table *ui.Table
	Rows  []ui.Row
}

type settingsPages struct {
	*Site
	view *ui.View[settingsBody]
}

func (s *Site) addSettings() error {
	view, err := ui.Parse[settingsBody](s.kit, templates, "templates/settings.html")
	if err != nil {
		return err
	}
	p := &settingsPages{Site: s, view: view}
	anyone := func(Person) bool { return true }
	s.handle("GET /settings", p.community)
	s.change("POST /settings/team", mayAdminister, p.setTeam)
	s.change("POST /settings/retention", mayAdminister, p.setRetention)
	s.change("POST /settings/retention/alerts", mayAdminister, p.setAlertsKept)
	s.change("POST /settings/zone", mayAdminister, p.setZone)
	s.handle("GET /settings/people", p.people)
	s.change("POST /settings/people/invite", mayAdminister, p.invite)
	s.change("POST /settings/people/{id}/role", mayAdminister, p.setRole)
	s.change("POST /settings/people/{id}/disable", mayAdminister, p.disable)
	s.change("POST /settings/people/{id}/link", mayAdminister, p.link)
	s.change("POST /settings/invitations/revoke", mayAdminister, p.revokeInvitation)
	s.handle("GET /settings/account", p.account)
	s.change("POST /settings/account", anyone, p.saveAccount)
	s.change("POST /settings/account/password", anyone, p.savePassword)
	s.change("POST /settings/account/sessions/end", anyone, p.endSession)
	s.change("POST /settings/tokens", anyone, p.createToken)
	s.change("POST /settings/tokens/{id}/revoke", anyone, p.revokeToken)
	s.handle("GET /settings/audit", p.audit)
	if s.cfg.Public != nil {
		s.handle("GET "+publicSettings, p.publicPages)
		s.change("POST "+publicSettings, mayAdminister, p.setPublicPages)
	}
	if s.cfg.Digests != nil {
		s.handle("GET /settings/mail", p.mail)
		s.change("POST /settings/mail", mayAdminister, p.setMail)
		s.change("POST /settings/mail/test", mayAdminister, p.testMail)
		s.change("POST /settings/mail/bounces", mayAdminister, p.setBounces)
	}
	p.addSending()
	return nil
}

func caller(r *http.Request) auth.Caller {
	c, _ := auth.From(r.Context())
	return c
}

func (p *settingsPages) show(w http.ResponseWriter, r *http.Request, body settingsBody) error {
	return p.showAs(w, r, http.StatusOK, body)
}

// showAs shows the settings with a status, such as that of a form that has to be corrected.
func (p *settingsPages) showAs(w http.ResponseWriter, r *http.Request, code int, body settingsBody) error {
	body.Head = ui.Head{Title: "Settings", Find: true}
	body.Tabs.Label = "Settings"
	for _, t := range [][2]string{{"Community", "/settings"}, {"People", "/settings/people"}, {"My account", "/settings/account"}, {"Language model", assistantSettings}, {"Enrichment", enrichmentPath}, {"Mail", "/settings/mail"}, {"Public pages", publicSettings}, {"Sending", sendingPath}, {"Audit log", "/settings/audit"}} {
		if (t[1] == "/settings/audit" || t[1] == assistantSettings) && !person(r).MayAdminister || t[1] == assistantSettings && p.cfg.Assistant == nil || t[1] == "/settings/mail" && p.cfg.Digests == nil || t[1] == publicSettings && p.cfg.Public == nil || t[1] == sendingPath && p.cfg.Sending == nil || t[1] == enrichmentPath && p.cfg.Enrichment == nil {
			continue
		}
		body.Tabs.Items = append(body.Tabs.Items, ui.Segment{Label: t[0], Href: t[1], Active: r.URL.Path == t[1] || body.Back != nil && body.Back.Href == t[1]})
	}
	return send(w, code, func(to io.Writer) error { return p.view.Render(to, p.shell(r, "Settings"), body) })
}

func (p *settingsPages) community(w http.ResponseWriter, r *http.Request) error {
	domains, err := p.cfg.Team.TeamDomains(r.Context())
	if err != nil {
		return err
	}
	l, err := p.cfg.Sources.Ledger(r.Context(), 0)
	if err != nil {
		return err
	}
	field := ui.Field{Name: "domains", Label: "E-mail domains of your team", Value: strings.Join(domains, ", "), Placeholder: "acme.com, acme.org", Help: "Members with an address there are marked as staff and left out of community figures. Separated by commas."}
	card := settingsCard{Title: "Your team", Text: "Now " + countText(l.Staff, "member is staff", "members are staff") + ". Single members are marked on their own page."}
	if person(r).MayAdminister {
		card.Form = &ui.Form{Post: "/settings/team", Fields: []ui.Field{field}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	}
	kept, err := p.retentionCard(r)
	if err != nil {
		return err
	}
	told, err := p.alertsKeptCard(r)
	if err != nil {
		return err
	}
	return p.show(w, r, settingsBody{Cards: []settingsCard{card, kept, told, p.zoneCard(r)}})
}

func (p *settingsPages) setTeam(w http.ResponseWriter, r *http.Request) error {
	var domains []string
	for d := range strings.SplitSeq(r.FormValue("domains"), ",") {
		d = strings.ToLower(strings.Trim(strings.TrimSpace(d), "@."))
		if d == "" {
			continue
		}
		if !strings.Contains(d, ".") || strings.ContainsAny(d, " /@:") {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a domain; one looks like acme.com. Nothing was changed", d)
		}
		domains = append(domains, d)
	}
	if err := p.cfg.Team.SetTeamDomains(r.Context(), domains); err != nil {
		return err
	}
	return p.back(w, r, "/settings", "Saved. Figures follow in a moment.", "")
}

func (p *settingsPages) people(w http.ResponseWriter, r *http.Request) error {
	users, err := p.cfg.People.Users(r.Context(), caller(r))
	if err != nil {
		return err
	}
	admin := person(r).MayAdminister
	card := settingsCard{Title: "Who can sign in"}
	var body settingsBody
	for i := range users {
		own := users[i].ID == caller(r).User.ID
		card.Rows = append(card.Rows, userRow(&users[i], admin, own))
		if admin && !own {
			body.Dialogs = append(body.Dialogs, roleDialog(&users[i]))
		}
	}
	body.Cards = []settingsCard{card}
	if admin {
		invited, err := p.cfg.People.Invitations(r.Context(), caller(r))
		if err != nil {
			return err
		}
		invite := settingsCard{Title: "Invite somebody", Text: "Greenroom sends no mail yet: it makes a link that you pass on. The link is good for seven days.", Form: &ui.Form{
			Post: "/settings/people/invite", Fields: []ui.Field{
				{Name: "email", Label: "E-mail", Type: "email", Required: true},
				{Name: "role", Label: "Role", Type: "select", Value: string(auth.RoleContributor), Options: roleOptions()},
			}, Actions: []ui.Action{{Label: "Make a link", Submit: true, Style: ui.StylePrimary}},
		}}
		for i := range invited {
			v := &invited[i]
			invite.Rows = append(invite.Rows, ui.Row{Title: v.Email, Meta: []ui.Meta{{Text: string(v.Role)}, {Text: "invited by " + v.Actor}, {Time: v.CreatedAt}}, Actions: []ui.Action{
				{Label: "Revoke", Label2: "Revoke the invitation of " + v.Email, Post: "/settings/invitations/revoke", Small: true, Hidden: []ui.Hidden{{Name: "id", Value: v.ID}}},
			}})
		}
		body.Cards = append(body.Cards, invite)
	}
	return p.show(w, r, body)
}

func roleOptions() []ui.Option {
	about := map[auth.Role]string{auth.RoleOwner: "everything, also people and settings", auth.RoleManager: "sources and imports too", auth.RoleContributor: "members and conversations", auth.RoleViewer: "looks only"}
	var all []ui.Option
	for _, r := range auth.Roles() {
		all = append(all, ui.Option{Value: string(r), Label: title(string(r)) + ": " + about[r]})
	}
	return all
}

func userRow(u *auth.User, admin, own bool) ui.Row {
	row := ui.Row{Avatar: &ui.Avatar{Name: firstText(u.Name, u.Email), Seed: u.Email}, Title: firstText(u.Name, u.Email), Meta: []ui.Meta{{Text: u.Email}}, Pills: []ui.Pill{{Text: string(u.Role), Tone: ui.ToneInfo}}}
	if u.Disabled {
		row.Pills = append(row.Pills, ui.Pill{Text: "disabled", Tone: ui.ToneBad})
	}
	if !u.LastSeen.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Time: u.LastSeen})
	}
	if !admin {
		return row
	}
	base := "/settings/people/" + idText(u.ID)
	link := ui.Action{Label: "Sign-in link", Label2: "Make a sign-in link for " + u.Email, Post: base + "/link", Small: true, Style: ui.StyleQuiet}
	if own {
		row.Badge, row.Actions = &ui.Pill{Text: "you", Tone: ui.ToneGood}, []ui.Action{link} // nobody locks themselves out
		return row
	}
	toggle := ui.Action{Label: "Disable", Label2: "Disable " + u.Email, Post: base + "/disable", Small: true, Style: ui.StyleQuiet, Hidden: []ui.Hidden{{Name: "disabled", Value: "1"}}}
	if u.Disabled {
		toggle = ui.Action{Label: "Enable", Label2: "Enable " + u.Email, Post: base + "/disable", Small: true, Style: ui.StyleQuiet}
	}
	role := ui.Action{Label: "Change role…", Label2: "Change the role of " + u.Email, Dialog: "role-" + idText(u.ID), Small: true, Style: ui.StyleQuiet}
	row.Actions = append(row.Actions, role, link, toggle)
	return row
}

// roleDialog chooses another role for somebody.
func roleDialog(u *auth.User) ui.Dialog {
	return ui.Dialog{ID: "role-" + idText(u.ID), Title: "What " + firstText(u.Name, u.Email) + " may do", Form: ui.Form{
		Post:    "/settings/people/" + idText(u.ID) + "/role",
		Fields:  []ui.Field{{Name: "role", Label: "Role", Type: "radio", Value: string(u.Role), Options: roleOptions(), Prefix: "role-" + idText(u.ID) + "-"}},
		Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}}
}

// secret shows a link or a token once: it is not stored and not part of any address.
func (p *settingsPages) secret(w http.ResponseWriter, r *http.Request, label, value, note, back string) error {
	return p.show(w, r, settingsBody{Note: note, Secret: &ui.Copy{Label: label, Value: value}, Back: &ui.Action{Label: "Done", Href: back}})
}

// linkURL is a link as it is passed on: below the address that people are told to use, else below the one that this
// request came to. What a request says of the address it was meant for is believed of proxies that the guard trusts only.
func (p *settingsPages) linkURL(r *http.Request, l auth.Link) string {
	base := p.cfg.PublicURL
	if base == nil {
		base = p.cfg.Guard.Origin(r)
	}
	return base.JoinPath(l.Path()).String()
}

func (p *settingsPages) invite(w http.ResponseWriter, r *http.Request) error {
	role, err := auth.ParseRole(r.FormValue("role"))
	if err != nil {
		return err
	}
	l, err := p.cfg.People.Invite(r.Context(), caller(r), r.FormValue("email"), role)
	if err != nil {
		return err
	}
	return p.secret(w, r, "invitation link", p.linkURL(r, l), "Pass this link on to "+r.FormValue("email")+". It is shown once and is good until "+ui.Date(l.ExpiresAt)+".", "/settings/people")
}

func (p *settingsPages) link(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	l, err := p.cfg.People.LinkFor(r.Context(), caller(r), id)
	if err != nil {
		return err
	}
	return p.secret(w, r, "sign-in link", p.linkURL(r, l), "Pass this link on. It is shown once and is good until "+ui.DateTime(l.ExpiresAt)+".", "/settings/people")
}

func (p *settingsPages) setRole(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	role, err := auth.ParseRole(r.FormValue("role"))
	if err != nil {
		return err
	}
	u, err := p.cfg.People.SetRole(r.Context(), caller(r), id, role)
	if err != nil {
		return err
	}
	return p.back(w, r, "/settings/people", u.Email+" is "+string(u.Role)+" now.", "")
}

func (p *settingsPages) disable(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	u, err := p.cfg.People.SetDisabled(r.Context(), caller(r), id, r.FormValue("disabled") != "")
	if err != nil {
		return err
	}
	message := u.Email + " may sign in again."
	if u.Disabled {
		message = u.Email + " may not sign in any more."
	}
	return p.back(w, r, "/settings/people", message, "")
}

func (p *settingsPages) revokeInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.People.RevokeInvitation(r.Context(), caller(r), r.FormValue("id")); err != nil {
		return err
	}
	return p.back(w, r, "/settings/people", "The invitation is revoked.", "")
}

func (p *settingsPages) account(w http.ResponseWriter, r *http.Request) error {
	c := caller(r)
	sessions, err := p.cfg.Account.Sessions(r.Context(), c)
	if err != nil {
		return err
	}
	tokens, err := p.cfg.Account.Tokens(r.Context(), c, c.User.ID)
	if err != nil {
		return err
	}
	name := settingsCard{Title: "You", Text: c.User.Email + ", " + string(c.User.Role), Form: &ui.Form{Post: "/settings/account", Fields: []ui.Field{{Name: "name", Label: "Name", Value: c.User.Name, Autocomplete: "name"}}, Actions: []ui.Action{{Label: "Save", Submit: true}}}}
	password := settingsCard{Title: "Password", Text: "All other sessions end when it changes.", Form: &ui.Form{Post: "/settings/account/password", Actions: []ui.Action{{Label: "Change the password", Submit: true}}}}
	if c.User.HasPassword {
		password.Form.Fields = append(password.Form.Fields, ui.Field{Name: "current", Label: "Current password", Type: "password", Autocomplete: "current-password", Required: true})
	}
	password.Form.Fields = append(password.Form.Fields, ui.Field{Name: "next", Label: "New password", Type: "password", Autocomplete: "new-password", Required: true, Help: "At least 12 characters"})
	body := settingsBody{Cards: []settingsCard{name, password, sessionsCard(sessions, c.Session), tokensCard(tokens)}}
	return p.show(w, r, body)
}

func sessionsCard(sessions []auth.Session, own string) settingsCard {
	card := settingsCard{Title: "Where you are signed in"}
	for i := range sessions {
		v := &sessions[i]
		row := ui.Row{Title: firstText(v.Agent, "A browser"), Meta: []ui.Meta{{Text: v.Address}, {Time: v.LastSeen}}}
		if v.ID == own {
			row.Badge = &ui.Pill{Text: "this one", Tone: ui.ToneGood}
		} else {
			row.Actions = []ui.Action{{Label: "End", Label2: "End the session of " + row.Title, Post: "/settings/account/sessions/end", Small: true, Hidden: []ui.Hidden{{Name: "id", Value: v.ID}}}}
		}
		card.Rows = append(card.Rows, row)
	}
	return card
}

func tokensCard(tokens []auth.Token) settingsCard {
	card := settingsCard{Title: "API tokens", Text: "For programs that read or write through the API. A token can do no more than your role.", Form: &ui.Form{Post: "/settings/tokens", Fields: []ui.Field{
		{Name: "name", Label: "What it is for", Required: true, Placeholder: "Weekly report", Prefix: "token-"},
		{Name: "scope", Label: "It may", Type: "select", Prefix: "token-", Options: []ui.Option{{Value: "read", Label: "read"}, {Value: "write", Label: "read and write"}, {Value: "admin", Label: "everything that you may"}}},
	}, Actions: []ui.Action{{Label: "Make a token", Submit: true}}}}
	for i := range tokens {
		t := &tokens[i]
		row := ui.Row{Title: t.Name, Meta: []ui.Meta{{Text: t.Hint + "…"}, {Text: string(t.Scope)}, {Text: "made"}, {Time: t.CreatedAt}}}
		if !t.LastUsed.IsZero() {
			row.Meta = append(row.Meta, ui.Meta{Text: "last used"}, ui.Meta{Time: t.LastUsed})
		}
		if t.RevokedAt.IsZero() {
			row.Actions = []ui.Action{{Label: "Revoke", Label2: "Revoke the token " + t.Name, Post: "/settings/tokens/" + idText(t.ID) + "/revoke", Small: true}}
		} else {
			row.Badge = &ui.Pill{Text: "revoked"}
		}
		card.Rows = append(card.Rows, row)
	}
	return card
}

func (p *settingsPages) saveAccount(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.cfg.Account.SetName(r.Context(), caller(r), r.FormValue("name")); err != nil {
		return err
	}
	return p.back(w, r, "/settings/account", "Saved.", "")
}

func (p *settingsPages) savePassword(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Account.SetPassword(r.Context(), caller(r), r.FormValue("current"), r.FormValue("next")); err != nil {
		return err
	}
	return p.back(w, r, "/settings/account", "The password is changed; your other sessions have ended.", "")
}

func (p *settingsPages) endSession(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Account.EndSession(r.Context(), caller(r), r.FormValue("id")); err != nil {
		return err
	}
	return p.back(w, r, "/settings/account", "The session has ended.", "")
}

func (p *settingsPages) createToken(w http.ResponseWriter, r *http.Request) error {
	scope, err := auth.ParseScope(r.FormValue("scope"))
	if err != nil {
		return err
	}
	secret, t, err := p.cfg.Account.CreateToken(r.Context(), caller(r), auth.NewToken{Name: r.FormValue("name"), Scope: scope})
	if err != nil {
		return err
	}
	return p.secret(w, r, "API token", secret.Reveal(), "The token "+strconv.Quote(t.Name)+" is shown this once. Send it as the header Authorization: Bearer TOKEN.", "/settings/account")
}

func (p *settingsPages) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Account.RevokeToken(r.Context(), caller(r), id); err != nil {
		return err
	}
	return p.back(w, r, "/settings/account", "The token is revoked.", "")
}

func (p *settingsPages) audit(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	entries, next, err := p.cfg.AuditLog.AuditPage(r.Context(), caller(r), auth.Filter{Before: before, Limit: 100})
	if err != nil {
		return err
	}
	t := &ui.Table{Caption: "Who did what", Columns: []ui.Column{{Label: "When"}, {Label: "Who"}, {Label: "What"}, {Label: "To what"}, {Label: "More"}}, Empty: &ui.Empty{Title: "Nothing yet", Text: "Sign-ins, merges, imports and changes of people and settings are written here."}}
	for i := range entries {
		e := &entries[i]
		t.Empty = nil
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(e.ID), Cells: []ui.Cell{{Text: ui.DateTime(e.At)}, {Text: e.Actor}, {Text: e.Action}, {Text: e.Target}, {Text: e.Detail}}})
	}
	if next > 0 {
		t.Foot = &ui.Pager{Older: "/settings/audit?before=" + idText(next)}
	}
	return p.show(w, r, settingsBody{Cards: []settingsCard{{Title: "Audit log", Table: t}}})
}
