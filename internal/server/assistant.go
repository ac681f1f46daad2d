// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"greenroom/internal/assistant"
	"greenroom/internal/llm"
	"greenroom/internal/seal"
)

// modelTimeout is how long a language model may take to answer; those on one's own machine are slow.
const modelTimeout = 2 * time.Minute

// Assistant asks the team's language model through an HTTP client, which says what may be reached.
func (a *App) Assistant(client *http.Client) Assistant {
	return Assistant{assistant.New(a.Store, a.Store, llm.New(client, a.Now), a.keys, a.Log, a.Now, zones{a}.Zone), auditor{a.Auth}}
}

// LocalAssistant is Assistant for whoever has the data folder, and may reach what the machine reaches.
func (a *App) LocalAssistant() Assistant { return a.Assistant(&http.Client{Timeout: modelTimeout}) }

// Assistant is the service as pages, API and command line ask for it: changes of its settings are noted in the audit log.
type Assistant struct {
	*assistant.Service
	audit auditor
}

// Save is [assistant.Service.Save].
func (s Assistant) Save(ctx context.Context, set assistant.Settings, key *string) error {
	if err := s.Service.Save(ctx, set, key); err != nil {
		return err
	}
	what := "off"
	if set.On {
		var purposes []string
		for _, p := range set.Allowed {
			purposes = append(purposes, string(p))
		}
		what = "on, " + set.Model + " for " + strings.Join(purposes, ", ")
	}
	return s.audit.Audit(ctx, "", "assistant.settings", "language model", what)
}

// resealAssistant seals the model's key with the newest key; it returns how many secrets that were.
func (a *App) resealAssistant(ctx context.Context, keys *seal.Keys) (int, error) {
	set, err := a.Store.AssistantSettings(ctx)
	if err != nil || set.Key == "" || !keys.Stale(set.Key) {
		return 0, err
	}
	if set.Key, err = keys.Reseal(set.Key, assistant.KeyPlace); err != nil {
		return 0, fmt.Errorf("sealing the language model's key: %w", err)
	}
	return 1, a.Store.SetAssistantSettings(ctx, &set)
}
