// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"greenroom"
	"greenroom/connector"
)

// EnsureSource returns the source of that name, made when absent, with platform and config brought up to date. One that
// was disconnected is connected again.
func (s *Store) EnsureSource(ctx context.Context, src greenroom.Source) (greenroom.Source, error) {
	config, err := json.Marshal(src.Config)
	if err != nil {
		return src, fmt.Errorf("encoding the options of source %q: %w", src.Name, err)
	}
	err = s.write(ctx, func(w *writer) error {
		var id, created, due int64
		src.DisconnectedAt = time.Time{}
		var kind string
		err := w.row("SELECT id, kind, created_at, rhythm, due_at, failures FROM source WHERE name = ?", []any{src.Name}, &id, &kind, &created, &src.Rhythm, &due, &src.Failures)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
			if err := w.freeName(src.Name, 0); err != nil {
				return err
			}
			last, err := w.lastID("source")
			if err != nil {
				return err
			}
			src.ID = last + 1
			_, err = w.exec("INSERT INTO source (id, name, kind, platform, business, config, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
				src.ID, src.Name, src.Kind, src.Platform, flag(src.Business), string(config), micros(src.CreatedAt))
			return err
		case err != nil:
			return err
		case kind != src.Kind:
			return greenroom.Errorf(greenroom.CodeConflict,
				"there is a source %q already and it is of kind %s; choose another name for this one", src.Name, kind)
		}
		var removing int64
		if err := w.row("SELECT count(*) FROM source_removal WHERE source_id = ?", []any{id}, &removing); err != nil {
			return err
		}
		if removing > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "%s is being removed with its data; wait until that is done", src.Name)
		}
		src.ID, src.CreatedAt, src.DueAt = id, fromMicros(created), fromMicros(due)
		_, err = w.exec("UPDATE source SET platform = ?, business = ?, config = ?, disconnected_at = 0 WHERE id = ?", src.Platform, flag(src.Business), string(config), id)
		return err
	})
	return src, err
}

const sourceColumns = "id, name, kind, platform, business, config, created_at, rhythm, due_at, failures, disconnected_at"

func scanSource(row interface{ Scan(...any) error }) (greenroom.Source, error) {
	var src greenroom.Source
	var business, created, due, disconnected int64
	var config string
	if err := row.Scan(&src.ID, &src.Name, &src.Kind, &src.Platform, &business, &config, &created, &src.Rhythm, &due, &src.Failures, &disconnected); err != nil {
		return src, err
	}
	src.Business, src.CreatedAt, src.DueAt, src.DisconnectedAt = business != 0, fromMicros(created), fromMicros(due), fromMicros(disconnected)
	if err := json.Unmarshal([]byte(config), &src.Config); err != nil {
		return src, fmt.Errorf("decoding the options of source %q: %w", src.Name, err)
	}
	return src, nil
}

// Sources lists every source by name.
func (s *Store) Sources(ctx context.Context) ([]greenroom.Source, error) {
	rows, err := s.query(ctx, "SELECT "+sourceColumns+" FROM source ORDER BY name")
	if err != nil {
		return nil, err
	}
	var all []greenroom.Source
	err = scan(rows, func() error {
		src, err := scanSource(rows)
		all = append(all, src)
		return err
	})
	return all, err
}

// Source returns one source by name.
func (s *Store) Source(ctx context.Context, name string) (greenroom.Source, error) {
	const q = "SELECT " + sourceColumns + " FROM source WHERE name = ?"
	src, err := scanSource(s.read.QueryRowContext(ctx, s.d.rebind(q), name))
	if errors.Is(err, sql.ErrNoRows) {
		return src, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
	}
	return src, err
}

