// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"greenroom/internal/pictures"
)

// pictureTimeout is how long a host may take to give a picture.
const pictureTimeout = 20 * time.Second

// Pictures looks at profile pictures through an HTTP client, which says what may be reached.
func (a *App) Pictures(client *http.Client) Pictures {
	return Pictures{pictures.New(a.Store, client, a.Log, a.Now), auditor{a.Auth}}
}

// Pictures is the service as pages and the API ask for it: changes of its settings are noted in the audit log.
type Pictures struct {
	*pictures.Service
	audit auditor
}

// Save is [pictures.Service.Save].
func (s Pictures) Save(ctx context.Context, set pictures.Settings) error {
	if err := s.Service.Save(ctx, set); err != nil {
		return err
	}
	what := "off"
	if set.On {
		what = "on"
	}
	return s.audit.Audit(ctx, "", "pictures.settings", "profile pictures", what)
}

// Forget is [pictures.Service.Forget].
func (s Pictures) Forget(ctx context.Context) (int, error) {
	n, err := s.Service.Forget(ctx)
	if err != nil {
		return n, err
	}
	return n, s.audit.Audit(ctx, "", "pictures.forget", "profile pictures", fmt.Sprintf("what they look like, of %d accounts", n))
}
