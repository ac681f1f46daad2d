// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/webhook"
	"greenroom/internal/api"
	"greenroom/internal/store"
	"greenroom/internal/web"
	"greenroom/internal/web/ui"
)

// mappings tries the generic webhook's mappings, as the pages ask for it.
type mappings struct{}

func (mappings) Maps(kind string) (string, bool) { return "mapping", kind == webhook.Kind }

func delivered(d *greenroom.Delivery) connector.Delivery {
	return connector.Delivery{ID: d.ExternalID, ReceivedAt: d.ReceivedAt, Method: d.Method, Path: d.Path, Query: d.Query, Header: d.Header, Body: d.Body}
}

func (mappings) Try(text string, deliveries []greenroom.Delivery) ([]web.TriedDelivery, []string) {
	var own []string // of the mapping itself, which every payload would tell again
	for _, p := range webhook.Check(text) {
		own = append(own, p.String())
	}
	all := make([]web.TriedDelivery, 0, len(deliveries))
	for i := range deliveries {
		p, problems := webhook.Try(text, delivered(&deliveries[i]))
		t := web.TriedDelivery{Delivery: deliveries[i], Payload: p.Payload, LeftOut: p.LeftOut}
		for _, f := range p.Facts {
			fact := web.TriedFact{What: f.What}
			for _, v := range f.Values {
				fact.Values = append(fact.Values, ui.Fact{Label: v.Name, Value: v.Text})
			}
			t.Facts = append(t.Facts, fact)
		}
		for _, problem := range problems {
			if len(own) == 0 {
				t.Problems = append(t.Problems, problem.String())
			}
		}
		all = append(all, t)
	}
	return all, own
}

// TryMapping says what would come of deliveries by a mapping, and what is wrong with the mapping itself.
func TryMapping(kind, text string, deliveries []greenroom.Delivery) ([]api.Tried, []string, error) {
	return mappings{}.forAPI(kind, text, deliveries)
}

// TakeIn takes in what waits of a source, where no server does: then the error has CodeConflict.
func (a *App) TakeIn(ctx context.Context, spec connector.Spec, src *greenroom.Source) error {
	opened, _, err := a.Importer.Open(spec, src.Name, src.Config)
	if err != nil {
		return err
	}
	receiver, ok := opened.(connector.Receiver)
	if !ok {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s takes no deliveries", src.Name)
	}
	if _, err := a.Importer.Receive(ctx, *src, receiver, nil); err != nil {
		return err
	}
	return a.Projector.CatchUp(ctx)
}

// forAPI is Try as the API asks for it.
func (m mappings) forAPI(kind, text string, deliveries []greenroom.Delivery) ([]api.Tried, []string, error) {
	if _, ok := m.Maps(kind); !ok {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "only generic webhooks take a mapping")
	}
	tried, problems := m.Try(text, deliveries)
	all := make([]api.Tried, len(tried))
	for i := range tried {
		t := &tried[i]
		all[i] = api.Tried{ID: t.Delivery.ID, Payload: t.Payload, Facts: []api.TriedFact{}, LeftOut: t.LeftOut, Problems: t.Problems}
		if t.Problems == nil {
			all[i].Problems = []string{}
		}
		for _, f := range t.Facts {
			fact := api.TriedFact{What: f.What, Values: make(map[string]string)}
			for _, v := range f.Values {
				fact.Values[v.Label] = v.Value
			}
			all[i].Facts = append(all[i].Facts, fact)
		}
	}
	return all, problems, nil
}

func (mappings) Fields() []ui.Fact {
	var all []ui.Fact
	for _, f := range webhook.Fields() {
		all = append(all, ui.Fact{Label: f.Name, Value: f.Meaning})
	}
	return all
}

func (mappings) Examples() []web.MappingExample {
	var all []web.MappingExample
	for _, e := range webhook.Examples() {
		all = append(all, example(&e))
	}
	return all
}

func (mappings) Suggest(d *greenroom.Delivery) (web.MappingExample, bool) {
	e, ok := webhook.Suggest(delivered(d))
	return example(&e), ok
}

func example(e *webhook.Example) web.MappingExample {
	return web.MappingExample{Sender: e.Sender, What: e.What, Mapping: e.Mapping}
}

// deliveries wakes what takes deliveries in, so that those that are taken up again need not wait for the next one.
type deliveries struct {
	*store.Store
	wake func()
}

func (d deliveries) RetryDeliveries(ctx context.Context, sourceID int64) (int64, error) {
	n, err := d.Store.RetryDeliveries(ctx, sourceID)
	d.wake()
	return n, err
}

func (d deliveries) RepeatDeliveries(ctx context.Context, sourceID int64) (int64, error) {
	n, err := d.Store.RepeatDeliveries(ctx, sourceID)
	d.wake()
	return n, err
}
