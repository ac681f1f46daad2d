// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"html/template"
	"net"
	"net/http"
	"strings"

	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/outbox"
	"greenroom/internal/stack"
)

// Alerts makes the service that has alerts fire. engine and trust may be nil where nothing is looked at, as on the command
// line.
func (a *App) Alerts(box *Outbox, engine *analytics.Engine, trust *stack.Service, o ServeOptions) *alert.Service {
	c := alert.Config{
		Store: a.Store, Lists: a.Store, Destinations: a.Store, Team: a.team, Seal: a.keys, Audit: auditor{a.Auth}, Base: baseOf(o), Log: a.Log, Now: a.Now, Zone: a.Zone,
		Queue: func(ctx context.Context, all ...outbox.Message) error {
			_, err := box.Queue(ctx, all...)
			return err
		},
		Wake: box.runner.Wake,
	}
	if engine != nil {
		c.Figures = engine
	}
	if trust != nil {
		c.Troubles = func(ctx context.Context) ([]alert.Trouble, error) { return troubles(ctx, trust) }
	}
	return alert.New(c)
}

// baseOf is the address that messages link to: where people reach the server, as far as that is known.
func baseOf(o ServeOptions) string {
	if o.PublicURL != nil {
		return strings.TrimSuffix(o.PublicURL.String(), "/")
	}
	if host, port, err := net.SplitHostPort(o.Addr); err == nil && host != "" && port != "0" && port != "" {
		return "http://" + o.Addr
	}
	return ""
}

// troubles are the sources that are late or fail.
func troubles(ctx context.Context, trust *stack.Service) ([]alert.Trouble, error) {
	all, err := trust.Reports(ctx)
	if err != nil {
		return nil, err
	}
	var found []alert.Trouble
	for i := range all {
		r := &all[i]
		if r.State == stack.StateLate || r.State == stack.StateFailing {
			found = append(found, alert.Trouble{SourceID: r.Source.ID, Source: r.Source.Name, State: string(r.State), Says: r.Says, Advice: r.Advice})
		}
	}
	return found, nil
}

// promptly follows what is new for alerts, right after it is derived.
type promptly struct{ alerts *alert.Service }

// Follow has alerts fire.
func (p promptly) Follow(ctx context.Context) error { return p.alerts.Follow(ctx) }

// answerPage is what the links of a message open. Mail programs and chats open links by themselves, so opening one only asks.
//
//nolint:gochecknoglobals // a constant in all but name
var answerPage = template.Must(template.New("answer").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p>{{if .Ask}}<form method="post" action="` + alert.AnswerPath + `"><input type="hidden" name="t" value="{{.Ask}}"><button>{{.Button}}</button></form>{{end}}</main></body></html>
`))

// answers takes the answers of whoever has the link of a message, without signing in.
func answers(alerts *alert.Service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page := struct{ Title, Text, Ask, Button string }{Title: "Was this alert useful?"}
		token, code := r.FormValue("t"), http.StatusOK
		_, useful, err := alerts.Asked(token)
		switch {
		case err != nil:
			code, page.Text = http.StatusNotFound, "This link does not open: it was cut off on its way, or is not from this Greenroom."
		case r.Method == http.MethodPost:
			f, err := alerts.Answer(r.Context(), token)
			if err != nil {
				code, page.Text = http.StatusServiceUnavailable, "That was not counted. Try again in a moment."
				break
			}
			page.Title, page.Text = "Thank you", "Counted as not useful. Greenroom suggests how to make the alert more precise once enough is known."
			if f.Useful != nil && *f.Useful {
				page.Text = "Counted as useful."
			}
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			page.Text, page.Ask, page.Button = "Your answer counts for how precise the alert is. The last answer holds.", token, "It was not useful"
			if useful {
				page.Button = "It was useful"
			}
		default:
			code, page.Text = http.StatusMethodNotAllowed, "This page takes no such request."
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.WriteHeader(code)
		_ = answerPage.Execute(w, page) // who has left needs no answer
	}
}
