// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
)

// appender stores one prepared batch.
type appender struct {
	*writer
	known *knownIDs
	run   greenroom.Run
	p     *ingest.Prepared
	now   int64

	version   int64 // of identities that are new
	fresh     []freshIdentity
	business  bool
	lastBlock int64
	blockIDs  []int64 // by block of the batch; 0 = nothing points at it yet
	stored    int64
	unchanged int64
	leftOut   map[string]int64
	parents   bool            // something was told of which organization is below which
	parts     map[int64]int64 // organizations that are part of others, and of which; nil = not read yet
}

// Append stores a batch with its cursor and counts in one transaction, which may be left open for the next batch:
// Commit, EndRun, or whoever writes next commits it. With an error the run comes back as it is in the store.
func (s *Store) Append(ctx context.Context, run greenroom.Run, p *ingest.Prepared) (greenroom.Run, error) {
	now := s.now()
	run, err := s.append(ctx, run, len(p.Activities), func(w *writer) (greenroom.Run, error) {
		a := &appender{writer: w, known: s.known.of(run.SourceID), run: run, p: p, now: micros(now), leftOut: make(map[string]int64)}
		err := a.all()
		a.run.UpdatedAt = fromMicros(micros(now))
		return a.run, err
	})
	if err != nil {
		return run, fmt.Errorf("storing %d activities: %w", len(p.Activities), err)
	}
	return run, nil
}

