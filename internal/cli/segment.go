// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/server"
)

func (c *command) segmentCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "segment", Short: "Save queries over members, and see who entered and left",
		Long: "A segment is a saved query over members that remembers who was in it: `segment:KEY` names it in every query. SEGMENT is its key or its name.",
	}
	cmd.AddCommand(c.segmentList(), c.segmentShow(), c.segmentAdd(), c.segmentEdit(), c.segmentArchive(), c.segmentRestore(), c.segmentMembers(), c.segmentEvents(), c.segmentOverlap(), c.segmentSizes())
	return cmd
}

func segmentTable() table[segment.Segment] {
	return table[segment.Segment]{
		head: []string{"key", "name", "members", "owner", "query", "evaluated", "problem"},
		row: func(g *segment.Segment) []string {
			evaluated := ""
			if !g.EvaluatedAt.IsZero() {
				evaluated = g.EvaluatedAt.Format(time.DateTime)
			}
			return []string{g.Key, g.Name, number(g.Size), g.Owner, g.Query, evaluated, g.Problem}
		},
	}
}

func eventTable() table[segment.Event] {
	return table[segment.Event]{
		head: []string{"id", "at", "segment", "what", "member id", "member", "cause", "reason"},
		row: func(e *segment.Event) []string {
			what := "left"
			if e.Entered {
				what = "entered"
			}
			return []string{number(e.ID), e.At.Format(time.DateTime), e.Segment, what, number(e.MemberID), e.Member, string(e.Cause), e.Reason}
		},
	}
}

func (c *command) segmentList() *cobra.Command {
	var archived bool
	cmd := &cobra.Command{
		Use: "list", Short: "List segments", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Segments.List(cmd.Context(), archived)
				if err != nil {
					return err
				}
				return printAll(c, segmentTable(), all)
			})
		},
	}
	cmd.Flags().BoolVar(&archived, "archived", false, "those that were archived")
	return cmd
}

// segmentDetail is all about a segment.
type segmentDetail struct {
	segment.Segment

	Queries []segment.Version `json:"queries"`
	UsedBy  []string          `json:"used_by"`
}

func (c *command) segmentShow() *cobra.Command {
	return &cobra.Command{
		Use: "show SEGMENT", Short: "Show a segment with the queries it has had, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				g, err := app.Segments.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				d := segmentDetail{Segment: g, UsedBy: []string{}}
				if d.Queries, err = app.Segments.Queries(cmd.Context(), g.Key); err != nil {
					return err
				}
				using, err := app.Segments.UsedBy(cmd.Context(), g.Key)
				for i := range using {
					d.UsedBy = append(d.UsedBy, using[i].Key)
				}
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
}

func (c *command) segmentAdd() *cobra.Command {
	var d segment.Draft
	cmd := &cobra.Command{
		Use: "add NAME QUERY", Short: "Make a segment of a query over members", Args: cobra.ExactArgs(2),
		Example: "  greenroom segment add 'Gone quiet' 'is:quiet activities:>=10 -is:staff'",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Name, d.Query = args[0], args[1]
			return c.with(cmd.Context(), func(app *server.App) error {
				g, err := app.Segments.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, segmentTable(), []segment.Segment{g})
			})
		},
	}
	cmd.Flags().StringVar(&d.Key, "key", "", "how queries name it (default: made from the name)")
	cmd.Flags().StringVar(&d.Description, "description", "", "what it is for")
	cmd.Flags().StringVar(&d.Owner, "owner", "", "who looks after it")
	cmd.Flags().StringVar(&d.Color, "color", "", "blue, green, orange, purple, red or teal")
	return cmd
}

func (c *command) segmentEdit() *cobra.Command {
	var name, text, description, color, owner string
	cmd := &cobra.Command{Use: "edit SEGMENT", Short: "Change a segment; its key stays", Args: cobra.ExactArgs(1)}
	flags := cmd.Flags()
	flags.StringVar(&name, "name", "", "another name")
	flags.StringVarP(&text, "query", "q", "", "another query")
	flags.StringVar(&description, "description", "", "what it is for")
	flags.StringVar(&color, "color", "", "blue, green, orange, purple, red or teal")
	flags.StringVar(&owner, "owner", "", "who looks after it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var change segment.Change
		for flag, to := range map[string]struct {
			field **string
			value *string
		}{"name": {&change.Name, &name}, "query": {&change.Query, &text}, "description": {&change.Description, &description}, "color": {&change.Color, &color}, "owner": {&change.Owner, &owner}} {
			if flags.Changed(flag) {
				*to.field = to.value
			}
		}
		if change == (segment.Change{}) {
			return greenroom.Errorf(greenroom.CodeInvalid, "say what to change: --name, --query, --description, --color or --owner")
		}
		return c.oneSegment(cmd.Context(), func(app *server.App) (segment.Segment, error) {
			return app.Segments.Edit(cmd.Context(), args[0], change, byCommandLine)
		})
	}
	return cmd
}

