// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/server"
)

func (c *command) documentCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "document", Short: "Keep the register of documents, and see what to verify first",
		Long: "Documents of the internal and external knowledge base, read from where they are. Evidence says which to verify first: age, broken links, questions that are still asked, releases, readers.",
	}
	cmd.AddCommand(c.documentList(), c.documentShow(), c.documentAdd(), c.documentEdit(), c.documentVerify(), c.documentUndo(), c.documentImport(), c.documentRead(), c.documentCollections(),
		c.documentGaps(), c.documentOutline(), c.documentLinks(), c.documentCheck(), c.documentUse())
	return cmd
}

// withDocuments runs f with the service.
func (c *command) withDocuments(ctx context.Context, f func(*knowledge.Service) error) error {
	return c.with(ctx, func(app *server.App) error { return f(app.Knowledge(nil)) })
}

func documentID(text, what string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a %s", text, what)
	}
	return id, nil
}

func documentDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func documentTable() table[knowledge.Standing] {
	return table[knowledge.Standing]{
		head: []string{"id", "title", "address", "kind", "audience", "owner", "state", "staleness", "level", "priority", "views", "questions", "broken", "verified", "version"},
		row: func(d *knowledge.Standing) []string {
			return []string{
				number(d.ID), d.Title, d.Address, string(d.Kind), string(d.Audience), d.Owner, string(d.State), strconv.Itoa(d.Staleness), d.Level(), strconv.FormatFloat(d.Priority, 'f', 1, 64),
				number(d.Evidence.Views), number(d.Evidence.Questions), number(d.Evidence.Broken), documentDay(d.VerifiedAt), number(d.Version),
			}
		},
	}
}

func (c *command) documentList() *cobra.Command {
	var search string
	cmd := &cobra.Command{
		Use: "list", Short: "List documents, what to verify first before the others", Args: cobra.NoArgs, Example: "  greenroom document list -q 'is:stale audience:external'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				all, err := s.List(cmd.Context(), search)
				if err != nil {
					return err
				}
				return printAll(c, documentTable(), all)
			})
		},
	}
	cmd.Flags().StringVarP(&search, "query", "q", "", "words, and kind: audience: owner: tag: host: is:")
	return cmd
}

func (c *command) documentShow() *cobra.Command {
	return c.documentDo("show ID", "Show a document with its evidence and history, as JSON", "document", func(ctx context.Context, s *knowledge.Service, id int64) (any, error) { return s.Get(ctx, id) })
}

// documentDo is a command about one number, which prints JSON.
func (c *command) documentDo(use, short, what string, f func(context.Context, *knowledge.Service, int64) (any, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := documentID(args[0], what)
			if err != nil {
				return err
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				v, err := f(cmd.Context(), s, id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, v)
			})
		},
	}
}

// documentFlags are what can be said of a document.
func documentFlags(cmd *cobra.Command, f *knowledge.Fields, kind, audience, state *string) {
	flags := cmd.Flags()
	flags.StringVar(kind, "kind", "", "how-to, reference, tutorial, explanation, faq, policy, guideline, terms, runbook, release-notes or other")
	flags.StringVar(audience, "audience", "", "external or internal")
	flags.StringVar(state, "state", "", "active, draft or archived")
	flags.StringVar(&f.Owner, "owner", "", "who keeps it right")
	flags.IntVar(&f.ReviewDays, "review-days", 0, "how often it is to be verified (default 180)")
	flags.StringSliceVar(&f.Tags, "tag", nil, "a label; may be given more than once")
	flags.StringVar(&f.Note, "note", "", "what the team should know of it")
}

