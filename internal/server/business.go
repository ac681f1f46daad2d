// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import "greenroom/internal/business"

// Business makes the service that reads business data and keeps accounts.
func (a *App) Business() *business.Service {
	return business.New(a.Store, auditor{a.Auth}, a.Now, a.Zone)
}
