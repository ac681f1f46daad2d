// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/orbit"
	"greenroom/internal/server"
)

// healthCommand says how the community is.
func (c *command) healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Say how the community is: a board, levels, who drifts away, who helps whom, funnels and comparisons",
	}
	cmd.AddCommand(c.healthBoard(), c.healthChanges(), c.healthOrbit(), c.healthQuiet(), c.healthNetwork(), c.healthFunnel(), c.healthPaths(), c.healthCompare(), c.healthIntroduce(), c.healthMember(), c.healthRefresh(), c.scoreCommand())
	return cmd
}

// health runs do with the service over what is stored.
func (c *command) health(ctx context.Context, do func(s *health.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return do(app.Health(engine))
	})
}

// printRows writes rows as the format asks: whole is what json has instead of the rows.
func printRows[T any](c *command, whole any, head []string, rows []T, row func(*T) []string) error {
	if c.format == "json" {
		return writeJSON(c.io.Out, whole)
	}
	return printAll(c, table[T]{head: head, row: row}, rows)
}

func figure(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}

func (c *command) healthBoard() *cobra.Command {
	var by string
	cmd := &cobra.Command{Use: "board", Short: "Figures by purpose, and what of them is more than noise", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			b, err := s.Board(cmd.Context(), analytics.Granularity(by))
			if err != nil {
				return err
			}
			type line struct {
				Purpose string `json:"purpose"`
				health.Item
			}
			var lines []line
			for _, p := range b.Purposes {
				for _, item := range p.Items {
					lines = append(lines, line{p.Name, item})
				}
			}
			return printRows(c, b, []string{"purpose", "figure", "unit", "value", "before", "verdict"}, lines, func(l *line) []string {
				return []string{l.Purpose, l.Label, string(l.Unit), figure(l.Value), figure(l.Previous), l.Noise.Says}
			})
		})
	}}
	cmd.Flags().StringVar(&by, "by", "month", "week, month or quarter")
	return cmd
}

func (c *command) healthOrbit() *cobra.Command {
	var by string
	cmd := &cobra.Command{Use: "orbit", Short: "The Orbit model: levels, who moved, and gravity", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			o, err := s.Orbit(cmd.Context(), analytics.Granularity(by))
			if err != nil {
				return err
			}
			return printRows(c, o, []string{"from", "leading", "contributing", "participating", "exploring", "commitment", "gravity", "of who stayed", "joined", "left"}, o.Periods, func(p *health.OrbitPeriod) []string {
				row := []string{date(p.From)}
				for level := 1; level <= 4; level++ {
					row = append(row, number(p.Count[level]))
				}
				commitment := p.Count.Commitment()
				return append(row, figure(&commitment), figure(p.Gravity), figure(p.Stayed), number(p.Flow.Joined), number(p.Flow.Left))
			})
		})
	}}
	cmd.Flags().StringVar(&by, "by", "month", "month or quarter")
	return cmd
}

func (c *command) healthQuiet() *cobra.Command {
	var limit int
	cmd := &cobra.Command{Use: "quiet", Short: "Who is silent for longer than is usual for them", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			all, _, err := s.Quiet(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return printRows(c, all, []string{"member", "name", "usual days", "silent days", "active days", "last active"}, all, func(q *health.Silent) []string {
				return []string{number(q.Member), q.Name, figure(&q.Usual), strconv.Itoa(q.Silent), strconv.Itoa(q.ActiveDays), date(q.Last)}
			})
		})
	}}
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	return cmd
}

func (c *command) healthNetwork() *cobra.Command {
	between := false
	cmd := &cobra.Command{Use: "network", Short: "Who answers whom: helpers, bridges and newcomers nobody answered", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			n, err := s.Network(cmd.Context())
			if err != nil {
				return err
			}
			if c.format == "table" {
				c.say("%d members, %d connections, density %.3f, reciprocity %.3f; %d newcomers' conversations without an answer\n", n.Members, n.Connections, n.Density, n.Reciprocity, n.Waiting)
			}
			if between {
				if n.Sampled > 0 && c.format == "table" {
					c.say("estimated from the ways of %d of the members\n", n.Sampled)
				}
				return printRows(c, n.Between, []string{"member", "name", "pairs", "share", "degree", "staff"}, n.Between, func(b *health.Between) []string {
					return []string{number(b.Member), b.Name, figure(&b.Pairs), figure(&b.Share), strconv.Itoa(b.Degree), strconv.FormatBool(b.Staff)}
				})
			}
			return printRows(c, n, []string{"member", "name", "answers", "helped", "first responses", "degree", "reach"}, n.Helpers, func(h *health.Helper) []string {
				return []string{number(h.Member), h.Name, number(h.Answers), strconv.Itoa(h.Helped), number(h.First), strconv.Itoa(h.Degree), figure(&h.Reach)}
			})
		})
	}}
	cmd.Flags().BoolVar(&between, "between", false, "list over whom the shortest ways between other members lead (betweenness) instead of who answers most")
	return cmd
}

