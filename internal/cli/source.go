// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/connect"
	"greenroom/internal/server"
)

func (c *command) sourceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "source", Short: "Test and change how sources are connected"}
	cmd.AddCommand(c.sourceList(), c.sourceTest(), c.sourceSurvey(), c.sourceSet(), c.sourceAuthorize(), c.sourceHook(), c.sourceDeliveries(), c.sourceTry(), c.sourceDisconnect(), c.sourceRename(), c.sourceRemove())
	return cmd
}

// onSource runs f with the services that connect sources.
func (c *command) onSource(f func(ctx context.Context, app *server.App, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return c.with(cmd.Context(), func(app *server.App) error { return f(cmd.Context(), app, args) })
	}
}

func (c *command) sourceList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the sources", Args: cobra.NoArgs, RunE: c.onSource(func(ctx context.Context, app *server.App, _ []string) error {
		sources, err := app.Store.Sources(ctx)
		if err != nil {
			return err
		}
		for i := range sources {
			sources[i].Config = nil
		}
		return writeAll(c, sources, table[greenroom.Source]{head: []string{"name", "kind", "rhythm", "due", "failures", "disconnected"}, row: func(s *greenroom.Source) []string {
			return []string{s.Name, s.Kind, rhythmText(s.Rhythm), date(s.DueAt), number(s.Failures), date(s.DisconnectedAt)}
		}})
	})}
}

// rhythmText writes how often a source is read by itself.
func rhythmText(seconds int64) string {
	switch seconds {
	case 0:
		return "as usual"
	case -1:
		return "never"
	}
	return (time.Duration(seconds) * time.Second).String()
}

func (c *command) sourceTest() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: "Ask the platform whether a source works, and what is missing", Args: cobra.ExactArgs(1),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			t, err := app.Connections().TestSource(ctx, args[0], nil)
			if err != nil {
				return err
			}
			if err := c.printTest(&t); err != nil {
				return err
			}
			if !t.Works() {
				return greenroom.Errorf(greenroom.CodeUnavailable, "%s does not work yet", args[0])
			}
			return nil
		}),
	}
}

// testResult is what a test ends with under --format json.
type testResult struct {
	Asked   bool         `json:"asked"`
	Works   bool         `json:"works"`
	Account string       `json:"account"`
	Missing []missingRow `json:"missing"`
	Notes   []string     `json:"notes"`
}

// missingRow is what a connection lacks.
type missingRow struct {
	Name string `json:"name"`
	Then string `json:"then"`
	Do   string `json:"do"`
	Must bool   `json:"must"`
}

func (c *command) printTest(t *connect.Tested) error {
	if c.format == "json" || c.format == "jsonl" {
		res := testResult{t.Asked, t.Works(), t.Account, []missingRow{}, append([]string{}, t.Notes...)}
		for _, m := range t.Missing {
			res.Missing = append(res.Missing, missingRow(m))
		}
		return writeJSON(c.io.Out, res)
	}
	var text strings.Builder
	switch {
	case !t.Asked:
		text.WriteString("the options are complete; this connector cannot be tested\n")
	case t.Account != "":
		fmt.Fprintf(&text, "connected as %s\n", t.Account)
	}
	for _, n := range t.Notes {
		text.WriteString(n + "\n")
	}
	for _, m := range t.Missing {
		fmt.Fprintf(&text, "missing %s: %s %s\n", m.Name, m.Then, m.Do)
	}
	_, err := fmt.Fprint(c.io.Out, text.String())
	return err
}

// placeRow is a place as it is listed. Members and Items are -1 where the platform does not tell.
type placeRow struct {
	Name    string `json:"name"`
	Entry   string `json:"entry"`
	Covered bool   `json:"covered"`
	Why     string `json:"why,omitempty"`
	Members int64  `json:"members"`
	Items   int64  `json:"items"`
}

