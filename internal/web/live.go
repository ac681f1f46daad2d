// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/web/ui"
)

// How long work is followed. A stream tells at once what changed, and now and then what did not, so that the page
// knows that it is still connected. It ends after some minutes and the browser opens it anew: whoever has been signed
// out in the meantime hears nothing more.
const (
	liveEvery = 500 * time.Millisecond
	liveAgain = 10  // ticks after which what did not change is told again
	liveTicks = 600 // ticks after which the stream ends
)

// reading is the bar of an import that runs.
func reading(source string, w *Work, mayStop bool) *ui.Progress {
	run := &w.Run
	note := []string{ui.Number(int(run.Read)) + " records read", ui.Number(int(run.Stored)) + " stored"}
	if w.Rate >= 1 {
		note = append(note, ui.Number(int(w.Rate))+" a second")
	}
	if w.Left > 0 {
		note = append(note, "about "+leftText(w.Left)+" left")
	}
	if run.Phase != "" {
		note = append(note, excerpt(run.Phase, 60))
	}
	g := &ui.Progress{
		ID: "progress-" + idText(run.SourceID), Label: "Reading " + source, Done: int(run.Done), Total: int(run.Total), Unit: run.Unit, Live: "/live",
		Note: strings.Join(note, " · "), Next: "You can leave this page. Members and figures follow while it reads.",
	}
	if mayStop {
		g.Next += " When you stop, what was stored is kept, and reading again goes on from there."
		g.Actions = []ui.Action{{Label: "Stop", Label2: "Stop reading " + source, Post: sourceHref(source) + "/stop", Small: true}}
	}
	return g
}

// leftText is a time that is only guessed, so to the second for the last ones only.
func leftText(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return ui.Duration(d.Round(time.Second))
	case d < time.Minute:
		return ui.Duration(d.Round(10 * time.Second))
	default:
		return ui.Duration(d.Round(time.Minute))
	}
}

// stopped is what is shown of a read that did not come to its end.
func stopped(src *greenroom.Source, run *greenroom.Run, mayRead bool) *ui.Progress {
	g := &ui.Progress{
		ID: "progress-" + idText(src.ID), Label: src.Name + " was stopped", Done: int(run.Done), Total: int(run.Total), Unit: run.Unit, Failed: run.State == greenroom.RunFailed,
		Note: sentence(firstText(run.Error, "interrupted")), Next: "What was read until then is kept (" + countText(run.Read, "record", "records") + "); reading goes on from there.",
	}
	if g.Failed {
		g.Label = src.Name + " could not be read to its end"
	}
	if mayRead {
		g.Actions = []ui.Action{{Label: "Go on reading", Label2: "Go on reading " + src.Name, Post: sourceHref(src.Name) + "/again", Small: true}}
	}
	return g
}

// working tells all imports that run.
func (p *sourcePages) working() ([]byte, error) {
	out := ui.Working{Running: []ui.Tick{}}
	for name, w := range p.cfg.Imports.Running() {
		out.Running = append(out.Running, reading(name, &w, false).Tick())
	}
	slices.SortFunc(out.Running, func(a, b ui.Tick) int { return strings.Compare(a.ID, b.ID) })
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encoding what runs: %w", err)
	}
	return body, nil
}

// live tells what runs: as a stream of events while it is listened to, or once as JSON.
func (p *sourcePages) live(w http.ResponseWriter, r *http.Request) error {
	body, err := p.working()
	if err != nil {
		return err
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // who has left needs no answer
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in front does not keep it back
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a stream outlives the time that other answers have; where there is none, nothing is to do
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	var told []byte
	for n := range liveTicks {
		if n%liveAgain == 0 || !bytes.Equal(body, told) {
			if _, err := fmt.Fprintf(w, "retry: 1000\ndata: %s\n\n", body); err != nil {
				return nil // the reader has left
			}
			if err := out.Flush(); err != nil {
				return nil // the reader has left
			}
			told = body
		}
		select {
		case <-r.Context().Done(): // the reader has left, or the server ends
			return nil
		case <-tick.C:
		}
		if body, err = p.working(); err != nil {
			p.cfg.Log.Error("telling what runs", "error", err)
			return nil
		}
	}
	return nil
}