func (c *command) healthIntroduce() *cobra.Command {
	return &cobra.Command{Use: "introduce FROM TO", Short: "Who can introduce one member to another, by their ids", Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		from, err1 := strconv.ParseInt(args[0], 10, 64)
		to, err2 := strconv.ParseInt(args[1], 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "name two members by their ids, such as 42 and 7", Err: err}
		}
		return c.health(cmd.Context(), func(s *health.Service) error {
			steps, err := s.Introduce(cmd.Context(), from, to)
			if err != nil {
				return err
			}
			return printRows(c, steps, []string{"member", "name", "times", "strength", "last"}, steps, func(st *health.Step) []string {
				return []string{number(st.Member), st.Name, number(st.Times), figure(&st.Strength), date(st.Last)}
			})
		})
	}}
}

func (c *command) healthFunnel() *cobra.Command {
	var r health.FunnelRequest
	cmd := &cobra.Command{
		Use: "funnel [STEP ...]", Short: "How far members come, step by step",
		Long: "Funnel counts how many members take one step after the other. A step is joined, a query about activities such as is:question, did: with a count such as\n" +
			"'did:reply count:>=5', or any other query about members, which is a state of today.",
		Example: "  greenroom health funnel joined is:question is:reply 'tag:champion' --within 90",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.health(cmd.Context(), func(s *health.Service) error {
				r.Steps = args
				f, err := s.Funnel(cmd.Context(), r)
				if err != nil {
					return err
				}
				type line struct {
					Group string
					health.FunnelStep
				}
				var lines []line
				for _, st := range f.Steps {
					lines = append(lines, line{"", st})
				}
				for _, g := range f.Groups {
					for _, st := range g.Steps {
						lines = append(lines, line{g.Name, st})
					}
				}
				return printRows(c, f, []string{"group", "step", "members", "share", "low", "high", "of first", "median days", "no further"}, lines, func(l *line) []string {
					return []string{l.Group, l.Step, number(l.Members), figure(l.Share), figure(l.Low), figure(l.High), figure(l.OfFirst), figure(l.Median), number(l.Here)}
				})
			})
		},
	}
	cmd.Flags().IntVar(&r.Within, "within", 0, "in how many days of the first step the others have to be taken; 0 = any time")
	cmd.Flags().StringVar(&r.By, "by", "", "cut by month, source, channel, country or organization too")
	cmd.Flags().IntVar(&r.At, "at", 0, "with --format json: list who got to this step and no further")
	return cmd
}

func (c *command) healthPaths() *cobra.Command {
	var by string
	cmd := &cobra.Command{Use: "paths", Short: "How members begin: the most common first five steps", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			paths, _, err := s.Paths(cmd.Context(), by)
			if err != nil {
				return err
			}
			return printRows(c, paths, []string{"steps", "members", "share"}, paths, func(p *health.Path) []string {
				return []string{strings.Join(p.Steps, " > "), number(p.Members), figure(&p.Share)}
			})
		})
	}}
	cmd.Flags().StringVar(&by, "by", "kind", "kind or channel")
	return cmd
}

func (c *command) healthCompare() *cobra.Command {
	var r health.CompareRequest
	var by string
	cmd := &cobra.Command{
		Use: "compare METRIC", Short: "A metric of several groups side by side, and what is more than noise", Args: cobra.ExactArgs(1),
		Example: "  greenroom health compare answered_share --across channel\n  greenroom health compare active_members --segment org.lifecycle:trial --segment org.lifecycle:customer",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.health(cmd.Context(), func(s *health.Service) error {
				if r.Metric, r.By = args[0], analytics.Granularity(by); len(r.Segments) > 0 {
					r.Across = "segment"
				}
				res, err := s.Compare(cmd.Context(), r)
				if err != nil {
					return err
				}
				if res.Note != "" && c.format == "table" {
					c.say("%s\n", res.Note)
				}
				return printRows(c, res, []string{"group", "value", "low", "high", "before", "verdict"}, res.Groups, func(g *health.Group) []string {
					return []string{g.Name, figure(g.Value), figure(g.Low), figure(g.High), figure(g.Previous), g.Noise.Says}
				})
			})
		},
	}
	cmd.Flags().StringVar(&r.Across, "across", "source", "source, channel, kind, organization, country, tag, category, sentiment, or program (who is enrolled today, and who is in none; not matched)")
	cmd.Flags().StringArrayVar(&r.Segments, "segment", nil, "compare segments instead: a query about members, once for each")
	cmd.Flags().StringVar(&by, "by", "month", "week, month or quarter")
	cmd.Flags().StringVarP(&r.Query, "query", "q", "", "what counts, in the query language")
	return cmd
}

