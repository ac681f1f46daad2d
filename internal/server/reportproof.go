// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/proof"
	"greenroom/internal/report"
)

// studyMeasure begins the keys by which reports show the results of studies; the rest is the study's number.
const studyMeasure = "study-"

// measures are what reports can show of the proof: its measures, and studies that have a result.
func (p reportParts) measures(ctx context.Context) ([]report.MeasureInfo, error) {
	s := p.Proof(p.engine)
	var all []report.MeasureInfo
	for _, m := range s.Measures() {
		all = append(all, report.MeasureInfo{Key: m.Key, Label: m.Label})
	}
	studies, err := s.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing studies for reports: %w", err)
	}
	for i := range studies {
		if x := &studies[i]; x.Latest != nil && x.Latest.Result != nil {
			all = append(all, report.MeasureInfo{Key: studyMeasure + strconv.FormatInt(x.ID, 10), Label: "Study: " + x.Title})
		}
	}
	return all, nil
}

// measure computes a measure for reports, as the API does for the same time.
func (p reportParts) measure(ctx context.Context, key string, from, to time.Time) (report.Evidence, error) {
	if text, is := strings.CutPrefix(key, studyMeasure); is {
		return p.study(ctx, text)
	}
	m, err := proof.FindMeasure(key)
	if err != nil {
		return report.Evidence{}, err //nolint:wrapcheck // its words are for people
	}
	f, err := p.Proof(p.engine).Measure(ctx, key, from, to)
	if err != nil {
		return report.Evidence{}, err //nolint:wrapcheck // it says what it did
	}
	e := report.Evidence{
		Figure:  report.Figure{Label: m.Label, Unit: proofUnit(f.Unit, f.Money), Value: f.Value, Low: f.Low, High: f.High, Range: true, Verdict: string(f.Verdict), Definition: m.Definition, Path: f.Records},
		Unknown: f.Unknown,
	}
	var sources []string
	for _, s := range m.Sources {
		sources = append(sources, s.Title)
	}
	e.Figure.Source = strings.Join(sources, "; ")
	switch {
	case f.Answer != "":
		e.Lines = append(e.Lines, report.Line{Text: "The study says: " + f.Answer, Path: fmt.Sprintf("/impact/studies/%d", f.Study)})
	case f.Causal != "":
		e.Lines = append(e.Lines, report.Line{Text: "This is credit, not an effect. To be asked: " + f.Causal})
	}
	for i := range f.Parts {
		v := &f.Parts[i]
		e.Lines = append(e.Lines, report.Line{Text: capital(v.Label) + ": " + report.ValueText(proofUnit(v.Unit, f.Money), v.Value)})
	}
	for i := range f.Inputs {
		if in := &f.Inputs[i]; in.Editable && in.Known && len(in.Words) == 0 {
			e.Lines = append(e.Lines, report.Line{Text: fmt.Sprintf("It rests on: %s, %s (%s)", in.Name, inputText(in, f.Money), in.Origin), Path: "/impact/assumptions"})
		}
	}
	return e, nil
}

// study is what a study found when it was last computed. It is about the time of the study, which it says.
func (p reportParts) study(ctx context.Context, text string) (report.Evidence, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return report.Evidence{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no study %q", text)
	}
	x, err := p.Proof(p.engine).Get(ctx, id)
	if err != nil {
		return report.Evidence{}, err //nolint:wrapcheck // its words are for people
	}
	if x.Latest == nil || x.Latest.Result == nil {
		return report.Evidence{}, greenroom.Errorf(greenroom.CodeUnavailable, "the study “%s” has no result yet", x.Title)
	}
	r := x.Latest.Result
	path := fmt.Sprintf("/impact/studies/%d", x.ID)
	return report.Evidence{
		Figure:  report.Figure{Label: x.Title, Unit: proofUnit(r.Unit, ""), Value: r.Effect.Value, Low: r.Effect.Low, High: r.Effect.High, Verdict: string(r.Light), Definition: r.Method, Path: path},
		Lines:   []report.Line{{Text: r.Says, Path: path, Sub: []string{r.Verdict, fmt.Sprintf("Of %s to %s; data up to %s.", r.Asked.From, r.Asked.To, r.AsOf.Format("2 January 2006"))}}},
		Unknown: r.Unknown,
	}, nil
}

// capital writes a word as it begins a line.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] // labels are English
}

// inputText writes what an assumption says.
func inputText(in *proof.Input, currency string) string {
	switch in.Unit {
	case "share":
		return report.ValueText(analytics.UnitShare, &in.Likely)
	case string(proof.UnitMoney), "of the reporting currency":
		return report.ValueText(proofUnit(proof.UnitMoney, currency), &in.Likely)
	}
	text := strconv.FormatFloat(in.Likely, 'f', -1, 64)
	if in.Likely == math.Trunc(in.Likely) {
		text = report.ValueText("", &in.Likely) // with its thousands apart
	}
	return strings.TrimSpace(text + " " + in.Unit)
}

// proofUnit is a unit of the proof as reports write it.
func proofUnit(u proof.Unit, currency string) analytics.Unit {
	if u == proof.UnitMoney && currency != "" {
		return report.UnitMoney + analytics.Unit(" "+currency)
	}
	return analytics.Unit(u)
}
