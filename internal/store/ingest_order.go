// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

// Platforms push things twice, late, and in another order than they happened. What decides is the source's own clock: a
// telling that is older than what is stored changes nothing, and what was deleted stays so until a newer telling.

// dropOutdated takes activities out of the batch that are older than what is stored, or older than the word that they
// were deleted, and remembers that word for those that have not come yet.
func (a *appender) dropOutdated(have map[string]storedActivity) error {
	gone, err := a.tombstones()
	if err != nil {
		return err
	}
	n := 0
	for i := range a.p.Activities {
		act := &a.p.Activities[i]
		at, stored := micros(act.ToldAt()), have[act.ExternalID]
		_, known := have[act.ExternalID]
		buried, dead := gone[act.ExternalID]
		taken, away := gone[takenAwayPrefix+act.Thread]
		drop := false
		switch {
		case act.Deleted:
			if drop = at > 0 && known && stored.edited > at; !drop && at > 0 {
				if err := a.bury(act.ExternalID, at); err != nil {
					return err
				}
			}
		case dead && at <= buried, away && act.Thread != "" && at <= taken, known && at < stored.edited && stored.deleted == 0:
			drop = true
		case dead:
			if _, err := a.exec("DELETE FROM tombstone WHERE source_id = ? AND external_id = ?", a.run.SourceID, act.ExternalID); err != nil {
				return err
			}
		}
		if drop {
			a.unchanged++
			continue
		}
		a.p.Activities[n], a.p.ActivityHash[n], a.p.Question[n] = a.p.Activities[i], a.p.ActivityHash[i], a.p.Question[i]
		n++
	}
	a.p.Activities, a.p.ActivityHash, a.p.Question = a.p.Activities[:n], a.p.ActivityHash[:n], a.p.Question[:n]
	return nil
}

// takenAwayPrefix stands before the key of a thread in the word that the source has taken the whole conversation away.
const takenAwayPrefix = "taken away: "

// tombstones finds which of the batch's activities, and which of its conversations as a whole, the source has said to be
// deleted, and when. A conversation that is told of later than that is there again.
func (a *appender) tombstones() (map[string]int64, error) {
	gone := make(map[string]int64)
	var some int64
	if err := a.row("SELECT count(*) FROM (SELECT 1 FROM tombstone WHERE source_id = ? LIMIT 1) t", []any{a.run.SourceID}, &some); err != nil || some == 0 {
		return gone, err
	}
	names := make([]any, 0, len(a.p.Activities)+len(a.p.Conversations))
	threads := make(map[string]bool)
	thread := func(key string) {
		if key != "" && !threads[key] {
			threads[key] = true
			names = append(names, takenAwayPrefix+key)
		}
	}
	for i := range a.p.Activities {
		names = append(names, a.p.Activities[i].ExternalID)
		thread(a.p.Activities[i].Thread)
	}
	for i := range a.p.Conversations {
		thread(a.p.Conversations[i].Thread)
	}
	err := a.eachIn("SELECT external_id, at FROM tombstone WHERE source_id = ? AND external_id IN (%IN%)", []any{a.run.SourceID}, names, func(rows rowScanner) error {
		var name string
		var at int64
		err := rows.Scan(&name, &at)
		gone[name] = at
		return err
	})
	if err != nil {
		return gone, err
	}
	for i := range a.p.Conversations {
		c := &a.p.Conversations[i]
		if at, away := gone[takenAwayPrefix+c.Thread]; away && !c.Deleted && micros(c.UpdatedAt) > at {
			delete(gone, takenAwayPrefix+c.Thread)
			if _, err := a.exec("DELETE FROM tombstone WHERE source_id = ? AND external_id = ?", a.run.SourceID, takenAwayPrefix+c.Thread); err != nil {
				return gone, err
			}
		}
	}
	return gone, nil
}

func (a *appender) bury(external string, at int64) error {
	_, err := a.exec(`INSERT INTO tombstone (source_id, external_id, at) VALUES (?, ?, ?)
		ON CONFLICT (source_id, external_id) DO UPDATE SET at = excluded.at WHERE tombstone.at < excluded.at`, a.run.SourceID, external, at)
	return err
}
