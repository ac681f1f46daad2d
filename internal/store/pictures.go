// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/pictures"
)

const settingPictures = "pictures"

// PictureSettings are the team's for looking at profile pictures; the zero value where nothing was set.
func (s *Store) PictureSettings(ctx context.Context) (pictures.Settings, error) {
	var set pictures.Settings
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingPictures}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return set, nil
	}
	if err != nil {
		return set, err
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, fmt.Errorf("decoding the setting %s: %w", settingPictures, err)
	}
	return set, nil
}

// SetPictureSettings stores them.
func (s *Store) SetPictureSettings(ctx context.Context, set pictures.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingPictures, set) })
}

// pictured is the condition that the profile of identity i names a picture.
const pictured = `i.bot = 0 AND i.profile LIKE '%"avatar_url":"http%'`

// PicturesDue goes through so many accounts in order of their latest change, after a place, and gives those whose picture is
// to be looked at; and how far it came, which is the place itself at the end.
func (s *Store) PicturesDue(ctx context.Context, after pictures.Place, limit int, now time.Time) (due []pictures.Due, end pictures.Place, err error) {
	rows, err := s.query(ctx, `SELECT i.id, i.version, CASE WHEN `+pictured+` THEN i.profile ELSE '' END, coalesce(p.address, ''), coalesce(p.again, 0)
		FROM identity i LEFT JOIN picture p ON p.identity_id = i.id
		WHERE i.version >= ? AND (i.version > ? OR i.id > ?) ORDER BY i.version, i.id LIMIT ?`, after.Version, after.Version, after.Account, limit)
	if err != nil {
		return nil, after, err
	}
	end = after
	err = scan(rows, func() error {
		var text, address string
		var again int64
		if err := rows.Scan(&end.Account, &end.Version, &text, &address, &again); err != nil {
			return err
		}
		var p profile
		if text == "" {
			if address != "" { // there was one
				due = append(due, pictures.Due{Account: end.Account})
			}
			return nil
		}
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("decoding the profile of identity %d: %w", end.Account, err)
		}
		if p.AvatarURL != address || micros(now) >= again {
			due = append(due, pictures.Due{Account: end.Account, Address: p.AvatarURL})
		}
		return nil
	})
	return due, end, err
}

// KeepPictures stores what was seen of accounts that are still there.
func (s *Store) KeepPictures(ctx context.Context, all []pictures.Seen) error {
	return s.writeAlong(ctx, func(w *writer) error {
		var version int64
		if err := w.row("SELECT coalesce(max(version), 0) + 1 FROM picture", nil, &version); err != nil {
			return err
		}
		for i := range all {
			x := &all[i]
			hash, err := hashBits(x.Hash)
			if err != nil {
				return err
			}
			if _, err := w.exec(`INSERT INTO picture (identity_id, address, at, again, state, problem, hash, version)
				SELECT i.id, ?, ?, ?, ?, ?, CAST(? AS BIGINT), CASE WHEN CAST(? AS BIGINT) = 0 THEN 0 ELSE CAST(? AS BIGINT) END FROM identity i WHERE i.id = ?
				ON CONFLICT (identity_id) DO UPDATE SET address = excluded.address, at = excluded.at, again = excluded.again, state = excluded.state, problem = excluded.problem,
					hash = excluded.hash, version = CASE WHEN picture.hash = excluded.hash THEN picture.version ELSE ? END`,
				x.Address, micros(x.At), micros(x.Again), string(x.State), x.Problem, hash, hash, version, x.Account, version); err != nil {
				return err
			}
		}
		return nil
	})
}

// hashBits are the bits of a hash as the signed number that a database keeps.
func hashBits(hash string) (int64, error) {
	if hash == "" {
		return 0, nil
	}
	bits, err := strconv.ParseUint(hash, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("reading what a picture looks like: %w", err)
	}
	return int64(bits), nil //nolint:gosec // the same bits
}

// PictureStatus counts what was seen.
func (s *Store) PictureStatus(ctx context.Context) (st pictures.Status, err error) {
	if st.Settings, err = s.PictureSettings(ctx); err != nil {
		return st, err
	}
	if err := s.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM identity i WHERE "+pictured+" LIMIT ?) x", []any{pictures.MostCounted}, &st.Accounts); err != nil {
		return st, err
	}
	rows, err := s.query(ctx, "SELECT state, count(*) FROM picture GROUP BY state")
	if err != nil {
		return st, err
	}
	err = scan(rows, func() error {
		var state string
		var n int64
		err := rows.Scan(&state, &n)
		switch pictures.State(state) {
		case pictures.Told:
			st.Told = n
		case pictures.Plain:
			st.Plain = n
		case pictures.None:
			st.None = n
		case pictures.Failed:
			st.Failed = n
		}
		return err
	})
	return st, err
}

// Pictures lists what was seen, by account, after one; of one state, or of all where that is empty.
func (s *Store) Pictures(ctx context.Context, state pictures.State, after int64, limit int) ([]pictures.Listed, error) {
	return s.pictures(ctx, "(? = '' OR p.state = ?) AND p.identity_id > ? ORDER BY p.identity_id LIMIT ?", string(state), string(state), after, limit)
}

// PicturesOf lists what was seen of a member's accounts.
func (s *Store) PicturesOf(ctx context.Context, member int64) ([]pictures.Listed, error) {
	return s.pictures(ctx, "i.member_id = ? ORDER BY i.id", member)
}

func (s *Store) pictures(ctx context.Context, where string, args ...any) ([]pictures.Listed, error) {
	rows, err := s.query(ctx, `SELECT i.id, p.address, p.at, p.again, p.state, p.problem, p.hash, s.name, i.member_id, coalesce(m.name, '')
		FROM picture p JOIN identity i ON i.id = p.identity_id JOIN source s ON s.id = i.source_id LEFT JOIN member m ON m.id = i.member_id WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	all := []pictures.Listed{}
	err = scan(rows, func() error {
		var l pictures.Listed
		var at, again, hash int64
		var state string
		err := rows.Scan(&l.Account, &l.Address, &at, &again, &state, &l.Problem, &hash, &l.Source, &l.Member, &l.Name)
		l.At, l.Again, l.State = fromMicros(at), fromMicros(again), pictures.State(state)
		if hash != 0 {
			l.Hash = fmt.Sprintf("%016x", uint64(hash)) //nolint:gosec // the same bits
		}
		all = append(all, l)
		return err
	})
	return all, err
}

// ForgetPictures takes away everything that was seen, and reports of how many accounts.
func (s *Store) ForgetPictures(ctx context.Context) (n int, err error) {
	err = s.write(ctx, func(w *writer) error {
		gone, err := w.exec("DELETE FROM picture")
		n = int(gone)
		return err
	})
	return n, err
}
