// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/event"
	"greenroom/internal/server"
)

func (c *command) eventCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "event", Short: "Plan events, and import who came",
		Long: "Events that are planned here, with who registers and who comes. Attendance becomes activities of the source Events. EVENT is an event's number.",
	}
	cmd.AddCommand(c.eventList(), c.eventAdd(), c.eventShow(), c.eventImport())
	return cmd
}

func (c *command) contentCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "content", Short: "Keep the content schedule", Long: "What is to be published: where, when and by whom, from the idea on."}
	cmd.AddCommand(c.contentList(), c.contentAdd(), c.contentMove())
	return cmd
}

func eventsTable() table[event.Event] {
	return table[event.Event]{
		head: []string{"id", "title", "kind", "state", "start", "end", "registered", "attended", "missed", "owner"},
		row: func(e *event.Event) []string {
			return []string{number(e.ID), e.Title, string(e.Kind), string(e.State), e.Start.Format(time.DateTime), e.End.Format(time.DateTime), number(e.Counts.Registered), number(e.Counts.Attended), number(e.Counts.Missed), e.Owner}
		},
	}
}

func contentTable() table[event.Content] {
	return table[event.Content]{
		head: []string{"id", "title", "channel", "status", "at", "owner", "link"},
		row: func(x *event.Content) []string {
			at := ""
			if !x.At.IsZero() {
				at = x.At.Format(time.DateTime)
			}
			return []string{number(x.ID), x.Title, x.Channel, string(x.Status), at, x.Owner, x.Link}
		},
	}
}

// dayOf reads a day or a time of the command line; "" is the zero time.
func dayOf(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at, nil
		}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Time{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no time; expected one such as 2026-01-31 17:00", text)
}

func numberOf(text, what string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of %s", text, what)
	}
	return id, nil
}

func (c *command) eventList() *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use: "list", Short: "List events by when they begin", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				var f event.Filter
				var err error
				if f.From, err = dayOf(from, app.Zone()); err != nil {
					return err
				}
				if f.To, err = dayOf(to, app.Zone()); err != nil {
					return err
				}
				all, err := app.Events.List(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, eventsTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "only those that end after this day")
	cmd.Flags().StringVar(&to, "to", "", "only those that begin before this day")
	return cmd
}

func (c *command) eventAdd() *cobra.Command {
	var d event.Draft
	var kind, start, end string
	var announce bool
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Plan an event", Args: cobra.ExactArgs(1),
		Example: "  greenroom event add 'Office hours' --start '2026-12-03 17:00' --zone Europe/Berlin --link https://acme.example/hours",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				zone := app.Zone()
				if d.Zone != "" {
					z, err := time.LoadLocation(d.Zone)
					if err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "%q is no time zone; expected a name such as Europe/Berlin", d.Zone)
					}
					zone = z
				}
				var err error
				if d.Start, err = dayOf(start, zone); err != nil {
					return err
				}
				if d.End, err = dayOf(end, zone); err != nil {
					return err
				}
				d.Title, d.Kind = args[0], event.Kind(kind)
				if announce {
					d.State = event.Announced
				}
				e, err := app.Events.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				if err := app.Projector.CatchUp(cmd.Context()); err != nil {
					return err
				}
				return printAll(c, eventsTable(), []event.Event{e})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&start, "start", "", "when it begins, in its time zone")
	flags.StringVar(&end, "end", "", "when it ends (default: an hour later)")
	flags.StringVar(&d.Zone, "zone", "", "its time zone (default: the team's)")
	flags.StringVar(&kind, "kind", "", "webinar, meetup, workshop, call, conference or other")
	flags.StringVar(&d.Place, "place", "", "where it takes place")
	flags.StringVar(&d.Link, "link", "", "where it is online, or its page")
	flags.StringVar(&d.Text, "text", "", "what it is about")
	flags.StringVar(&d.Owner, "owner", "", "mail address of who looks after it")
	flags.StringVar(&d.Program, "program", "", "key of the program that it belongs to")
	flags.Int64Var(&d.Capacity, "capacity", 0, "how many can come (default: any number)")
	flags.BoolVar(&announce, "announce", false, "announce it at once")
	return cmd
}

// eventDetail is all about an event.
type eventDetail struct {
	event.Event

	Figures event.Figures        `json:"figures"`
	People  []event.Registration `json:"people"`
	Lists   []event.Import       `json:"lists"`
}

