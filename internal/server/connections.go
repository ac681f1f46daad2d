// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/connect"
	"greenroom/internal/store"
)

// Connections returns what connects sources, for whoever has the data folder.
func (a *App) Connections() *connect.Service {
	return connect.New(a.Store, a.Importer, a.Now, all.Specs(), func(context.Context, *connector.Spec, connector.Values) error { return nil })
}

// connections connects sources for people and programs that ask by HTTP: with the guarded client, within what they may
// read, and noting changes in the audit log.
type connections struct {
	*connect.Service

	store  *store.Store
	runner *Imports
	audit  auditor
	remove func() // wakes who removes
}

func newConnections(a *App, runner *Imports, remove func()) connections {
	return connections{connect.New(a.Store, runner.importer, a.Now, all.Specs(), runner.mayRead), a.Store, runner, auditor{a.Auth}, remove}
}

// Change interrupts a read that goes on, where other options are set, and lets it go on with them.
func (c connections) Change(ctx context.Context, name string, change connect.Change) (greenroom.Source, error) {
	stopped := false
	if len(change.Options)+len(change.Forget) > 0 || change.FromStart {
		err := c.runner.Stop(ctx, name)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return greenroom.Source{}, err
		}
		stopped = err == nil
	}
	src, err := c.Service.Change(ctx, name, change)
	if stopped {
		c.resume(ctx, name)
	}
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

// resume reads a source again that was being read.
func (c connections) resume(ctx context.Context, name string) {
	src, err := c.store.Source(ctx, name)
	var spec connector.Spec
	if err == nil {
		spec, err = c.Find(src.Kind)
	}
	if err == nil {
		_, _, err = c.runner.start(ctx, spec, name, src.Config)
	}
	if err != nil {
		c.runner.log.Warn("a source whose options were changed could not be read on", "source", name, "error", err)
	}
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

// Remove stops a read that goes on first, and has the data removed in the background.
func (c connections) Remove(ctx context.Context, name, confirm, by string) error {
	if confirm != name {
		return c.Service.Remove(ctx, name, confirm, by) // says what is to be typed
	}
	if err := c.runner.Stop(ctx, name); err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return err
	}
	if err := c.Service.Remove(ctx, name, confirm, by); err != nil {
		return err
	}
	c.remove()
	return c.audit.Audit(ctx, by, "source.remove", "source "+name, "with all that came in from it")
}

// Removals lists the sources that are being removed.
func (c connections) Removals(ctx context.Context) ([]greenroom.Removal, error) {
	return c.store.Removals(ctx)
}

// Rename interrupts a read that goes on, and lets it go on under the new name.
func (c connections) Rename(ctx context.Context, name, to string) (greenroom.Source, error) {
	err := c.runner.Stop(ctx, name)
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return greenroom.Source{}, err
	}
	stopped := err == nil
	src, err := c.Service.Rename(ctx, name, to)
	if stopped {
		c.resume(ctx, cmp.Or(src.Name, name))
	}
	if err != nil {
		return src, err
	}
	return src, c.audit.Audit(ctx, "", "source.rename", "source "+src.Name, "was "+name)
}