func (a *appender) all() error {
	var business int64
	if err := a.row("SELECT business FROM source WHERE id = ?", []any{a.run.SourceID}, &business); err != nil {
		return err
	}
	a.business = business != 0
	for _, step := range []func() error{
		a.dropErased, a.beginBlocks, a.channels, a.companies, a.organizations, a.identities, a.memberships, a.sames, a.activities, a.conversations, a.records, a.blocks, a.delivered, a.shapes, a.account,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// raw is where a payload of the batch is kept. Asking for it is what makes its block one that is stored: payloads of
// facts that have not changed are kept already.
func (a *appender) raw(ref connector.RawRef) (block, pos int64) {
	if ref <= 0 || int(ref) > len(a.blockIDs)*ingest.BlockPayloads {
		return 0, 0
	}
	i := int(ref) - 1
	id := &a.blockIDs[i/ingest.BlockPayloads]
	if *id == 0 {
		a.lastBlock++
		*id = a.lastBlock
	}
	return *id, int64(i % ingest.BlockPayloads)
}

func (a *appender) beginBlocks() (err error) {
	a.blockIDs = make([]int64, len(a.p.Blocks))
	a.lastBlock, err = a.lastID("raw_block")
	return err
}

// blocks stores the blocks of payloads that facts point at.
func (a *appender) blocks() error {
	used := make([]int, 0, len(a.blockIDs))
	for i, id := range a.blockIDs {
		if id != 0 {
			used = append(used, i)
		}
	}
	return a.bulk("INSERT INTO raw_block (id, source_id, stored_at, payloads, size, data) VALUES (?, ?, ?, ?, ?, ?)", len(used), func(n int) []any {
		b := a.p.Blocks[used[n]]
		return []any{a.blockIDs[used[n]], a.run.SourceID, a.now, b.Payloads, b.Size, b.Data}
	})
}

func (a *appender) channels() error {
	needed := make([]any, 0, len(a.p.Channels))
	for i := range a.p.Channels {
		if _, ok := a.known.channels.get(a.p.Channels[i].ExternalID); !ok {
			needed = append(needed, a.p.Channels[i].ExternalID)
		}
	}
	if err := a.findChannels(needed); err != nil {
		return err
	}
	last, err := a.lastID("channel")
	if err != nil {
		return err
	}
	for i := range a.p.Channels {
		c := &a.p.Channels[i]
		if c.Name == "" {
			c.Name = c.ExternalID
		}
		have, ok := a.known.channels.get(c.ExternalID)
		told := knownChannel{id: have.id, told: channelDigest(c.Name, c.URL, c.Threadless)}
		switch {
		case !ok:
			last++
			told.id = last
			_, err = a.exec("INSERT INTO channel (id, source_id, external_id, name, url, threadless) VALUES (?, ?, ?, ?, ?, ?)",
				told.id, a.run.SourceID, c.ExternalID, c.Name, c.URL, flag(c.Threadless))
		case have != told:
			_, err = a.exec("UPDATE channel SET name = ?, url = ?, threadless = ? WHERE id = ?", c.Name, c.URL, flag(c.Threadless), told.id)
		}
		if err != nil {
			return err
		}
		a.known.channels.put(c.ExternalID, told)
	}
	return nil
}

func (a *appender) findChannels(names []any) error {
	if len(names) == 0 {
		return nil
	}
	return a.eachIn("SELECT external_id, id, name, url, threadless FROM channel WHERE source_id = ? AND external_id IN (%IN%)",
		[]any{a.run.SourceID}, names, func(rows rowScanner) error {
			var external, name, url string
			var id, threadless int64
			if err := rows.Scan(&external, &id, &name, &url, &threadless); err != nil {
				return err
			}
			a.known.channels.put(external, knownChannel{id: id, told: channelDigest(name, url, threadless != 0)})
			return nil
		})
}

// channelID is the id of a channel that an activity names; one that was never told is made with its external id as name.
func (a *appender) channelID(external string) (int64, error) {
	if external == "" {
		return 0, nil
	}
	if c, ok := a.known.channels.get(external); ok {
		return c.id, nil
	}
	if err := a.findChannels([]any{external}); err != nil {
		return 0, err
	}
	if c, ok := a.known.channels.get(external); ok {
		return c.id, nil
	}
	last, err := a.lastID("channel")
	if err != nil {
		return 0, err
	}
	c := knownChannel{id: last + 1, told: channelDigest(external, "", false)}
	_, err = a.exec("INSERT INTO channel (id, source_id, external_id, name) VALUES (?, ?, ?, ?)", c.id, a.run.SourceID, external, external)
	a.known.channels.put(external, c)
	return c.id, err
}

// account writes rejects, counts, progress and the cursor.
func (a *appender) account() error {
	r, b := &a.run, a.p.Batch
	first := r.Rejected
	if err := a.bulk("INSERT INTO run_reject (run_id, seq, file, line, reason, expected, excerpt) VALUES (?, ?, ?, ?, ?, ?, ?)", len(b.Rejects), func(i int) []any {
		x := &b.Rejects[i]
		return []any{r.ID, first + int64(i) + 1, x.File, x.Line, x.Reason, x.Expected, x.Excerpt}
	}); err != nil {
		return err
	}
	for reason, n := range b.LeftOut {
		a.leftOut[reason] += n
	}
	for reason, n := range a.leftOut {
		r.LeftOut += n
		if _, err := a.exec(`INSERT INTO run_left_out (run_id, reason, count) VALUES (?, ?, ?)
			ON CONFLICT (run_id, reason) DO UPDATE SET count = run_left_out.count + excluded.count`, r.ID, reason, n); err != nil {
			return err
		}
	}
	r.Read += b.Read
	r.Stored += a.stored
	r.Unchanged += a.unchanged
	r.Rejected += int64(len(b.Rejects))
	r.Done, r.Total, r.Unit, r.Phase = b.Progress.Done, b.Progress.Total, b.Progress.Unit, b.Progress.Phase
	_, err := a.exec(`UPDATE run SET cursor = ?, read = ?, stored = ?, unchanged = ?, rejected = ?, left_out = ?,
		done = ?, total = ?, unit = ?, phase = ?, updated_at = ? WHERE id = ?`,
		string(b.Cursor), r.Read, r.Stored, r.Unchanged, r.Rejected, r.LeftOut, r.Done, r.Total, r.Unit, r.Phase, a.now, r.ID)
	return err
}
