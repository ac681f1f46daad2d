// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"net/mail"
	"time"

	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/digest"
	"greenroom/internal/reported"
)

// Digests sends what changed by mail and to Slack; digest.Service does.
type Digests interface {
	Show(ctx context.Context) (*digest.Digest, error)
	Settings(ctx context.Context) (digest.Settings, error)
	SetRhythm(ctx context.Context, r digest.Settings, slack *string) error
	// SetServer sets the mail server; a nil password stays as long as the server does.
	SetServer(ctx context.Context, v digest.Server, password *string) error
	// Test sends a mail that says that mail works.
	Test(ctx context.Context, to string) error
	Send(ctx context.Context, by string, again bool) ([]action.Action, error)
}

// Reported keeps figures as they were reported; reported.Service does.
type Reported interface {
	Points(ctx context.Context, r analytics.Request, res *analytics.Result) ([]reported.Point, error)
}

// Digest is what would be sent now.
type Digest struct {
	Week    string `json:"week" doc:"The ISO week in which it is sent."`
	Subject string `json:"subject" doc:"The subject of the mail."`
	Text    string `json:"text" doc:"The digest as plain text."`
	HTML    string `json:"html" doc:"The digest as a page for mail programs."`
}

// DigestRhythm is when a digest goes to whom. Secrets are taken, and never given.
type DigestRhythm struct {
	On         bool     `json:"on" doc:"It is sent each week; otherwise it is paused."`
	Weekday    int      `json:"weekday" doc:"0 (Sunday) to 6."`
	Hour       int      `json:"hour" doc:"0 to 23, in the community's time zone."`
	Team       bool     `json:"team" doc:"It goes to everybody who can sign in."`
	Recipients []string `json:"recipients" doc:"And to these addresses."`
	Slack      bool     `json:"slack" doc:"It goes to a webhook of Slack, too; what is sent for this is not looked at."`
	Webhook    *string  `json:"slack_webhook,omitempty" doc:"The address of an incoming webhook of Slack, to set it; empty takes it away, left out it stays. It is sealed and never given."`
}

// DigestRhythmOf is the rhythm of settings.
func DigestRhythmOf(set *digest.Settings) DigestRhythm {
	r := DigestRhythm{On: set.On, Weekday: int(set.Weekday), Hour: set.Hour, Team: set.Team, Recipients: set.Recipients, Slack: set.Hook != ""}
	if r.Recipients == nil {
		r.Recipients = []string{}
	}
	return r
}

// MailServer is the server that mail goes by: to members, alerts to the team, the weekly digest.
type MailServer struct {
	Host        string          `json:"host" doc:"Its name; empty = no mail is sent."`
	Port        int             `json:"port" doc:"Mostly 587 with starttls, 465 with tls."`
	Security    digest.Security `json:"security" doc:"starttls, tls or none."`
	From        string          `json:"from" doc:"The address that mail comes from, perhaps with a name."`
	User        string          `json:"user" doc:"Who signs in; empty = nobody."`
	HasPassword bool            `json:"has_password" doc:"A password is set; what is sent for this is not looked at."`
	Password    *string         `json:"password,omitempty" doc:"To set it. Left out, the one that is there stays, as long as host, port and user do. It is sealed and never given."`
}

// MailServerOf is a mail server without its password.
func MailServerOf(v *digest.Server) MailServer {
	return MailServer{Host: v.Host, Port: v.Port, Security: v.Security, From: v.From, User: v.User, HasPassword: v.Password != ""}
}

// MailTest is to whom a test is sent.
type MailTest struct {
	To string `json:"to" doc:"A mail address."`
}

