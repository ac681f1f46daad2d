// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/recognition"
	"greenroom/internal/request"
	"greenroom/internal/server"
)

func (c *command) recognitionCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "recognition", Short: "Thank who helped, see milestones, ask for testimonials"}
	cmd.AddCommand(c.recognitionThanks(), c.recognitionMilestones(), c.recognitionTestimonials(), c.recognitionAsk(), c.recognitionUse(), c.recognitionSettings())
	return cmd
}

// idArgument reads the number of an object.
func idArgument(text, what string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of %s", text, what)
	}
	return id, nil
}

func (c *command) recognitionThanks() *cobra.Command {
	var days int
	var draft, mark int64
	cmd := &cobra.Command{
		Use: "thanks", Short: "List who helped without thanks, or thank for an answer", Args: cobra.NoArgs,
		Example: "  greenroom recognition thanks --days 14\n  greenroom recognition thanks --draft 512",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				r := app.Recognition()
				for o, id := range map[recognition.Outcome]int64{recognition.Drafted: draft, recognition.Marked: mark} {
					if id == 0 {
						continue
					}
					h, err := r.Thank(cmd.Context(), id, o, byCommandLine)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(c.io.Out, "%s: thanks for answer %d to %s\n", o, id, h.Helper.Name)
					return err
				}
				all, err := r.Unthanked(cmd.Context(), days)
				if err != nil {
					return err
				}
				return printAll(c, table[recognition.Help]{head: []string{"answer", "at", "helper", "asker", "score", "others", "conversation"}, row: func(h *recognition.Help) []string {
					return []string{number(h.ActivityID), h.At.Format(time.DateTime), h.Helper.Name, h.Asker.Name, number(h.Score), number(h.Others), h.Title}
				}}, all)
			})
		},
	}
	cmd.Flags().IntVar(&days, "days", 0, "how far back (0 = as it is set)")
	cmd.Flags().Int64Var(&draft, "draft", 0, "draft a thank-you for this answer; it waits for approval in the outbox")
	cmd.Flags().Int64Var(&mark, "mark", 0, "mark this answer as thanked")
	cmd.MarkFlagsMutuallyExclusive("draft", "mark", "days")
	return cmd
}

func (c *command) recognitionMilestones() *cobra.Command {
	var weeks int
	cmd := &cobra.Command{
		Use: "milestones", Short: "List what members reached in the last weeks", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Recognition().Milestones(cmd.Context(), weeks)
				if err != nil {
					return err
				}
				var flat []recognition.Milestone
				for i := range all {
					flat = append(flat, all[i].Items...)
				}
				return printAll(c, table[recognition.Milestone]{head: []string{"at", "member id", "member", "milestone", "activity", "done"}, row: func(m *recognition.Milestone) []string {
					return []string{m.At.Format(time.DateOnly), number(m.Member.ID), m.Member.Name, m.Text(), number(m.ActivityID), string(m.Outcome)}
				}}, flat)
			})
		},
	}
	cmd.Flags().IntVar(&weeks, "weeks", 4, "how many weeks, this one included")
	return cmd
}

func testimonialTable() table[recognition.Testimonial] {
	return table[recognition.Testimonial]{head: []string{"id", "message", "state", "member", "named as", "quote", "products", "used"}, row: func(t *recognition.Testimonial) []string {
		return []string{number(t.ID), number(t.ActivityID), string(t.State), t.Member.Name, t.Naming, t.Quote, strings.Join(t.Products, ", "), strconv.Itoa(len(t.Uses))}
	}}
}

func (c *command) recognitionTestimonials() *cobra.Command {
	var f recognition.Filter
	var state string
	var export bool
	var show int64
	cmd := &cobra.Command{
		Use: "testimonials", Short: "List testimonials, or what may be used as CSV", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				r := app.Recognition()
				switch {
				case export:
					return r.WriteCSV(cmd.Context(), c.io.Out, f)
				case show > 0:
					t, err := r.Testimonial(cmd.Context(), show)
					if err != nil {
						return err
					}
					return writeJSON(c.io.Out, t)
				}
				f.State = recognition.State(state)
				all, err := r.Testimonials(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, testimonialTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "candidate, asked, granted, declined, withdrawn, expired or dismissed (default: all that were asked for)")
	cmd.Flags().StringVarP(&f.Text, "query", "q", "", "words of the quote, or of its author's name")
	cmd.Flags().StringVar(&f.Product, "product", "", "a product that it names")
	cmd.Flags().StringVar(&f.Topic, "topic", "", "a topic of its message")
	cmd.Flags().StringVar(&f.Segment, "segment", "", "a segment that its author is in")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "at most that many, 500 at most")
	cmd.Flags().BoolVar(&export, "export", false, "write what may be used, in the words that were granted, as CSV")
	cmd.Flags().Int64Var(&show, "show", 0, "one testimonial with the proof of consent, as JSON")
	return cmd
}