func (c *command) eventShow() *cobra.Command {
	return &cobra.Command{
		Use: "show EVENT", Short: "Show an event with its people and what it got, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := numberOf(args[0], "an event")
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				e, err := app.Events.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				d := eventDetail{Event: e}
				if d.Figures, err = app.Events.Figures(cmd.Context(), id); err != nil {
					return err
				}
				if d.People, err = app.Events.People(cmd.Context(), event.PeopleFilter{Event: id, Limit: 1 << 20}); err != nil {
					return err
				}
				if d.Lists, err = app.Events.Imports(cmd.Context(), id); err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
}

func (c *command) eventImport() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "import-attendance EVENT FILE", Short: "Import who came to an event, as the platform exported it", Args: cobra.ExactArgs(2),
		Long: "Reads a CSV file: the columns are found by their names (an e-mail address; name, times of joining and leaving, and whether they came, if there are any). Lines that cannot be read are shown, and the rest goes on.",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := numberOf(args[0], "an event")
			if err != nil {
				return err
			}
			f, err := os.Open(args[1])
			if err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: args[1] + " cannot be read; expected a CSV file with who came", Err: err}
			}
			defer f.Close() //nolint:errcheck // it was read only
			return c.with(cmd.Context(), func(app *server.App) error {
				im, err := app.Events.Import(cmd.Context(), id, filepath.Base(args[1]), f, !keep, byCommandLine)
				if err != nil {
					return err
				}
				if err := app.Projector.CatchUp(cmd.Context()); err != nil {
					return err
				}
				for _, b := range im.Bad {
					fmt.Fprintf(c.io.Err, "%s, line %d: %s: %s\n", im.File, b.Line, b.Reason, strings.TrimSpace(b.Text)) //nolint:errcheck // nobody is left to tell
				}
				return printAll(c, table[event.Import]{
					head: []string{"event", "file", "lines", "people", "came", "without registering", "bad lines"},
					row: func(x *event.Import) []string {
						return []string{number(x.EventID), x.File, number(x.Lines), number(x.People), number(x.Came), number(x.Fresh), number(x.BadAll)}
					},
				}, []event.Import{im})
			})
		},
	}
	cmd.Flags().BoolVar(&keep, "keep-registered", false, "who registered and is not on the list stays registered (default: they did not come)")
	return cmd
}

func (c *command) contentList() *cobra.Command {
	var f event.ContentFilter
	var statuses []string
	cmd := &cobra.Command{
		Use: "list", Short: "List content by when it is to be published", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range statuses {
				f.Statuses = append(f.Statuses, event.Status(s))
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Events.Contents(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, contentTable(), all)
			})
		},
	}
	cmd.Flags().StringSliceVar(&statuses, "status", nil, "only idea, draft, review, scheduled or published")
	cmd.Flags().StringVar(&f.Owner, "owner", "", "only of one person, by mail address")
	cmd.Flags().StringVar(&f.Channel, "channel", "", "only for one channel")
	return cmd
}

func (c *command) contentAdd() *cobra.Command {
	var p event.Piece
	var at string
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Note an idea", Args: cobra.ExactArgs(1),
		Example: "  greenroom content add 'How keys rotate' --channel Blog --at '2026-12-03 09:00' --owner ana@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				var err error
				if p.At, err = dayOf(at, app.Zone()); err != nil {
					return err
				}
				p.Title = args[0]
				x, err := app.Events.AddContent(cmd.Context(), p, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, contentTable(), []event.Content{x})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&p.Channel, "channel", "", "where it is to appear")
	flags.StringVar(&p.Owner, "owner", "", "mail address of who makes it")
	flags.StringVar(&at, "at", "", "when it is to be published")
	flags.StringVar(&p.Link, "link", "", "where it is")
	flags.StringVar(&p.Text, "text", "", "notes")
	return cmd
}

func (c *command) contentMove() *cobra.Command {
	return &cobra.Command{
		Use: "move CONTENT draft|review|scheduled|published", Short: "Say how far content is", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := numberOf(args[0], "content")
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				x, err := app.Events.MoveContent(cmd.Context(), id, event.Status(args[1]), byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, contentTable(), []event.Content{x})
			})
		},
	}
}