func (a *api) digestOps() []op {
	if a.Digests == nil {
		return nil
	}
	rhythm := content{of: DigestRhythm{}, example: DigestRhythm{On: true, Weekday: 1, Hour: 8, Recipients: []string{"ana@example.com"}, Slack: true}}
	read := func(c *call) (answer, error) {
		set, err := a.Digests.Settings(c.ctx())
		return given(DigestRhythmOf(&set), err)
	}
	return append(a.mailServerOps(), []op{
		{
			method: http.MethodGet, path: "/digest", id: "getDigest", tag: "Health", need: auth.Read, summary: "The weekly digest", text: "The digest as it would be sent now.",
			reply: content{of: Digest{}, example: Digest{Week: "2026-W48", Subject: "Acme: nothing beyond noise changed", Text: "What changed: week of 16 November 2026, against the week before", HTML: "<!DOCTYPE html>"}},
			do: func(c *call) (answer, error) {
				d, err := a.Digests.Show(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(Digest{d.Week, d.Subject, d.Text, d.HTML})
			},
		},
		{
			method: http.MethodGet, path: "/digest/rhythm", id: "getDigestRhythm", tag: "Health", need: auth.Read, summary: "When the digest goes to whom", text: "The digest's rhythm and recipients.", reply: rhythm, do: read,
		},
		{
			method: http.MethodPut, path: "/digest/rhythm", id: "setDigestRhythm", tag: "Health", need: auth.Administer, summary: "Set when the digest goes to whom", text: "Sets rhythm, recipients and Slack webhook, or pauses it. Mail goes by the server of PUT /mail/server.",
			body: &content{of: DigestRhythm{}, text: "When, and to whom.", example: rhythm.example}, reply: rhythm,
			do: func(c *call) (answer, error) {
				r, err := decode[DigestRhythm](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Digests.SetRhythm(c.ctx(), digest.Settings{On: r.On, Weekday: time.Weekday(r.Weekday), Hour: r.Hour, Team: r.Team, Recipients: r.Recipients}, r.Webhook); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
		{
			method: http.MethodPost, path: "/digest/send", id: "sendDigest", tag: "Health", need: auth.Administer, status: http.StatusAccepted, summary: "Send the digest now", text: "Makes an action for each recipient. Who has got this week's digest already gets no other; to whom it failed it is sent anew.",
			reply: content{of: Items[action.Action]{}, example: Items[action.Action]{Items: []action.Action{exampleDigestAction()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Digests.Send(c.ctx(), c.by(), true)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}...)
}

// mailServerOps are the mail server, which the digest's settings keep.
func (a *api) mailServerOps() []op {
	server := content{of: MailServer{}, example: MailServer{Host: "smtp.example.com", Port: 587, Security: digest.StartTLS, From: "Acme community <community@example.com>", User: "community@example.com", HasPassword: true}}
	read := func(c *call) (answer, error) {
		set, err := a.Digests.Settings(c.ctx())
		return given(MailServerOf(&set.Server), err)
	}
	password := "app password"
	draft := MailServer{Host: "smtp.example.com", Port: 587, Security: digest.StartTLS, From: "Acme community <community@example.com>", User: "community@example.com", Password: &password}
	return []op{
		{
			method: http.MethodGet, path: "/mail/server", id: "getMailServer", tag: "Settings", need: auth.Administer, summary: "The mail server", text: "The server that mail goes by, without its password.", reply: server, do: read,
		},
		{
			method: http.MethodPut, path: "/mail/server", id: "setMailServer", tag: "Settings", need: auth.Administer, summary: "Set the mail server", text: "Sets the server that mail goes by: to members, alerts to the team, the weekly digest.",
			body: &content{of: MailServer{}, text: "The server.", example: draft}, reply: server,
			do: func(c *call) (answer, error) {
				v, err := decode[MailServer](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Digests.SetServer(c.ctx(), digest.Server{Host: v.Host, Port: v.Port, Security: v.Security, From: v.From, User: v.User}, v.Password); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
		{
			method: http.MethodPost, path: "/mail/test", id: "sendTestMail", tag: "Settings", need: auth.Administer, summary: "Try the mail server", text: "Sends a mail that says that mail works, and answers once the mail server took it.",
			body: &content{of: MailTest{}, text: "To whom.", example: MailTest{To: "ana@example.com"}}, reply: content{of: MailTest{}, example: MailTest{To: "ana@example.com"}},
			do: func(c *call) (answer, error) {
				t, err := decode[MailTest](c)
				if err != nil {
					return answer{}, err
				}
				if _, err := mail.ParseAddress(t.To); err != nil {
					return answer{}, wrong("to", "%q is not a mail address; one looks like ana@example.com", t.To)
				}
				return given(t, a.Digests.Test(c.ctx(), t.To))
			},
		},
	}
}

func exampleDigestAction() action.Action {
	return action.Action{
		ID: 7, Key: "digest-2026-W48-ana@example.com", Kind: digest.Kind, Title: "Send the digest of 2026-W48 to ana@example.com", Plan: []byte(`{"week":"2026-W48","to":"ana@example.com"}`),
		State: action.Approved, CreatedBy: "ana@example.com", ApprovedBy: "ana@example.com", CreatedAt: exampleTime(20), ApprovedAt: exampleTime(20), Items: 1,
	}
}
