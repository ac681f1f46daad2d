// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/digest"
	"greenroom/internal/outbox"
	"greenroom/internal/workflow"
)

// senders are the sources whose credentials can write.
type senders struct{ *App }

// writing are the connectors whose credential can write on a channel, with the option that has it.
var writing = map[string]struct {
	channel outbox.Channel
	secret  string
}{
	"slack": {outbox.Slack, "token"}, "discord": {outbox.Discord, "token"}, "discourse": {outbox.Discourse, "api-key"}, "github": {outbox.GitHub, "token"},
}

// Ways says by which sources messages can go out on a channel.
func (s senders) Ways(ctx context.Context) (map[outbox.Channel][]string, error) {
	sources, err := s.Store.Sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing sources: %w", err)
	}
	all := make(map[outbox.Channel][]string)
	for i := range sources {
		src := &sources[i]
		if w, ok := writing[src.Kind]; ok && src.Config[w.secret] != "" && src.DisconnectedAt.IsZero() {
			all[w.channel] = append(all[w.channel], src.Name)
		}
	}
	return all, nil
}

// Credentials opens the options of a source.
func (s senders) Credentials(ctx context.Context, name string) (map[string]string, error) {
	src, err := s.Store.Source(ctx, name)
	if err != nil {
		return nil, err
	}
	if _, ok := writing[src.Kind]; !ok || !src.DisconnectedAt.IsZero() {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the source %s cannot be written to", name)
	}
	spec, err := all.Find(src.Kind)
	if err != nil {
		return nil, fmt.Errorf("looking for the connector of %s: %w", name, err)
	}
	return s.Importer.Credentials(spec, src.Name, src.Config)
}

// Workflows carries workflows out, and is what people do with them.
type Workflows struct {
	*workflow.Service

	engine *workflow.Engine
}

// Workflows makes the service and the engine. What it writes goes out by box; parts is what other features do for steps.
func (a *App) Workflows(box *Outbox, mail *digest.Service, parts workflow.Parts) (*Workflows, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	parts.Ways = senders{a}
	w := &Workflows{engine: workflow.NewEngine(a.Store, parts, host+"/"+rand.Text(), a.Log, a.Now, a.Zone, box.Wake)}
	segments := func(ctx context.Context) ([]string, error) {
		all, err := a.Store.Segments(ctx, false)
		keys := make([]string, len(all))
		for i := range all {
			keys[i] = all[i].Key
		}
		return keys, err
	}
	hasMail := func(ctx context.Context) bool {
		set, err := mail.Settings(ctx)
		return err == nil && set.Server.Host != ""
	}
	w.Service = workflow.New(a.Store, w.engine, auditor{a.Auth}, a.Now, segments, hasMail)
	return w, nil
}

// writers makes the outbox, the surveys and the workflows of a server.
func (a *App) writers(mail *digest.Service, acts *Acts, o ServeOptions) (*Outbox, *Surveys, *Workflows, error) {
	box, err := a.Outbox(mail, o.Allowed)
	if err != nil {
		return nil, nil, nil, err
	}
	surveys := a.Surveys(box, o.Community)
	flows, err := a.Workflows(box, mail, a.WorkflowParts(surveys, acts, baseOf(o)))
	return box, surveys, flows, err
}

// Carry carries workflows out until ctx ends.
func (w *Workflows) Carry(ctx context.Context) { w.engine.Run(ctx) }

// Step does all that is to be done now.
func (w *Workflows) Step(ctx context.Context) (workflow.Work, error) { return w.engine.Step(ctx) }

// maxCall is how much another system may say to let somebody in, in bytes.
const maxCall = 64 << 10

// hook takes what another system says at the address of a workflow.
func (w *Workflows) hook(rw http.ResponseWriter, r *http.Request) {
	key, token, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, workflow.HookPath), "/")
	if !ok || r.Method != http.MethodPost {
		http.Error(rw, "POST to the whole address", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxCall))
	var c workflow.Called
	if err == nil {
		err = json.Unmarshal(body, &c)
	}
	if err != nil {
		http.Error(rw, "expected JSON such as {\"email\": \"ana@example.com\", \"key\": \"trial 42\"}", http.StatusBadRequest)
		return
	}
	if h := r.Header.Get("Idempotency-Key"); h != "" {
		c.Key = h
	}
	n, err := w.Hook(r.Context(), key, token, c)
	if err != nil {
		code := map[greenroom.Code]int{greenroom.CodeForbidden: http.StatusForbidden, greenroom.CodeNotFound: http.StatusNotFound, greenroom.CodeInvalid: http.StatusBadRequest, greenroom.CodeConflict: http.StatusConflict}[greenroom.ErrorCode(err)]
		if code == 0 {
			code = http.StatusInternalServerError
		}
		http.Error(rw, greenroom.ErrorMessage(err), code)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(rw, "{\"entered\":%d}\n", n)
}
