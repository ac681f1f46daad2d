// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/inbox"
)

// changes are what can be done to an item, by the last part of the address that it is posted to.
func (p *inboxPages) changes() map[string]func(http.ResponseWriter, *http.Request) error {
	type doing func(r *http.Request, id int64, by string) (inbox.Event, string, error)
	do := func(f doing) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			id, err := pathID(r)
			if err != nil {
				return err
			}
			e, message, err := f(r, id, person(r).Actor)
			if err != nil {
				return err
			}
			undo := ""
			if e.MayUndo {
				undo = undoItemHref(e.ID)
			}
			return p.back(w, r, withQuery(inboxHref(id), listOf(r)), message, undo)
		}
	}
	in := p.cfg.Inbox
	all := map[string]doing{
		"assign": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Assign(r.Context(), id, r.FormValue("to"), by)
			return e, "Given " + e.Detail + ".", err
		},
		"snooze": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			until, reply, err := p.until(r)
			if err != nil {
				return inbox.Event{}, "", err
			}
			e, err := in.Snooze(r.Context(), id, until, reply, by)
			return e, "It sleeps " + e.Detail + ".", err
		},
		"wake": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Wake(r.Context(), id, by)
			return e, "It waits again.", err
		},
		"note": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Note(r.Context(), id, r.FormValue("text"), by)
			if e.Detail != "" {
				return e, "The note is kept, and told: " + e.Detail + ".", err
			}
			return e, "The note is kept.", err
		},
		"done": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Finish(r.Context(), id, "", by)
			return e, "Done.", err
		},
		"elsewhere": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			if strings.TrimSpace(r.FormValue("link")) == "" {
				return inbox.Event{}, "", greenroom.Errorf(greenroom.CodeInvalid, "say where it was answered, by an address that begins with https://")
			}
			e, err := in.Finish(r.Context(), id, r.FormValue("link"), by)
			return e, "Done: answered elsewhere.", err
		},
		"reopen": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Reopen(r.Context(), id, by)
			return e, "It waits again.", err
		},
		"merge": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			into, err := numberIn(r.FormValue("into"))
			if err != nil {
				return inbox.Event{}, "", err
			}
			e, err := in.Merge(r.Context(), id, into, by)
			return e, "Merged " + e.Detail + ".", err
		},
		"reply": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			e, err := in.Reply(r.Context(), id, r.FormValue("text"), by)
			return e, "Your reply goes out in " + strconv.Itoa(int(inbox.UndoTime.Seconds())) + " seconds.", err
		},
		"ask": func(r *http.Request, id int64, by string) (inbox.Event, string, error) {
			member, err := strconv.ParseInt(r.FormValue("member"), 10, 64)
			if err != nil {
				return inbox.Event{}, "", greenroom.Errorf(greenroom.CodeInvalid, "say which member to ask")
			}
			e, err := in.Ask(r.Context(), id, member, r.FormValue("text"), by)
			e.MayUndo = false
			if e.MessageID == 0 {
				return e, "It is noted that you asked; nothing was sent, since Greenroom cannot write to them there.", err
			}
			return e, "Your message goes out in a moment.", err
		},
	}
	handlers := make(map[string]func(http.ResponseWriter, *http.Request) error, len(all))
	for name, f := range all {
		handlers[name] = do(f)
	}
	return handlers
}

// morning is the hour to which a snooze for another day leads.
const morning = 9

// until reads until when an item is to sleep.
func (p *inboxPages) until(r *http.Request) (until time.Time, reply bool, err error) {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, morning, 0, 0, 0, now.Location())
	}
	reply = r.FormValue("reply") != ""
	choice := r.FormValue("for")
	if r.FormValue("at") != "" {
		choice = "at"
	}
	switch choice {
	case "1h":
		return now.Add(time.Hour), reply, nil
	case "4h":
		return now.Add(4 * time.Hour), reply, nil
	case "tomorrow":
		return day(1), reply, nil
	case "monday":
		return day((int(time.Monday)-int(now.Weekday())+6)%7 + 1), reply, nil
	case "reply":
		return time.Time{}, true, nil
	}
	until, err = time.ParseInLocation("2006-01-02T15:04", r.FormValue("at"), now.Location())
	if err != nil {
		return until, reply, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose until when it sleeps, or give a day and a time", Err: err}
	}
	return until, reply, nil
}

func (p *inboxPages) undo(w http.ResponseWriter, r *http.Request) error {
	event, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Inbox.Undo(r.Context(), event, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, withQuery(inboxHref(e.ConversationID), listOf(r)), "Taken back.", "")
}

// inboxTick is what a page that is open is told.
type inboxTick struct {
	Version string   `json:"version"`
	Lookers []string `json:"lookers"` // who else looks at the item
}

// How long a page is told of changes: as in live.go, the browser opens the stream anew after some minutes.
const (
	inboxEvery = 2 * time.Second
	inboxTicks = 150
)

// live tells when the inbox has changed and who else looks at an item: as a stream of events while it is listened to, or
// once as JSON. Who listens, looks.
func (p *inboxPages) live(w http.ResponseWriter, r *http.Request) error {
	item, err := strconv.ParseInt(r.URL.Query().Get("item"), 10, 64)
	if err != nil {
		item = 0
	}
	me := person(r).Seed
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		body, err := p.tick(r, item, me)
		if err == nil {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body) // who has left needs no answer
		}
		return err
	}
	body, err := p.tick(r, item, me)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in front does not keep it back
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a stream outlives the time that other answers have
	if item > 0 {
		defer p.cfg.Inbox.Leave(item, me)
	}
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	var told []byte
	for n := range inboxTicks {
		if n%liveAgain == 0 || !bytes.Equal(body, told) {
			if _, err := fmt.Fprintf(w, "retry: 2000\ndata: %s\n\n", body); err != nil {
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
		if body, err = p.tick(r, item, me); err != nil {
			p.cfg.Log.Error("telling what changed in the inbox", "error", err)
			return nil
		}
	}
	return nil
}

func (p *inboxPages) tick(r *http.Request, item int64, me string) ([]byte, error) {
	version, err := p.cfg.Inbox.Version(r.Context())
	if err != nil {
		return nil, err
	}
	t := inboxTick{Version: version, Lookers: []string{}}
	if item > 0 && me != "" {
		if t.Lookers, err = p.names(r, p.cfg.Inbox.Look(item, me)); err != nil {
			return nil, err
		}
	}
	body, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encoding what changed in the inbox: %w", err)
	}
	return body, nil
}

// names are the names of people, by their mail addresses; an address stands for itself where there is no name.
func (p *inboxPages) names(r *http.Request, emails []string) ([]string, error) {
	all := append([]string{}, emails...)
	if len(all) == 0 {
		return all, nil
	}
	team, err := p.cfg.Inbox.Team(r.Context())
	for i := range all {
		for _, t := range team {
			if t.Email == all[i] {
				all[i] = t.Label()
			}
		}
	}
	return all, err
}
