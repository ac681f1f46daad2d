// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"greenroom"
	"greenroom/connector"
)

const insertActivity = `INSERT INTO activity (id, source_id, external_id, kind, channel_id, identity_id, conversation_id, occurred_at,
	edited_at, question, hash, raw_block, raw_pos, reply_to, mentions, url, title, body)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// storedActivity is what has to be known of an activity that is there already.
type storedActivity struct {
	id, hash, conversation, deleted int64
	edited                          int64
}

// activities stores the batch's activities: new ones, changed ones, and counts those that are there as they are.
func (a *appender) activities() error {
	have, err := a.findActivities()
	if err != nil {
		return err
	}
	if err := a.dropOutdated(have); err != nil {
		return err
	}
	last, err := a.lastID("activity")
	if err != nil {
		return err
	}
	fresh := make([]int, 0, len(a.p.Activities))
	ids := make([]int64, len(a.p.Activities))
	threads := make(map[string]int64)
	for i := range a.p.Activities {
		act := &a.p.Activities[i]
		stored, known := have[act.ExternalID]
		switch {
		case known:
			ids[i] = stored.id
		case act.Deleted:
			a.leftOut["deleted at the source before it was ever stored"]++
			continue
		default:
			last++
			ids[i] = last
			fresh = append(fresh, i)
		}
		if act.Thread != "" {
			if _, ok := threads[act.Thread]; !ok {
				threads[act.Thread] = ids[i]
			}
		}
	}
	if err := a.conversationIDs(threads); err != nil {
		return err
	}
	for i := range a.p.Activities {
		if stored, known := have[a.p.Activities[i].ExternalID]; known {
			if err := a.change(i, stored, threads); err != nil {
				return err
			}
		}
	}
	if err := a.insert(fresh, ids, threads); err != nil {
		return err
	}
	a.stored += int64(len(fresh))
	return nil
}

func (a *appender) findActivities() (map[string]storedActivity, error) {
	names := make([]any, len(a.p.Activities))
	for i := range a.p.Activities {
		names[i] = a.p.Activities[i].ExternalID
	}
	have := make(map[string]storedActivity)
	err := a.eachIn("SELECT external_id, id, hash, conversation_id, deleted, edited_at FROM activity WHERE source_id = ? AND external_id IN (%IN%)",
		[]any{a.run.SourceID}, names, func(rows rowScanner) error {
			var name string
			var s storedActivity
			err := rows.Scan(&name, &s.id, &s.hash, &s.conversation, &s.deleted, &s.edited)
			have[name] = s
			return err
		})
	return have, err
}

func (a *appender) insert(fresh []int, ids []int64, threads map[string]int64) error {
	channels := make([]int64, len(fresh))
	for n, i := range fresh {
		id, err := a.channelID(a.p.Activities[i].Channel)
		if err != nil {
			return err
		}
		channels[n] = id
	}
	return a.bulk(insertActivity, len(fresh), func(n int) []any {
		i := fresh[n]
		act := &a.p.Activities[i]
		block, pos := a.raw(act.Raw)
		return []any{
			ids[i], a.run.SourceID, act.ExternalID, int64(act.Kind), channels[n], a.author(act), threads[act.Thread], micros(act.OccurredAt),
			micros(act.EditedAt), flag(a.p.Question[i]), a.p.ActivityHash[i], block, pos, act.ReplyTo, strings.Join(act.Mentions, " "), act.URL, act.Title, act.Body,
		}
	})
}

// author is the identity id of an activity's author; identities() has made sure that it is known.
func (a *appender) author(act *connector.Activity) int64 {
	if act.Author == "" {
		return 0
	}
	id, _ := a.known.identities.get(act.Author)
	return id.id
}

// change brings a stored activity up to date, if it has changed. The full-text index points at the stored text, so the
// old entry goes while the old text is still there.
func (a *appender) change(i int, stored storedActivity, threads map[string]int64) error {
	act := &a.p.Activities[i]
	if act.Deleted && stored.deleted != 0 || !act.Deleted && stored.hash == a.p.ActivityHash[i] {
		a.unchanged++
		return nil
	}
	conversation := threads[act.Thread]
	if act.Thread == "" {
		conversation = stored.conversation
	}
	if err := a.beforeChange(stored.id); err != nil {
		return err
	}
	block, pos := a.raw(act.Raw)
	if act.Deleted {
		if err := a.blank(stored.id, a.p.ActivityHash[i]); err != nil {
			return err
		}
	} else {
		channel, err := a.channelID(act.Channel)
		if err != nil {
			return err
		}
		if _, err := a.exec(`UPDATE activity SET kind = ?, channel_id = ?, identity_id = ?, conversation_id = ?, occurred_at = ?, edited_at = ?,
			deleted = 0, question = ?, hash = ?, raw_block = ?, raw_pos = ?, reply_to = ?, mentions = ?, url = ?, title = ?, body = ? WHERE id = ?`,
			int64(act.Kind), channel, a.author(act), conversation, micros(act.OccurredAt), micros(act.EditedAt),
			flag(a.p.Question[i]), a.p.ActivityHash[i], block, pos, act.ReplyTo, strings.Join(act.Mentions, " "), act.URL, act.Title, act.Body, stored.id); err != nil {
			return err
		}
	}
	a.stored++
	return a.afterChange(stored.id)
}

// blank takes the words out of an activity that the source has deleted; that it was there, when and by whom stays countable
// as deleted.
func (a *appender) blank(id, hash int64) error {
	if _, err := a.exec("UPDATE activity SET deleted = 1, hash = ?, title = '', body = '', raw_block = 0, raw_pos = 0 WHERE id = ?", hash, id); err != nil {
		return err
	}
	return a.forgetMessage(id)
}

// conversationIDs finds or makes the conversations of the given threads. On entry a thread maps to the activity that
// would give a new conversation its id; on return it maps to the conversation.
func (a *appender) conversationIDs(threads map[string]int64) error {
	missing := make([]any, 0, len(threads))
	found := make(map[string]int64, len(threads))
	for t := range threads {
		if id, ok := a.known.conversations.get(t); ok {
			found[t] = id
		} else {
			missing = append(missing, t)
		}
	}
	if err := a.eachIn("SELECT thread, id FROM conversation WHERE source_id = ? AND thread IN (%IN%)", []any{a.run.SourceID}, missing, func(rows rowScanner) error {
		var t string
		var id int64
		err := rows.Scan(&t, &id)
		found[t] = id
		return err
	}); err != nil {
		return err
	}
	fresh := make([]string, 0, len(missing))
	for _, v := range missing {
		t, _ := v.(string)
		if _, ok := found[t]; !ok {
			fresh = append(fresh, t)
		}
	}
	sortByID(fresh, threads)
	if err := a.bulk("INSERT INTO conversation (id, source_id, thread) VALUES (?, ?, ?)", len(fresh), func(i int) []any {
		return []any{threads[fresh[i]], a.run.SourceID, fresh[i]}
	}); err != nil {
		return err
	}
	for t, id := range found {
		threads[t] = id
	}
	for t, id := range threads {
		a.known.conversations.put(t, id)
	}
	return nil
}

// conversations stores what the source itself says of conversations.
func (a *appender) conversations() error {
	if err := a.addressed(); err != nil {
		return err
	}
	for i := range a.p.Conversations {
		c := &a.p.Conversations[i]
		text := fmt.Sprintf("%q %q %q %d %d %t", c.State, c.Title, c.URL, micros(c.ResolvedAt), micros(c.UpdatedAt), c.Deleted)
		if l := c.Listed; l != nil {
			text += fmt.Sprintf(" %v %q %d", l.Kinds, l.IDs, micros(l.At))
		}
		told := xxhash.Sum64String(text)
		if last, ok := a.known.threads.get(c.Thread); ok && last == told {
			continue // telling the same again changes nothing
		}
		a.known.threads.put(c.Thread, told)
		if c.Deleted {
			if err := a.takeAway(c); err != nil {
				return err
			}
			continue
		}
		if err := a.unlisted(c); err != nil {
			return err
		}
		// An empty field says nothing; open takes a resolution back.
		tells, state := int64(0), c.State
		if state != "" {
			tells = 1
		}
		if state == greenroom.StateOpen {
			state = ""
		}
		n, err := a.exec(`INSERT INTO thread (source_id, thread, state, title, url, resolved_at, told_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (source_id, thread) DO UPDATE SET
				told_at = CASE WHEN excluded.told_at > thread.told_at THEN excluded.told_at ELSE thread.told_at END,
				state = CASE WHEN ? = 1 THEN excluded.state ELSE thread.state END,
				resolved_at = CASE WHEN ? = 1 THEN excluded.resolved_at ELSE thread.resolved_at END,
				title = CASE WHEN excluded.title = '' THEN thread.title ELSE excluded.title END,
				url = CASE WHEN excluded.url = '' THEN thread.url ELSE excluded.url END
			WHERE (excluded.told_at = 0 OR thread.told_at <= excluded.told_at) AND ((? = 1 AND (thread.state <> excluded.state OR thread.resolved_at <> excluded.resolved_at))
				OR (excluded.title <> '' AND thread.title <> excluded.title) OR (excluded.url <> '' AND thread.url <> excluded.url)
				OR thread.told_at < excluded.told_at)`,
			a.run.SourceID, c.Thread, string(state), c.Title, c.URL, micros(c.ResolvedAt), micros(c.UpdatedAt), tells, tells, tells)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := a.exec(`INSERT INTO conversation_dirty (conversation_id) SELECT id FROM conversation WHERE source_id = ? AND thread = ?
			ON CONFLICT DO NOTHING`, a.run.SourceID, c.Thread); err != nil {
			return err
		}
	}
	return nil
}

// addressed finds the keys of the conversations that the source knows by their addresses alone, which are those that it has
// taken away; what is not stored is left out. It looks through all of the source's, so that no index is needed for the rare
// case.
func (a *appender) addressed() error {
	var urls []any
	for i := range a.p.Conversations {
		if c := &a.p.Conversations[i]; c.Thread == "" {
			urls = append(urls, c.URL)
		}
	}
	if len(urls) == 0 {
		return nil
	}
	threads := make(map[string]string, len(urls))
	if err := a.eachIn("SELECT url, thread FROM thread WHERE source_id = ? AND url IN (%IN%)", []any{a.run.SourceID}, urls, func(rows rowScanner) error {
		var url, thread string
		err := rows.Scan(&url, &thread)
		threads[url] = thread
		return err
	}); err != nil {
		return err
	}
	for i := range a.p.Conversations {
		if c := &a.p.Conversations[i]; c.Thread == "" {
			c.Thread = threads[c.URL]
		}
	}
	a.p.Conversations = slices.DeleteFunc(a.p.Conversations, func(c connector.Conversation) bool { return c.Thread == "" })
	return nil
}

// takeAway deletes all that is stored of a conversation that the source has taken away.
func (a *appender) takeAway(c *connector.Conversation) error {
	var all []int64
	at := micros(c.UpdatedAt)
	err := a.eachIn(`SELECT a.id FROM conversation c JOIN activity a ON a.conversation_id = c.id AND a.conversation_id > 0
		WHERE c.source_id = ? AND a.deleted = 0 AND (CAST(? AS BIGINT) = 0 OR a.edited_at <= ? AND a.occurred_at <= ?) AND c.thread IN (%IN%) ORDER BY a.id`,
		[]any{a.run.SourceID, at, at, at}, []any{c.Thread}, func(rows rowScanner) error {
			var id int64
			err := rows.Scan(&id)
			all = append(all, id)
			return err
		})
	if err != nil {
		return err
	}
	if err := a.blankAll(all); err != nil {
		return err
	}
	if at > 0 {
		if err := a.bury(takenAwayPrefix+c.Thread, at); err != nil {
			return err
		}
	}
	if _, err := a.exec(`INSERT INTO thread (source_id, thread, state, title, url, resolved_at, told_at) VALUES (?, ?, '', '', '', 0, ?)
		ON CONFLICT (source_id, thread) DO UPDATE SET title = '', told_at = CASE WHEN excluded.told_at > thread.told_at THEN excluded.told_at ELSE thread.told_at END
		WHERE excluded.told_at = 0 OR thread.told_at <= excluded.told_at`, a.run.SourceID, c.Thread, at); err != nil {
		return err
	}
	_, err = a.exec(`INSERT INTO conversation_dirty (conversation_id) SELECT id FROM conversation WHERE source_id = ? AND thread = ?
		ON CONFLICT DO NOTHING`, a.run.SourceID, c.Thread)
	return err
}

// unlisted deletes what is stored of a conversation and is missing in the source's own list of it. Nothing is buried: a list
// may be a moment older than what was pushed, and what is told of again is there again.
func (a *appender) unlisted(c *connector.Conversation) error {
	if c.Listed == nil || len(c.Listed.Kinds) == 0 || c.Listed.At.IsZero() {
		return nil
	}
	at := micros(c.Listed.At)
	there := make(map[string]bool, len(c.Listed.IDs))
	for _, id := range c.Listed.IDs {
		there[id] = true
	}
	kinds := make([]any, len(c.Listed.Kinds))
	for i, k := range c.Listed.Kinds {
		kinds[i] = int64(k)
	}
	var missing []int64
	err := a.eachIn(`SELECT a.id, a.external_id FROM conversation c JOIN activity a ON a.conversation_id = c.id AND a.conversation_id > 0
		WHERE c.source_id = ? AND c.thread = ? AND a.deleted = 0 AND a.edited_at <= ? AND a.occurred_at <= ? AND a.kind IN (%IN%) ORDER BY a.id`,
		[]any{a.run.SourceID, c.Thread, at, at}, kinds, func(rows rowScanner) error {
			var id int64
			var external string
			err := rows.Scan(&id, &external)
			if !there[external] {
				missing = append(missing, id)
			}
			return err
		})
	if err != nil {
		return err
	}
	return a.blankAll(missing)
}

// blankAll deletes activities as the source has.
func (a *appender) blankAll(all []int64) error {
	for _, id := range all {
		for _, step := range []func() error{
			func() error { return a.beforeChange(id) }, func() error { return a.blank(id, takenAway) }, func() error { return a.afterChange(id) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		a.stored++
	}
	return nil
}

// takenAway is the hash of what was deleted with its conversation: no telling has it.
const takenAway = 1

// beforeChange takes an activity out of what points at its present text. It has to run before the text changes.
func (w *writer) beforeChange(id int64) error {
	if _, err := w.exec("DELETE FROM activity_search WHERE rowid = ?", id); err != nil {
		return err
	}
	return w.markActivity(id)
}

// afterChange puts an activity into the full-text index again and lists it as changed for the followers.
func (w *writer) afterChange(id int64) error {
	done, err := w.followed(followDerive)
	if err != nil {
		return err
	}
	if id <= done {
		if _, err := w.exec(w.d.searchPutActivity, id); err != nil {
			return err
		}
	}
	if err := w.markActivity(id); err != nil {
		return err
	}
	last, err := w.lastID2("activity_change", "seq")
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO activity_change (seq, activity_id) VALUES (?, ?)", last+1, id)
	return err
}

// markActivity marks the conversation and the author of an activity as changed.
func (w *writer) markActivity(id int64) error {
	if _, err := w.exec(`INSERT INTO conversation_dirty (conversation_id) SELECT conversation_id FROM activity WHERE id = ? AND conversation_id > 0
		ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	_, err := w.exec(`INSERT INTO identity_dirty (identity_id) SELECT identity_id FROM activity WHERE id = ? AND identity_id > 0
		ON CONFLICT DO NOTHING`, id)
	return err
}