func (c *command) sourceSurvey() *cobra.Command {
	return &cobra.Command{
		Use: "survey NAME", Short: "Ask the platform what there is, and what of it is covered", Args: cobra.ExactArgs(1),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			v, err := app.Connections().SurveySource(ctx, args[0], nil)
			if err != nil {
				return err
			}
			rows := make([]placeRow, len(v.Places))
			for i := range v.Places {
				p := &v.Places[i]
				rows[i] = placeRow{p.Name, connect.Entry(p), p.Covered, p.Why, p.Members, p.Items}
			}
			err = writeAll(c, rows, table[placeRow]{head: []string{"place", "entry", "covered", "why", "members", "items"}, row: func(p *placeRow) []string {
				return []string{p.Name, p.Entry, strconv.FormatBool(p.Covered), p.Why, told(p.Members), told(p.Items)}
			}})
			if err == nil && c.format == "table" {
				_, err = fmt.Fprintf(c.io.Out, "a whole read: about %d items, %d requests, %s %s\n", v.Items, v.Requests, v.Time.Round(time.Second), v.Cost)
			}
			return err
		}),
	}
}

// told is a platform's own figure; -1 = it does not tell.
func told(n int64) string {
	if n < 0 {
		return ""
	}
	return number(n)
}

func (c *command) sourceSet() *cobra.Command {
	var rhythm string
	var change connect.Change
	cmd := &cobra.Command{
		Use: "set NAME [OPTION=VALUE...]", Short: "Change options and rhythm of a source", Args: cobra.MinimumNArgs(1),
		Long: "Set changes options of a source; what is not named stays. OPTION=- reads the value from standard input, which keeps a secret out of the history of the shell. " +
			"An empty value takes an option away, and keeps a secret.",
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			var err error
			if change.Options, err = c.assignments(args[1:]); err != nil {
				return err
			}
			if change.Rhythm, err = parseRhythm(rhythm); err != nil {
				return err
			}
			src, err := app.Connections().Change(ctx, args[0], change)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.io.Out, "%s is changed; the next read goes by it\n", src.Name)
			return err
		}),
	}
	cmd.Flags().StringVar(&rhythm, "rhythm", "", "how often it is read by itself, such as 15m or 24h; usual = as its connector does, never = only when told to")
	cmd.Flags().BoolVar(&change.FromStart, "from-start", false, "begin the next read at the start")
	cmd.Flags().StringSliceVar(&change.Forget, "forget", nil, "secrets to take away, by the names of their options")
	return cmd
}

// assignments reads OPTION=VALUE; a value "-" is a line of standard input.
func (c *command) assignments(args []string) (map[string]string, error) {
	return assignmentsFrom(bufio.NewScanner(c.io.In), args)
}

func assignmentsFrom(lines *bufio.Scanner, args []string) (map[string]string, error) {
	options := make(map[string]string)
	for _, a := range args {
		name, v, ok := strings.Cut(a, "=")
		if !ok {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q sets nothing; write OPTION=VALUE", a)
		}
		if v == "-" {
			if !lines.Scan() {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no line for %s on standard input", name)
			}
			v = strings.TrimSpace(lines.Text())
		}
		options[name] = v
	}
	return options, nil
}

// parseRhythm reads how often a source is read by itself; nil where nothing is said.
func parseRhythm(text string) (*int64, error) {
	var seconds int64
	switch text {
	case "":
		return nil, nil
	case "usual":
	case "never":
		seconds = -1
	default:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: strconv.Quote(text) + " is no rhythm; write one as 15m or 24h, or usual, or never", Err: err}
		}
		seconds = int64(d / time.Second)
	}
	return &seconds, nil
}

func (c *command) sourceHook() *cobra.Command {
	var public string
	var fresh bool
	cmd := &cobra.Command{
		Use: "hook NAME", Short: "Say where a source's platform pushes to", Args: cobra.ExactArgs(1),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			src, err := app.Store.Source(ctx, args[0])
			if err != nil {
				return err
			}
			spec, err := all.Find(src.Kind)
			if err != nil {
				return err
			}
			if spec.Push == nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%s takes no pushes; it is read", src.Name)
			}
			text := ""
			if !spec.Push.Asks {
				text = strings.Join(connect.Addresses(&spec, public, src.Name), "\n") + "\n"
				if public == "" {
					text += "(below the server's public address)\n"
				}
			}
			if fresh {
				secret, err := app.Connections().RenewSecret(ctx, src.Name)
				if err != nil {
					return err
				}
				text += "secret, shown this once: " + secret + "\n"
			}
			_, err = fmt.Fprint(c.io.Out, strings.TrimPrefix(text+"\n"+spec.Push.Help+"\n", "\n"))
			return err
		}),
	}
	cmd.Flags().StringVar(&public, "public-url", "", "the server's public address, such as https://community.example.org")
	cmd.Flags().BoolVar(&fresh, "new-secret", false, "make a new secret that signs the pushes; the old one ends at once")
	return cmd
}