func (c *command) healthMember() *cobra.Command {
	return &cobra.Command{Use: "member ID", Short: "A member's scores, and why", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: args[0] + " is not the id of a member", Err: err}
		}
		return c.health(cmd.Context(), func(s *health.Service) error {
			all, err := s.Explain(cmd.Context(), id)
			if err != nil {
				return err
			}
			if silence, err := s.Silence(cmd.Context(), id); err != nil {
				return err
			} else if silence != nil && c.format == "table" {
				c.say("%s\n", silence.Says)
			}
			return printRows(c, all, []string{"score", "version", "value", "level"}, all, func(w *health.Why) []string {
				return []string{w.Model.Name, strconv.Itoa(w.Model.Version), figure(&w.Score.Value), w.Level}
			})
		})
	}}
}

func (c *command) healthRefresh() *cobra.Command {
	return &cobra.Command{Use: "refresh", Short: "Compute the scores that queries such as level:1 and is:overdue go by; a server does so by itself", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error { return s.Refresh(cmd.Context()) })
	}}
}

// scoreCommand shows and changes the weights of scores.
func (c *command) scoreCommand() *cobra.Command {
	var note string
	var dry bool
	show := &cobra.Command{
		Use: "score [NAME]", Short: "Show, preview, set and undo the weights of a score: orbit, love or points", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom health score points > points.json\n  greenroom health score set points points.json --preview\n  greenroom health score set points points.json --note 'answers count more'",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.health(cmd.Context(), func(s *health.Service) error {
				if len(args) == 1 {
					m, err := s.Model(cmd.Context(), args[0], 0)
					if err != nil {
						return err
					}
					return writeJSON(c.io.Out, m)
				}
				all, err := s.Models(cmd.Context())
				if err != nil {
					return err
				}
				return printRows(c, all, []string{"name", "version", "rule"}, all, func(m *orbit.Model) []string {
					return []string{m.Name, strconv.Itoa(m.Version), string(m.Rule)}
				})
			})
		},
	}
	set := &cobra.Command{Use: "set NAME FILE", Short: "Set the weights from a JSON file (- = standard input)", Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		m, err := c.readModel(args[0], args[1])
		if err != nil {
			return err
		}
		return c.health(cmd.Context(), func(s *health.Service) error {
			if !dry {
				m, err := s.Save(cmd.Context(), m, note, "command line")
				if err != nil {
					return err
				}
				c.say("%s: version %d holds now\n", m.Name, m.Version)
				return nil
			}
			p, err := s.Preview(cmd.Context(), m)
			if err != nil {
				return err
			}
			if c.format == "table" {
				c.say("%d up, %d down, %d stay; nothing was changed\n", p.Up, p.Down, p.Same)
			}
			return printRows(c, p, []string{"member", "name", "level", "then", "value", "then"}, p.Moves, func(v *health.Move) []string {
				return []string{number(v.Member), v.Name, strconv.Itoa(v.LevelBefore), strconv.Itoa(v.LevelAfter), figure(&v.Before), figure(&v.After)}
			})
		})
	}}
	set.Flags().StringVar(&note, "note", "", "why, kept with the version")
	set.Flags().BoolVar(&dry, "preview", false, "say who would move and change nothing")
	undo := &cobra.Command{Use: "undo NAME", Short: "Take the newest version back", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.health(cmd.Context(), func(s *health.Service) error {
			m, err := s.Undo(cmd.Context(), args[0], "command line")
			if err == nil {
				c.say("%s: version %d holds now\n", m.Name, m.Version)
			}
			return err
		})
	}}
	show.AddCommand(set, undo)
	return show
}

func (c *command) readModel(name, file string) (orbit.Model, error) {
	in := c.io.In
	if file != "-" {
		f, err := os.Open(file) //nolint:gosec // the person at the terminal names it
		if err != nil {
			return orbit.Model{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: file + " cannot be read", Err: err}
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return orbit.Model{}, fmt.Errorf("reading %s: %w", file, err)
	}
	m := orbit.Model{Name: name}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, &greenroom.Error{Code: greenroom.CodeInvalid, Message: file + " is not a score in JSON; greenroom health score NAME prints one", Err: err}
	}
	if m.Name != name {
		return m, greenroom.Errorf(greenroom.CodeInvalid, "%s is the score %s, not %s", file, m.Name, name)
	}
	return m, nil
}