func (c *command) documentAdd() *cobra.Command {
	var f knowledge.Fields
	var kind, audience, state string
	cmd := &cobra.Command{
		Use: "add TITLE ADDRESS", Short: "Add a document by hand", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Title, f.Address, f.Kind, f.Audience, f.State = args[0], args[1], knowledge.Kind(kind), knowledge.Audience(audience), knowledge.State(state)
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				d, err := s.Add(cmd.Context(), f, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
	documentFlags(cmd, &f, &kind, &audience, &state)
	return cmd
}

func (c *command) documentEdit() *cobra.Command {
	var f knowledge.Fields
	var kind, audience, state string
	cmd := &cobra.Command{
		Use: "edit ID", Short: "Change what is said of a document; what is not given stays", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := documentID(args[0], "document")
			if err != nil {
				return err
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				was, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				now, given := was.Fields, cmd.Flags().Changed
				for flag, set := range map[string]func(){
					"title": func() { now.Title = f.Title }, "kind": func() { now.Kind = knowledge.Kind(kind) }, "audience": func() { now.Audience = knowledge.Audience(audience) }, "state": func() { now.State = knowledge.State(state) },
					"owner": func() { now.Owner = f.Owner }, "review-days": func() { now.ReviewDays = f.ReviewDays }, "tag": func() { now.Tags = f.Tags }, "note": func() { now.Note = f.Note },
				} {
					if given(flag) {
						set()
					}
				}
				d, err := s.Edit(cmd.Context(), id, was.Version, now, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
	documentFlags(cmd, &f, &kind, &audience, &state)
	cmd.Flags().StringVar(&f.Title, "title", "", "its title")
	return cmd
}

func (c *command) documentVerify() *cobra.Command {
	return c.documentDo("verify ID", "Say that a document is right; its rhythm begins anew", "document", func(ctx context.Context, s *knowledge.Service, id int64) (any, error) {
		return s.Verify(ctx, id, byCommandLine)
	})
}

func (c *command) documentUndo() *cobra.Command {
	return c.documentDo("undo EVENT", "Take the last change or verification of a document back, by the number of the event", "event", func(ctx context.Context, s *knowledge.Service, id int64) (any, error) {
		return s.Undo(ctx, id, byCommandLine)
	})
}

func documentCollectionTable() table[knowledge.Collection] {
	return table[knowledge.Collection]{
		head: []string{"id", "name", "way", "place", "read", "added", "changed", "unchanged", "gone", "rejected", "problem"},
		row: func(x *knowledge.Collection) []string {
			t := &x.Taken
			return []string{number(x.ID), x.Name, string(x.Way), x.Place, strconv.Itoa(t.Read), strconv.Itoa(t.Added), strconv.Itoa(t.Changed), strconv.Itoa(t.Unchanged), strconv.Itoa(t.Gone), strconv.Itoa(t.Rejected), x.Problem}
		},
	}
}

// told prints a collection, and what could not be taken beside it.
func (c *command) told(x knowledge.Collection) error {
	for _, r := range x.Taken.Rejects {
		c.say("left out: %s: %s\n", r.Place, r.Reason)
	}
	return printAll(c, documentCollectionTable(), []knowledge.Collection{x})
}

func (c *command) documentImport() *cobra.Command {
	var x knowledge.Collection
	var kind, audience string
	cmd := &cobra.Command{
		Use: "import WAY PLACE", Short: "Read documents; reading the same again changes only what is said otherwise", Args: cobra.ExactArgs(2),
		Long:    "WAY is sitemap (an address), folder (Markdown and HTML, such as a checked-out repository), export (a zip of Notion, Confluence or Google Docs), forum (SOURCE/CHANNEL), csv or list (a file).",
		Example: "  greenroom document import sitemap https://docs.example.org/sitemap.xml --every-days 7\n  greenroom document import folder ./docs --base https://docs.example.org/\n  greenroom document import export notion.zip --kind runbook",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			x.Way, x.Place, x.Kind, x.Audience = knowledge.Way(args[0]), args[1], knowledge.Kind(kind), knowledge.Audience(audience)
			var in knowledge.Content
			switch x.Way {
			case knowledge.Folder:
				if x.Place, err = filepath.Abs(x.Place); err != nil {
					return fmt.Errorf("finding the folder: %w", err)
				}
			case knowledge.Export, knowledge.Table, knowledge.List:
				file, err := os.Open(x.Place)
				if err != nil {
					return greenroom.Errorf(greenroom.CodeInvalid, "the file %s cannot be opened", x.Place)
				}
				defer file.Close() //nolint:errcheck // it was only read
				info, err := file.Stat()
				if err != nil {
					return fmt.Errorf("looking at %s: %w", x.Place, err)
				}
				in.File, in.Size, x.Place = file, info.Size(), filepath.Base(x.Place)
			case knowledge.Sitemap, knowledge.Forum:
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				read, err := s.Import(cmd.Context(), x, in, byCommandLine)
				if err != nil {
					return err
				}
				return c.told(read)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&x.Name, "name", "", "what it is called (default: its place)")
	flags.StringVar(&x.Base, "base", "", "of a folder or export: the web address that its files are below")
	flags.StringVar(&kind, "kind", "", "what its documents are for, where they do not say")
	flags.StringVar(&audience, "audience", "", "external or internal, where they do not say")
	flags.StringVar(&x.Owner, "owner", "", "who keeps them right, where they do not say")
	flags.IntVar(&x.ReviewDays, "review-days", 0, "how often they are to be verified, where they do not say")
	flags.IntVar(&x.EveryDays, "every-days", 0, "how often the server reads it again; 0 = when somebody asks")
	return cmd
}

func (c *command) documentRead() *cobra.Command {
	return &cobra.Command{
		Use: "read COLLECTION", Short: "Read a collection again", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := documentID(args[0], "collection")
			if err != nil {
				return err
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				x, err := s.ReadAgain(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return c.told(x)
			})
		},
	}
}

func (c *command) documentCollections() *cobra.Command {
	return &cobra.Command{
		Use: "collections", Short: "List where documents come from", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				all, err := s.Collections(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, documentCollectionTable(), all)
			})
		},
	}
}

func (c *command) documentGaps() *cobra.Command {
	return &cobra.Command{
		Use: "gaps", Short: "List topics that are asked about and not documented", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				all, err := s.Gaps(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, table[knowledge.Gap]{
					head: []string{"topic", "name", "questions", "open", "covered", "nearest"},
					row: func(g *knowledge.Gap) []string {
						return []string{number(g.Topic), g.Name, number(g.Questions), number(g.Open), number(g.Covered), number(g.Nearest)}
					},
				}, all)
			})
		},
	}
}