func (c *command) sourceDisconnect() *cobra.Command {
	return &cobra.Command{
		Use: "disconnect NAME", Short: "Stop reading a source and forget its secrets; what came in stays", Args: cobra.ExactArgs(1),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			if err := app.Connections().Disconnect(ctx, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.io.Out, "%s is disconnected; what came in stays\n", args[0])
			return err
		}),
	}
}

// connectorRow is a connector as it is listed.
type connectorRow struct {
	Kind     string   `json:"kind"`
	Title    string   `json:"title"`
	Platform string   `json:"platform"`
	Group    string   `json:"group"`
	Live     bool     `json:"live"`
	Push     bool     `json:"push"`
	Token    bool     `json:"needs_token"`
	Summary  string   `json:"summary"`
	Options  []string `json:"options"`
}

func (c *command) connectorsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "connectors [KIND]", Short: "List what can be connected, or explain one connector", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				spec, err := all.Find(args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(c.io.Out, connect.Page(&spec, ""))
				return err
			}
			var rows []connectorRow
			for _, s := range all.Specs() {
				r := connectorRow{Kind: s.Kind, Title: s.Title, Platform: s.Platform, Group: string(connect.GroupOf(&s)), Live: connect.Live(&s), Push: s.Push != nil, Token: connect.NeedsToken(&s), Summary: s.Summary}
				for i := range s.Options {
					r.Options = append(r.Options, s.Options[i].Name)
				}
				rows = append(rows, r)
			}
			return writeAll(c, rows, table[connectorRow]{head: []string{"kind", "group", "live", "push", "needs token", "what comes in"}, row: func(r *connectorRow) []string {
				return []string{r.Kind, r.Group, strconv.FormatBool(r.Live), strconv.FormatBool(r.Push), strconv.FormatBool(r.Token), r.Summary}
			}})
		},
	}
}

func (c *command) sourceRename() *cobra.Command {
	return &cobra.Command{
		Use: "rename NAME TO", Short: "Call a source by another name; what is pushed to the former one still arrives", Args: cobra.ExactArgs(2),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			src, err := app.Connections().Rename(ctx, args[0], args[1])
			if err != nil {
				return err
			}
			if err := app.Audit(ctx, "source.rename", "source "+src.Name, "was "+args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.io.Out, "%s is called %s now; change queries that name it\n", args[0], src.Name)
			return err
		}),
	}
}

func (c *command) sourceRemove() *cobra.Command {
	var confirm string
	cmd := &cobra.Command{
		Use: "remove NAME", Short: "Remove a source with all that came in from it", Args: cobra.ExactArgs(1),
		Long: "Remove disconnects a source and removes all that came in from it: activities, accounts, members who have no other account, conversations, business records and raw payloads. " +
			"Nothing brings them back but reading the platform again. When it is stopped, the server goes on with it, or the same command.",
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			src, err := app.Store.Source(ctx, args[0])
			if err != nil {
				return err
			}
			if err := app.Connections().Remove(ctx, src.Name, confirm, byCommandLine); err != nil {
				return err
			}
			if err := app.Audit(ctx, "source.remove", "source "+src.Name, "with all that came in from it"); err != nil {
				return err
			}
			if err := app.Store.RemoveSource(ctx, src.ID); err != nil {
				return err
			}
			if err := app.Projector.CatchUp(ctx); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.io.Out, "%s is removed with all that came in from it\n", src.Name)
			return err
		}),
	}
	cmd.Flags().StringVar(&confirm, "confirm", "", "the name of the source once more")
	return cmd
}