func (c *command) recognitionAsk() *cobra.Command {
	return &cobra.Command{
		Use: "ask MESSAGE", Short: "Ask the author of a message whether it may be quoted", Args: cobra.ExactArgs(1),
		Long: "Ask stores a message to the author in the outbox, with a link to a page on which they say yes or no. MESSAGE is the number of an activity.",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idArgument(args[0], "a message")
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				t, err := app.Recognition().Ask(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, testimonialTable(), []recognition.Testimonial{t})
			})
		},
	}
}

func (c *command) recognitionUse() *cobra.Command {
	var note string
	var end int64
	cmd := &cobra.Command{
		Use: "use TESTIMONIAL [PLACE]", Short: "Note where a testimonial is used, or that it was taken down", Args: cobra.RangeArgs(1, 2),
		Example: "  greenroom recognition use 3 https://example.com/customers\n  greenroom recognition use 3 --end 1",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idArgument(args[0], "a testimonial")
			if err != nil {
				return err
			}
			if (end > 0) == (len(args) == 2) {
				return greenroom.Errorf(greenroom.CodeInvalid, "name the place where it is used, or with --end the use that is over")
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if end > 0 {
					return app.Recognition().EndUse(cmd.Context(), id, end, byCommandLine)
				}
				u, err := app.Recognition().Use(cmd.Context(), id, args[1], note, time.Time{}, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "use %d of testimonial %d: %s\n", u.ID, id, u.Link)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "a note")
	cmd.Flags().Int64Var(&end, "end", 0, "the number of a use that is over")
	return cmd
}

func (c *command) recognitionSettings() *cobra.Command {
	var products []string
	cmd := &cobra.Command{Use: "settings", Short: "Show what counts and how the team writes, as JSON, or name the products", Args: cobra.NoArgs}
	cmd.Flags().StringSliceVar(&products, "products", nil, "names of your products, with commas between: appreciation that names one is a candidate")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd.Context(), func(app *server.App) error {
			set, err := app.Recognition().Settings(cmd.Context())
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("products") {
				set.Products = products
				if err := app.Recognition().SetSettings(cmd.Context(), set, byCommandLine); err != nil {
					return err
				}
			}
			return writeJSON(c.io.Out, set)
		})
	}
	return cmd
}

func (c *command) requestCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "request", Short: "Keep what members ask for: list, add, say what becomes of it, merge"}
	cmd.AddCommand(c.requestList(), c.requestShow(), c.requestAdd(), c.requestStatus(), c.requestMerge(), c.requestLink(), c.requestCandidates(), c.requestBoard())
	return cmd
}

func requestTable() table[request.Request] {
	return table[request.Request]{head: []string{"id", "state", "votes", "messages", "organizations", "open deals", "shown", "title"}, row: func(r *request.Request) []string {
		var deals []string
		for _, d := range r.Weight.Deals {
			deals = append(deals, fmt.Sprintf("%.0f %s", d.Amount, d.Currency))
		}
		return []string{number(r.ID), string(r.State), number(r.Votes), number(r.Messages), number(r.Weight.Organizations), strings.Join(deals, ", "), strconv.FormatBool(r.Shown), r.Title}
	}}
}

func (c *command) requestList() *cobra.Command {
	var f request.Filter
	var state string
	cmd := &cobra.Command{
		Use: "list", Short: "List requests, those with most votes first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				f.State = request.State(state)
				all, err := app.Requests().List(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, requestTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "open, planned, doing, done or declined")
	cmd.Flags().StringVarP(&f.Text, "query", "q", "", "words of title or text")
	cmd.Flags().BoolVar(&f.Review, "review", false, "only proposals that nobody has looked at")
	cmd.Flags().Int64Var(&f.Member, "member", 0, "only those that a member wants, by id")
	return cmd
}

func (c *command) requestShow() *cobra.Command {
	return &cobra.Command{
		Use: "show REQUEST", Short: "Show a request with who wants it and the messages that ask for it, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idArgument(args[0], "a request")
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				var d struct {
					request.Request

					Supporters    []request.Supporter `json:"supporters"`
					MessagesAbout []request.Message   `json:"messages_about"`
				}
				if d.Request, err = app.Requests().Get(cmd.Context(), id); err != nil {
					return err
				}
				if d.Supporters, err = app.Requests().Supporters(cmd.Context(), id); err != nil {
					return err
				}
				if d.MessagesAbout, err = app.Requests().Messages(cmd.Context(), id); err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
}

func (c *command) requestAdd() *cobra.Command {
	var d request.Draft
	cmd := &cobra.Command{
		Use: "add [TITLE]", Short: "Make a request, by itself or of a message", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom request add 'Dark mode for dashboards'\n  greenroom request add --message 512",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Title = strings.Join(args, "")
			return c.with(cmd.Context(), func(app *server.App) error {
				r, err := app.Requests().Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, requestTable(), []request.Request{r})
			})
		},
	}
	cmd.Flags().StringVar(&d.Text, "text", "", "what members would do with it")
	cmd.Flags().Int64Var(&d.ActivityID, "message", 0, "the message that asks for it, by number; its first sentence is the title where none is given")
	cmd.Flags().BoolVar(&d.Hidden, "hidden", false, "keep it off the public board")
	return cmd
}

