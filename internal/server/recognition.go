// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"greenroom/internal/recognition"
	"greenroom/internal/request"
)

// Recognition finds whom to thank and what may be quoted.
func (a *App) Recognition() *recognition.Service {
	return recognition.New(a.Store, a.Links(), auditor{a.Auth}, a.Log, a.Now, a.Zone)
}

// Requests keeps what members ask for.
func (a *App) Requests() *request.Service {
	return request.New(a.Store, a.Links(), auditor{a.Auth}, a.Now)
}
