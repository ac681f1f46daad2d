// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/analytics"
	"greenroom/internal/ingest"
	"greenroom/internal/stack"
)

// platforms opens sources for questions to their platforms, as package stack asks for it.
type platforms struct {
	importer *ingest.Importer
	running  func(source string) (greenroom.Run, bool)
}

func (p platforms) Specs() []connector.Spec { return all.Specs() }

func (p platforms) Open(src *greenroom.Source) (connector.Source, error) {
	spec, err := all.Find(src.Kind)
	if err != nil {
		return nil, err
	}
	opened, _, err := p.importer.Open(spec, src.Name, src.Config)
	return opened, err
}

func (p platforms) Running(source string) (greenroom.Run, bool) { return p.running(source) }

// Stack says how the sources are. In a server, runner says what is being read; elsewhere it is nil.
func (a *App) Stack(engine *analytics.Engine, runner *Imports) *stack.Service {
	p := platforms{importer: a.Importer, running: func(string) (greenroom.Run, bool) { return greenroom.Run{}, false }}
	if runner != nil {
		p = platforms{importer: runner.importer, running: runner.Running}
	}
	return stack.New(a.Store, engine, p, a.Log, a.Now, zones{a}.Zone).Watch(a.waits)
}
