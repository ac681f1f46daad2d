// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package server wires the product together: stores, importer, projector, services and the HTTP server over them.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"greenroom"
	"greenroom/internal/ingest"
	"greenroom/internal/member"
	"greenroom/internal/projection"
	"greenroom/internal/store"
)

// Options say where the data are.
type Options struct {
	Data     string // folder; made when absent
	Database string // postgres:// URL; "" = SQLite in Data
	Log      *slog.Logger
	Now      func() time.Time
}

// App is the opened product, for the HTTP server and for the command line alike.
type App struct {
	Options
	Store     *store.Store
	Importer  *ingest.Importer
	Projector *projection.Projector
	Members   *member.Service
	Audit     auditor
}

// Open opens the stores in the data folder.
func Open(ctx context.Context, o Options) (*App, error) {
	if err := os.MkdirAll(o.Data, 0o750); err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the data folder %s cannot be made", o.Data), Err: err}
	}
	dsn := o.Database
	if dsn == "" {
		dsn = filepath.Join(o.Data, "greenroom.db")
	}
	st, err := store.Open(ctx, dsn, o.Log, o.Now)
	if err != nil {
		return nil, fmt.Errorf("opening the record store: %w", err)
	}
	a := &App{Options: o, Store: st, Audit: noAudit{}}
	a.Importer = ingest.New(st, o.Log, o.Now, &http.Client{Timeout: time.Minute})
	a.Projector = projection.New(st, o.Log)
	a.Members = member.New(st, a.Audit, a.Projector.Wake)
	return a, nil
}

type noAudit struct{}

func (noAudit) Audit(context.Context, string, string, string, string) error { return nil }

// Close closes the stores.
func (a *App) Close() error { return errors.Join(a.Store.Close()) }