func (c *command) documentOutline() *cobra.Command {
	return &cobra.Command{
		Use: "outline TOPIC", Short: "Draft a document about a topic from the best answers, as Markdown", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := documentID(args[0], "topic")
			if err != nil {
				return err
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				o, err := s.Outline(cmd.Context(), id)
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(c.io.Out, o.Markdown)
				return err
			})
		},
	}
}

func (c *command) documentLinks() *cobra.Command {
	var verdict string
	cmd := &cobra.Command{
		Use: "links", Short: "List links that need somebody, or those of a verdict", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				r, err := s.LinkReport(cmd.Context(), knowledge.LinkFilter{Verdict: knowledge.Verdict(verdict), Problem: verdict == "", Limit: 100_000})
				if err != nil {
					return err
				}
				return printAll(c, table[knowledge.Link]{
					head: []string{"id", "address", "verdict", "status", "reason", "leads to", "checked", "documents"},
					row: func(l *knowledge.Link) []string {
						return []string{number(l.ID), l.Address, string(l.Verdict), strconv.Itoa(l.Status), l.Reason, l.LeadsTo, documentDay(l.CheckedAt), number(l.Documents)}
					},
				}, r.Links)
			})
		},
	}
	cmd.Flags().StringVar(&verdict, "verdict", "", "good, broken, shaky or closed")
	return cmd
}

func (c *command) documentCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Check all links politely; a check that was stopped goes on where it was", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				run, err := s.CheckLinks(cmd.Context(), byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, run)
			})
		},
	}
}

func (c *command) documentUse() *cobra.Command {
	var host, name string
	cmd := &cobra.Command{
		Use: "use LOG", Short: "Count views from a web server's log in common or combined format", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "the file %s cannot be opened", args[0])
			}
			defer file.Close() //nolint:errcheck // it was only read
			if name == "" {
				name = filepath.Base(args[0])
			}
			return c.withDocuments(cmd.Context(), func(s *knowledge.Service) error {
				read, err := s.ImportLog(cmd.Context(), name, host, file, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, read)
			})
		},
	}
	cmd.Flags().StringVar(&host, "host", "", "the host whose log it is, such as docs.example.org")
	cmd.Flags().StringVar(&name, "name", "", "what the log is called (default: the file's name); the same one again raises its days")
	return cmd
}
