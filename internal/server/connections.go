// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/connect"
)

// Connections returns what connects sources, for whoever has the data folder.
func (a *App) Connections() *connect.Service {
	return connect.New(a.Store, a.Importer, a.Now, all.Specs(), func(context.Context, *connector.Spec, connector.Values) error { return nil })
}

// connections connects sources for people and programs that ask by HTTP: with the guarded client, within what they may
// read, and noting changes in the audit log.
type connections struct {
	*connect.Service

	runner *Imports
	audit  auditor
}

func newConnections(a *App, runner *Imports) connections {
	return connections{connect.New(a.Store, runner.importer, a.Now, all.Specs(), runner.mayRead), runner, auditor{a.Auth}}
}

func (c connections) Change(ctx context.Context, name string, change connect.Change) (greenroom.Source, error) {
	src, err := c.Service.Change(ctx, name, change)
	if err != nil {
		return src, err
	}
	what := slices.Sorted(maps.Keys(change.Options)) // their names only: values may be secrets
	for _, option := range change.Forget {
		what = append(what, "-"+option)
	}
	if change.Rhythm != nil {
		what = append(what, "rhythm "+strconv.FormatInt(*change.Rhythm, 10)+" s")
	}
	if change.FromStart {
		what = append(what, "from the start")
	}
	return src, c.audit.Audit(ctx, "", "source.change", "source "+name, strings.Join(what, ", "))
}

func (c connections) RenewSecret(ctx context.Context, name string) (string, error) {
	made, err := c.Service.RenewSecret(ctx, name)
	if err != nil {
		return "", err
	}
	return made, c.audit.Audit(ctx, "", "source.secret", "source "+name, "")
}

// Disconnect stops a read that goes on first.
func (c connections) Disconnect(ctx context.Context, name string) error {
	if err := c.runner.Stop(ctx, name); err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return err
	}
	if err := c.Service.Disconnect(ctx, name); err != nil {
		return err
	}
	return c.audit.Audit(ctx, "", "source.disconnect", "source "+name, "")
}
