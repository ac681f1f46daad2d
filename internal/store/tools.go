// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/task"
	"greenroom/internal/tool"
)

// Tools lists all tools by name.
func (s *Store) Tools(ctx context.Context) ([]tool.Tool, error) {
	rows, err := s.query(ctx, "SELECT id, version, body FROM tool ORDER BY name, id")
	if err != nil {
		return nil, err
	}
	all := []tool.Tool{}
	err = scan(rows, func() error {
		var id, version int64
		var body string
		if err := rows.Scan(&id, &version, &body); err != nil {
			return err
		}
		var t tool.Tool
		if err := json.Unmarshal([]byte(body), &t); err != nil {
			return fmt.Errorf("decoding tool %d: %w", id, err)
		}
		t.ID, t.Version = id, version
		all = append(all, t)
		return nil
	})
	return all, err
}

// KeepTools stores tools with the next version, those without id as new ones, all or none. One whose version is not the one
// that is there, or whose name another one has, is CodeConflict.
func (s *Store) KeepTools(ctx context.Context, all []tool.Tool) ([]tool.Tool, error) {
	kept := append([]tool.Tool{}, all...)
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("tool")
		if err != nil {
			return err
		}
		for i := range kept {
			t := &kept[i]
			var other int64
			err := w.row("SELECT id FROM tool WHERE name = ? AND id <> ?", []any{strings.ToLower(t.Name), t.ID}, &other)
			if err == nil {
				return greenroom.Errorf(greenroom.CodeConflict, "there is a tool %q already", t.Name)
			}
			if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
				return err
			}
			if t.ID == 0 {
				last++
				t.ID, t.Version = last, 0
			}
			if err := w.keepTool(t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("storing tools: %w", err)
	}
	return kept, nil
}

func (w *writer) keepTool(t *tool.Tool) error {
	before := t.Version
	t.Version++
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encoding a tool: %w", err)
	}
	if before == 0 {
		_, err = w.exec("INSERT INTO tool (id, name, version, body) VALUES (?, ?, ?, ?)", t.ID, strings.ToLower(t.Name), t.Version, string(body))
		return err
	}
	n, err := w.exec("UPDATE tool SET name = ?, version = ?, body = ? WHERE id = ? AND version = ?", strings.ToLower(t.Name), t.Version, string(body), t.ID, before)
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", t.Name)
	}
	return err
}

// RemoveTool removes a tool whose version is the one that is there; with another one, or with an incident, it is CodeConflict.
func (s *Store) RemoveTool(ctx context.Context, id, version int64) error {
	err := s.write(ctx, func(w *writer) error {
		var incidents int64
		if err := w.row("SELECT count(*) FROM tool_incident WHERE tool_id = ?", []any{id}, &incidents); err != nil {
			return err
		}
		if incidents > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "incidents were written down of this tool; retire it instead")
		}
		last, err := w.lastID("tool")
		if err != nil {
			return err
		}
		n, err := w.exec("DELETE FROM tool WHERE id = ? AND version = ?", id, version)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "it was changed meanwhile; look at it again before you take it back")
		}
		if err != nil {
			return err
		}
		return w.setFollowed("last:tool", last) // its number does not come again
	})
	if err != nil {
		return fmt.Errorf("removing a tool: %w", err)
	}
	return nil
}

// SetToolMoney sets the reporting currency of business data, and adds rates to those that are there.
func (s *Store) SetToolMoney(ctx context.Context, reporting string, rates []greenroom.Rate) error {
	return s.write(ctx, func(w *writer) error {
		set := business.Usual() // read in here, so that nothing that somebody else sets meanwhile is lost
		var text string
		err := w.row("SELECT value FROM setting WHERE key = ?", []any{settingBusiness}, &text)
		if err == nil {
			err = decodeJSON(text, &set, "the settings of business data")
		}
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		if set.Reporting != reporting {
			set.Reporting = reporting
			if err := w.setSetting(settingBusiness, set); err != nil {
				return err
			}
		}
		return w.setRates(rates)
	})
}

// toolSetting reads a setting that is kept as JSON; what is not there stays as it is.
func (s *Store) toolSetting(ctx context.Context, key string, into any) error {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{key}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), into)
	}
	if err != nil {
		return fmt.Errorf("reading the setting %s: %w", key, err)
	}
	return nil
}

func (s *Store) setToolSetting(ctx context.Context, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the setting %s: %w", key, err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, string(text))
		return err
	})
}

