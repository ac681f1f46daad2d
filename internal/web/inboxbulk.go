// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/web/ui"
)

// InboxBulk changes several items at once.
type InboxBulk interface {
	Bulk(ctx context.Context, b inbox.Bulk, by string) (inbox.BulkResult, error)
}

const inboxBulkPath = "/inbox-bulk"

// inboxBulk is what can be done with the items of the queue that are chosen.
type inboxBulk struct {
	Post   string
	Hidden []ui.Hidden
	To     []ui.Option
	Until  []ui.Option
	Done   bool // they are done already
}

// snoozes are until when something can sleep, by the name that until reads.
var snoozes = []ui.Option{{Value: "1h", Label: "In an hour"}, {Value: "4h", Label: "In four hours"}, {Value: "tomorrow", Label: "Tomorrow at 9"}, {Value: "monday", Label: "Monday at 9"}, {Value: "reply", Label: "Somebody writes"}}

// bulk fills in what can be done with several items, for whoever may change any.
func (p *inboxPages) bulk(r *http.Request, body *inboxBody) error {
	me := person(r)
	if !me.MayWrite || len(body.Rows.Items) == 0 {
		return nil
	}
	team, err := p.cfg.Inbox.Team(r.Context())
	if err != nil {
		return err
	}
	b := &inboxBulk{Post: inboxBulkPath, Until: snoozes, Done: r.URL.Query().Get("view") == string(inbox.ViewDone)}
	for name, values := range listOf(r) {
		b.Hidden = append(b.Hidden, ui.Hidden{Name: name, Value: values[0]})
	}
	b.To = append(b.To, ui.Option{Value: me.Seed, Label: "Me"})
	for _, t := range team {
		if t.Email != me.Seed {
			b.To = append(b.To, ui.Option{Value: t.Email, Label: t.Label()})
		}
	}
	b.To = append(b.To, ui.Option{Value: inbox.ByTurn, Label: "Whoever's turn it is"}, ui.Option{Value: inbox.ByExpertise, Label: "Whoever knows most"}, ui.Option{Value: "", Label: "Nobody"})
	body.Rows.Selectable, body.Bulk = "id", b
	return nil
}

// changeSeveral does what was asked for with the items that were chosen.
func (p *inboxPages) changeSeveral(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form could not be read; go back and try once more", Err: err}
	}
	b := inbox.Bulk{Do: inbox.Doing(r.FormValue("do")), To: r.FormValue("to")}
	var err error
	if b.IDs, err = inboxIDs(r.Form["id"]); err != nil {
		return err
	}
	if b.Do == inbox.DoSnooze {
		if b.Until, b.UntilReply, err = p.until(r); err != nil {
			return err
		}
		b.UntilReply = true // as the dialog of a single one proposes
	}
	return p.several(w, r, b)
}

// undoSeveral takes back what was done to several items; the address has their events.
func (p *inboxPages) undoSeveral(w http.ResponseWriter, r *http.Request) error {
	ids, err := inboxIDs(strings.Split(r.PathValue("events"), ","))
	if err != nil {
		return err
	}
	return p.several(w, r, inbox.Bulk{Do: inbox.DoUndo, IDs: ids})
}

func (p *inboxPages) several(w http.ResponseWriter, r *http.Request, b inbox.Bulk) error {
	done, err := p.cfg.Inbox.Bulk(r.Context(), b, person(r).Actor)
	if err != nil {
		return err
	}
	message, undo := severalText(b.Do, &done), ""
	if b.Do != inbox.DoUndo && len(done.Events) > 0 {
		ids := make([]string, len(done.Events))
		for i := range done.Events {
			ids[i] = idText(done.Events[i].ID)
		}
		undo = withQuery(inboxBulkPath+"/undo/"+strings.Join(ids, ","), listOf(r))
	}
	return p.back(w, r, withQuery(inboxPath, listOf(r)), message, undo)
}

// severalText says what became of a bulk change.
func severalText(do inbox.Doing, done *inbox.BulkResult) string {
	what := map[inbox.Doing]string{
		inbox.DoAssign: "given away", inbox.DoSnooze: "put to sleep", inbox.DoWake: "waiting again", inbox.DoFinish: "done", inbox.DoReopen: "waiting again", inbox.DoUndo: "as before",
	}[do]
	if do == inbox.DoAssign && len(done.Events) > 0 {
		who, _, _ := strings.Cut(done.Events[0].Detail, ":")
		same := true
		for i := range done.Events {
			other, _, _ := strings.Cut(done.Events[i].Detail, ":")
			same = same && other == who
		}
		if same {
			what = "given " + who
		}
	}
	text := countText(int64(len(done.Events)), "conversation", "conversations") + " " + what + "."
	if n := len(done.Refused); n > 0 {
		text += " " + countText(int64(n), "was", "were") + " not changed: " + sentence(done.Refused[0].Why)
	}
	return text
}

// inboxIDs reads ids that a form or an address has.
func inboxIDs(all []string) ([]int64, error) {
	ids := make([]int64, 0, len(all))
	for _, text := range all {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 {
			return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: cmp.Or(text, "nothing") + " is no number of a conversation", Err: err}
		}
		ids = append(ids, n)
	}
	return ids, nil
}