// LockSource keeps other processes, and other goroutines of this one, from working in a lane of the source until unlock is
// called.
func (s *Store) LockSource(ctx context.Context, sourceID int64, lane greenroom.Lane) (func(), error) {
	busy := greenroom.Errorf(greenroom.CodeConflict, "this source is being read already; wait until that import ends, or stop it")
	if s.d.postgres {
		conn, err := s.locks.Conn(ctx)
		if err != nil {
			return nil, fmt.Errorf("locking the source: %w", err)
		}
		var got bool
		err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, $2)", lockClass(lane), sourceID).Scan(&got)
		if err != nil || !got {
			return nil, errors.Join(err, busy, conn.Close())
		}
		return func() {
			_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1, $2)", lockClass(lane), sourceID)
			if err := errors.Join(err, conn.Close()); err != nil {
				s.log.Warn("unlocking a source", "error", err)
			}
		}, nil
	}
	name := s.path + ".source-" + strconv.FormatInt(sourceID, 10)
	if lane != greenroom.LaneRead {
		name += "-" + string(lane)
	}
	lock := flock.New(name + ".lock")
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the source in %s: %w", filepath.Dir(s.path), err)
	}
	if !got {
		return nil, busy
	}
	return func() {
		if err := lock.Unlock(); err != nil {
			s.log.Warn("unlocking a source", "error", err)
		}
	}, nil
}

// lockClass is the first half of a PostgreSQL advisory lock's key.
func lockClass(lane greenroom.Lane) int64 {
	if lane == greenroom.LanePush {
		return 730609
	}
	return 730608
}

const runColumns = `id, source_id, lane, metered, state, read, stored, unchanged, rejected, left_out, done, total, unit, phase, error,
	started_at, updated_at, finished_at`

func scanRun(row interface{ Scan(...any) error }, more ...any) (greenroom.Run, error) {
	var r greenroom.Run
	var started, updated, finished int64
	var metered string
	dest := append([]any{
		&r.ID, &r.SourceID, &r.Lane, &metered, &r.State, &r.Read, &r.Stored, &r.Unchanged, &r.Rejected, &r.LeftOut,
		&r.Done, &r.Total, &r.Unit, &r.Phase, &r.Error, &started, &updated, &finished,
	}, more...)
	if err := row.Scan(dest...); err != nil {
		return r, err
	}
	r.StartedAt, r.UpdatedAt, r.FinishedAt = fromMicros(started), fromMicros(updated), fromMicros(finished)
	if metered != "" {
		if err := json.Unmarshal([]byte(metered), &r.Metered); err != nil {
			return r, fmt.Errorf("decoding what run %d asked: %w", r.ID, err)
		}
	}
	return r, nil
}

// StartRun begins a run in a lane of the source, or goes on with its last one when that was interrupted, and says from
// where. In the push lane it also goes on with a run of the same day (UTC), so that there is one for each.
func (s *Store) StartRun(ctx context.Context, sourceID int64, lane greenroom.Lane) (greenroom.Run, connector.Cursor, error) {
	now := micros(s.now())
	var run greenroom.Run
	var cursor string
	err := s.write(ctx, func(w *writer) error {
		rows, err := w.query("SELECT "+runColumns+", cursor FROM run WHERE source_id = ? AND lane = ? ORDER BY id DESC LIMIT 1", sourceID, string(lane))
		if err != nil {
			return err
		}
		found := false
		if err := scan(rows, func() error {
			found = true
			run, err = scanRun(rows, &cursor)
			return err
		}); err != nil {
			return fmt.Errorf("reading the last run: %w", err)
		}
		sameDay := lane == greenroom.LanePush && run.StartedAt.UTC().Format(time.DateOnly) == fromMicros(now).UTC().Format(time.DateOnly)
		if found && (run.State != greenroom.RunDone || sameDay) {
			run.State, run.Error = greenroom.RunRunning, ""
			_, err := w.exec("UPDATE run SET state = ?, error = '', updated_at = ? WHERE id = ?", string(run.State), now, run.ID)
			return err
		}
		last, err := w.lastID("run")
		if err != nil {
			return err
		}
		cursor = ""
		if lane == greenroom.LanePush {
			return w.insertRun(&run, last+1, sourceID, lane, cursor, now)
		}
		if err := w.row("SELECT next FROM source WHERE id = ?", []any{sourceID}, &cursor); err != nil {
			return err
		}
		return w.insertRun(&run, last+1, sourceID, lane, cursor, now)
	})
	if err == nil {
		s.cache.running(1)
	}
	return run, connector.Cursor(cursor), err
}