// RemindTools stores tasks and notices in one transaction, those with a known key not again, and says how many tasks are new.
func (s *Store) RemindTools(ctx context.Context, tasks []task.Task, notices []task.Notice) (added int, err error) {
	err = s.write(ctx, func(w *writer) error {
		if added, err = w.addTasks(tasks, s.now()); err != nil {
			return err
		}
		return w.addNotices(notices, s.now())
	})
	if err != nil {
		return 0, fmt.Errorf("storing reminders: %w", err)
	}
	return added, nil
}

// ToolIncidents lists those of a tool, or with 0 of all, the newest first.
func (s *Store) ToolIncidents(ctx context.Context, id int64) ([]tool.Incident, error) {
	rows, err := s.query(ctx, "SELECT id, tool_id, source, began_at, ended_at, note, actor FROM tool_incident WHERE ? = 0 OR tool_id = ? ORDER BY began_at DESC, id DESC", id, id)
	if err != nil {
		return nil, err
	}
	all := []tool.Incident{}
	err = scan(rows, func() error {
		var i tool.Incident
		var from, to int64
		err := rows.Scan(&i.ID, &i.ToolID, &i.Source, &from, &to, &i.Note, &i.By)
		i.From, i.To = fromMicros(from), fromMicros(to)
		all = append(all, i)
		return err
	})
	return all, err
}

// AddToolIncident stores one.
func (s *Store) AddToolIncident(ctx context.Context, i tool.Incident) (tool.Incident, error) {
	err := s.write(ctx, func(w *writer) (err error) {
		i.ID, err = w.addToolIncident(&i)
		return err
	})
	if err != nil {
		return i, fmt.Errorf("storing an incident: %w", err)
	}
	return i, nil
}

func (w *writer) addToolIncident(i *tool.Incident) (int64, error) {
	last, err := w.lastID("tool_incident")
	if err != nil {
		return 0, err
	}
	_, err = w.exec("INSERT INTO tool_incident (id, tool_id, source, began_at, ended_at, note, actor) VALUES (?, ?, ?, ?, ?, ?, ?)", last+1, i.ToolID, i.Source, micros(i.From), micros(i.To), i.Note, i.By)
	return last + 1, err
}

// SourceIncidents opens an incident for each given one whose tool has none open of that source, and ends those that are open
// and are not among them.
func (s *Store) SourceIncidents(ctx context.Context, open []tool.Incident, now time.Time) error {
	known, err := s.ToolIncidents(ctx, 0)
	if err != nil {
		return err
	}
	type place struct {
		id     int64
		source string
	}
	there, wanted := make(map[place]bool), make(map[place]bool)
	for i := range open {
		wanted[place{open[i].ToolID, open[i].Source}] = true
	}
	work := false
	for i := range known {
		if k := &known[i]; k.Source != "" && k.To.IsZero() {
			there[place{k.ToolID, k.Source}] = true
			work = work || !wanted[place{k.ToolID, k.Source}]
		}
	}
	for p := range wanted {
		work = work || !there[p]
	}
	if !work {
		return nil
	}
	err = s.write(ctx, func(w *writer) error {
		for i := range known {
			if k := &known[i]; k.Source != "" && k.To.IsZero() && !wanted[place{k.ToolID, k.Source}] {
				if _, err := w.exec("UPDATE tool_incident SET ended_at = ? WHERE id = ? AND ended_at = 0", micros(now), k.ID); err != nil {
					return err
				}
			}
		}
		for i := range open {
			var n int64
			if err := w.row("SELECT count(*) FROM tool_incident WHERE tool_id = ? AND source = ? AND ended_at = 0", []any{open[i].ToolID, open[i].Source}, &n); err != nil {
				return err
			}
			if n == 0 {
				if _, err := w.addToolIncident(&open[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing incidents: %w", err)
	}
	return nil
}

// EndToolIncident says that an incident is over; where it is already, it is CodeNotFound.
func (s *Store) EndToolIncident(ctx context.Context, id int64, at time.Time) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE tool_incident SET ended_at = ? WHERE id = ? AND ended_at = 0", micros(at), id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no incident %d that goes on", id)
		}
		return err
	})
}

// DeclinedTools are the sources that nobody wants to be suggested.
func (s *Store) DeclinedTools(ctx context.Context) (map[string]bool, error) {
	rows, err := s.query(ctx, "SELECT source FROM tool_declined")
	if err != nil {
		return nil, err
	}
	all := make(map[string]bool)
	err = scan(rows, func() error {
		var name string
		err := rows.Scan(&name)
		all[name] = true
		return err
	})
	return all, err
}

// DeclineTool notes one.
func (s *Store) DeclineTool(ctx context.Context, source, by string) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO tool_declined (source, actor, at) VALUES (?, ?, ?) ON CONFLICT (source) DO NOTHING", source, by, micros(s.now()))
		return err
	})
}