func (c *command) requestStatus() *cobra.Command {
	var answer string
	var quiet bool
	cmd := &cobra.Command{
		Use: "status REQUEST STATE", Short: "Say what becomes of a request, and tell who asked or voted", Args: cobra.ExactArgs(2),
		Long: "Status sets the state: open, planned, doing, done or declined. Everybody who asked or voted gets a message; it waits for approval in the outbox unless the settings say otherwise.",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := idArgument(args[0], "a request")
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if !cmd.Flags().Changed("answer") { // it stays
					r, err := app.Requests().Get(cmd.Context(), id)
					if err != nil {
						return err
					}
					answer = r.Answer
				}
				r, told, err := app.Requests().Move(cmd.Context(), id, request.State(args[1]), answer, !quiet, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "request %d is %s; %d messages are in the outbox, %d people cannot be reached by mail\n", r.ID, r.State, told.Messages, told.Unreachable)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&answer, "answer", "", "what the team says; everybody sees it on the public board")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "tell nobody")
	return cmd
}

func (c *command) requestMerge() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use: "merge REQUEST [INTO]", Short: "Merge a duplicate into another request, or take that back", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids [2]int64
			for i, a := range args {
				id, err := idArgument(a, "a request")
				if err != nil {
					return err
				}
				ids[i] = id
			}
			if undo == (len(args) == 2) {
				return greenroom.Errorf(greenroom.CodeInvalid, "name the request that says the same, or --undo")
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				do := func() (request.Request, error) {
					return app.Requests().Merge(cmd.Context(), ids[0], ids[1], byCommandLine)
				}
				if undo {
					do = func() (request.Request, error) {
						return app.Requests().Unmerge(cmd.Context(), ids[0], byCommandLine)
					}
				}
				r, err := do()
				if err != nil {
					return err
				}
				return printAll(c, requestTable(), []request.Request{r})
			})
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "take the merge back")
	return cmd
}

func (c *command) requestLink() *cobra.Command {
	return &cobra.Command{
		Use: "link MESSAGE [REQUEST]", Short: "Say which request a message asks for; none: it asks for nothing", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			activity, err := idArgument(args[0], "a message")
			if err != nil {
				return err
			}
			var id int64
			if len(args) == 2 {
				if id, err = idArgument(args[1], "a request"); err != nil {
					return err
				}
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				return app.Requests().Link(cmd.Context(), activity, id, byCommandLine)
			})
		},
	}
}

func (c *command) requestCandidates() *cobra.Command {
	return &cobra.Command{
		Use: "candidates", Short: "List messages that may ask for something, with the requests that say something alike", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Requests().Candidates(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, table[request.Candidate]{head: []string{"message", "at", "member", "text", "alike"}, row: func(m *request.Candidate) []string {
					var like []string
					for _, l := range m.Like {
						like = append(like, number(l.ID))
					}
					return []string{number(m.ActivityID), m.At.Format(time.DateOnly), m.Member, m.Text, strings.Join(like, ", ")}
				}}, all)
			})
		},
	}
}

func (c *command) requestBoard() *cobra.Command {
	var on, off bool
	cmd := &cobra.Command{
		Use: "board", Short: "Show whether members see the public board, or turn it on or off", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				set, err := app.Requests().Settings(cmd.Context())
				if err != nil {
					return err
				}
				if on || off {
					set.Board = on
					if err := app.Requests().SetSettings(cmd.Context(), set, byCommandLine); err != nil {
						return err
					}
				}
				return writeJSON(c.io.Out, set)
			})
		},
	}
	cmd.Flags().BoolVar(&on, "on", false, "members see it and vote")
	cmd.Flags().BoolVar(&off, "off", false, "nobody sees it")
	cmd.MarkFlagsMutuallyExclusive("on", "off")
	return cmd
}