func (w *writer) insertRun(run *greenroom.Run, id, sourceID int64, lane greenroom.Lane, cursor string, now int64) error {
	*run = greenroom.Run{ID: id, SourceID: sourceID, Lane: lane, State: greenroom.RunRunning, StartedAt: fromMicros(now), UpdatedAt: fromMicros(now)}
	_, err := w.exec("INSERT INTO run (id, source_id, lane, state, cursor, started_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, sourceID, string(lane), string(run.State), cursor, now, now)
	return err
}

// EndRun closes a run. When it is done and the source is incremental, the next run begins where this one ended.
func (s *Store) EndRun(ctx context.Context, run greenroom.Run, state greenroom.RunState, message string, incremental bool) (greenroom.Run, error) {
	run.State, run.Error, run.UpdatedAt = state, message, s.now()
	s.cache.running(-1)
	if state == greenroom.RunDone {
		run.FinishedAt = run.UpdatedAt
	}
	metered := ""
	if run.Metered.Requests > 0 || len(run.Metered.Warnings) > 0 {
		text, err := json.Marshal(run.Metered)
		if err != nil {
			return run, fmt.Errorf("encoding what a run asked: %w", err)
		}
		metered = string(text)
	}
	err := s.write(ctx, func(w *writer) error {
		if _, ok := s.wasLost(run.ID); ok && state == greenroom.RunDone {
			return errLost
		}
		_, err := w.exec("UPDATE run SET state = ?, error = ?, updated_at = ?, finished_at = ?, metered = ? WHERE id = ?",
			string(state), message, micros(run.UpdatedAt), micros(run.FinishedAt), metered, run.ID)
		if err != nil || !incremental || state != greenroom.RunDone {
			return err
		}
		_, err = w.exec("UPDATE source SET next = (SELECT cursor FROM run WHERE run.id = ?) WHERE id = ?", run.ID, run.SourceID)
		return err
	})
	return run, err
}

// LastRuns returns the newest run of each source, by source id: the newest read, or, of sources that are only pushed to,
// the newest day of pushes.
func (s *Store) LastRuns(ctx context.Context) (map[int64]greenroom.Run, error) {
	rows, err := s.query(ctx, "SELECT "+runColumns+" FROM run WHERE id IN (SELECT coalesce(max(CASE WHEN lane = 'read' THEN id END), max(id)) FROM run GROUP BY source_id)")
	if err != nil {
		return nil, err
	}
	runs := make(map[int64]greenroom.Run)
	err = scan(rows, func() error {
		r, err := scanRun(rows)
		runs[r.SourceID] = r
		return err
	})
	return runs, err
}

// Runs returns the runs of a source, newest first.
func (s *Store) Runs(ctx context.Context, sourceID int64, limit int) ([]greenroom.Run, error) {
	rows, err := s.query(ctx, "SELECT "+runColumns+" FROM run WHERE source_id = ? ORDER BY id DESC LIMIT ?", sourceID, limit)
	if err != nil {
		return nil, err
	}
	var runs []greenroom.Run
	err = scan(rows, func() error {
		r, err := scanRun(rows)
		runs = append(runs, r)
		return err
	})
	return runs, err
}

// Rejects lists the records of a run that could not be stored, in the order they were met.
func (s *Store) Rejects(ctx context.Context, runID int64, offset, limit int) ([]greenroom.Reject, error) {
	rows, err := s.query(ctx, "SELECT file, line, reason, expected, excerpt FROM run_reject WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?", runID, offset, limit)
	if err != nil {
		return nil, err
	}
	var all []greenroom.Reject
	err = scan(rows, func() error {
		var r greenroom.Reject
		err := rows.Scan(&r.File, &r.Line, &r.Reason, &r.Expected, &r.Excerpt)
		all = append(all, r)
		return err
	})
	return all, err
}

// LeftOut counts the records of a run that were not wanted by design, by reason.
func (s *Store) LeftOut(ctx context.Context, runID int64) (map[string]int64, error) {
	rows, err := s.query(ctx, "SELECT reason, count FROM run_left_out WHERE run_id = ?", runID)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64)
	err = scan(rows, func() error {
		var reason string
		var n int64
		err := rows.Scan(&reason, &n)
		counts[reason] = n
		return err
	})
	return counts, err
}