// oneSegment prints the segment that f gives.
func (c *command) oneSegment(ctx context.Context, f func(*server.App) (segment.Segment, error)) error {
	return c.with(ctx, func(app *server.App) error {
		g, err := f(app)
		if err != nil {
			return err
		}
		return printAll(c, segmentTable(), []segment.Segment{g})
	})
}

func (c *command) segmentArchive() *cobra.Command {
	return &cobra.Command{
		Use: "archive SEGMENT", Short: "Put a segment away; restore brings it back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneSegment(cmd.Context(), func(app *server.App) (segment.Segment, error) {
				return app.Segments.Archive(cmd.Context(), args[0], byCommandLine)
			})
		},
	}
}

func (c *command) segmentRestore() *cobra.Command {
	return &cobra.Command{
		Use: "restore SEGMENT", Short: "Bring an archived segment back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneSegment(cmd.Context(), func(app *server.App) (segment.Segment, error) {
				return app.Segments.Restore(cmd.Context(), args[0], byCommandLine)
			})
		},
	}
}

func (c *command) segmentMembers() *cobra.Command {
	var asOf string
	var limit int
	cmd := &cobra.Command{
		Use: "members SEGMENT", Short: "List who is in a segment, or who was", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				g, err := app.Segments.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				text := segment.Named(g.Key)
				if asOf != "" {
					at, err := day(asOf, app.Now())
					if err != nil {
						return err
					}
					if _, err := app.Segments.AsOf(cmd.Context(), g.Key, at.AddDate(0, 0, 1)); err != nil {
						return err
					}
					text += "@" + asOf
				}
				return c.list(cmd.Context(), app, query.Members, text, limit)
			})
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "who was in it at the end of that day, as 2026-01-31")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most that many (0 = all)")
	return cmd
}

func (c *command) segmentEvents() *cobra.Command {
	f := segment.Filter{}
	var feed int64
	cmd := &cobra.Command{
		Use: "events [SEGMENT]", Short: "List who entered and left, and why, the newest first", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				read := func() ([]segment.Event, error) { return app.Segments.Events(cmd.Context(), strings.Join(args, ""), f) }
				if cmd.Flags().Changed("after") {
					read = func() ([]segment.Event, error) { return app.Segments.Feed(cmd.Context(), feed, f.Limit) }
				}
				all, err := read()
				if err != nil {
					return err
				}
				return printAll(c, eventTable(), all)
			})
		},
	}
	cmd.Flags().BoolVar(&f.People, "people", false, "only comings and goings of people, without what follows from making a segment or merging members")
	cmd.Flags().Int64Var(&f.Member, "member", 0, "only of one member, by id")
	cmd.Flags().Int64Var(&f.Below, "below", 0, "only events with a lower id, for the next page")
	cmd.Flags().Int64Var(&feed, "after", 0, "the feed of all segments instead: events with a higher id, in their order")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "at most that many, 500 at most")
	return cmd
}

func (c *command) segmentOverlap() *cobra.Command {
	return &cobra.Command{
		Use: "overlap SEGMENT OTHER", Short: "Count who is in both of two segments, and in one only", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				o, err := app.Segments.Compare(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				type line struct {
					What string `json:"what"`
					segment.Part
				}
				return printAll(c, table[line]{head: []string{"what", "members", "query"}, row: func(l *line) []string {
					return []string{l.What, number(l.Members), l.Query}
				}}, []line{{"both", o.Both}, {"only " + o.A.Key, o.OnlyA}, {"only " + o.B.Key, o.OnlyB}, {"either", o.Either}})
			})
		},
	}
}

func (c *command) segmentSizes() *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use: "sizes SEGMENT", Short: "Show how large a segment was at the end of each day", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 1 || days > 3660 {
				return greenroom.Errorf(greenroom.CodeInvalid, "--days is a number from 1 to 3660")
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				g, err := app.Segments.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				all, err := app.Segments.Sizes(cmd.Context(), []segment.Segment{g}, days)
				if err != nil {
					return err
				}
				return printAll(c, table[segment.Size]{head: []string{"day", "members", "entered", "left"}, row: func(s *segment.Size) []string {
					return []string{date(s.Day), number(s.Size), number(s.Entered), number(s.Left)}
				}}, all[g.ID])
			})
		},
	}
	cmd.Flags().IntVar(&days, "days", 90, "how many days, the last of which is today")
	return cmd
}
