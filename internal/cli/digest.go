// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/api"
	"greenroom/internal/digest"
	"greenroom/internal/server"
)

func (c *command) digestCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "digest", Short: "Show or send the weekly digest: what changed, why, who to talk to and what to do next"}
	cmd.AddCommand(c.digestShow(), c.digestSend(), c.digestSettings(), c.digestSet())
	return cmd
}

// digests opens the digest around f. Its links lead to public or, where that is empty, to where a server was last reached.
func (c *command) digests(ctx context.Context, public string, f func(d *server.Digests, acts *server.Acts) error) error {
	address, err := publicURL(public)
	if err != nil {
		return err
	}
	return c.acts(ctx, func(app *server.App, acts *server.Acts) error {
		if address == nil {
			if address, err = app.ReachedAt(ctx); err != nil {
				return err
			}
		}
		if address == nil {
			c.say("the digest has no links: it is not known where people reach Greenroom; say --public-url, here or once to greenroom serve\n")
		}
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Digests(app.Health(engine), acts, server.ServeOptions{PublicURL: address}), acts)
	})
}

// linksTo is the flag that says where links lead.
func linksTo(cmd *cobra.Command, public *string) {
	cmd.Flags().StringVar(public, "public-url", "", "where people reach Greenroom, for links, such as https://community.example.org (default: as the server was told last)")
}

func (c *command) digestShow() *cobra.Command {
	html, public := false, ""
	cmd := &cobra.Command{Use: "show", Short: "Write the digest as it would be sent now", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.digests(cmd.Context(), public, func(d *server.Digests, _ *server.Acts) error {
			v, err := d.Show(cmd.Context())
			switch {
			case err != nil:
				return err
			case c.format == "json":
				return writeJSON(c.io.Out, v)
			case html:
				_, err = fmt.Fprint(c.io.Out, v.HTML)
			default:
				_, err = fmt.Fprintf(c.io.Out, "%s\n\n%s", v.Subject, v.Text)
			}
			return err
		})
	}}
	cmd.Flags().BoolVar(&html, "html", false, "as the page that mail programs show")
	linksTo(cmd, &public)
	return cmd
}

func (c *command) digestSend() *cobra.Command {
	yes, public := false, ""
	cmd := &cobra.Command{
		Use: "send", Short: "Send this week's digest to whoever has not got it", Args: cobra.NoArgs,
		Long: "Send makes an action for each recipient that `greenroom digest set` or the digest's page has set. Who has got this week's digest already gets no other; to whom it failed it is sent anew.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				return greenroom.Errorf(greenroom.CodeInvalid, "this sends mail; look at `greenroom digest show` and say --yes to do it")
			}
			return c.digests(cmd.Context(), public, func(d *server.Digests, acts *server.Acts) error {
				all, err := d.Send(cmd.Context(), byCommandLine, true)
				if err != nil {
					return err
				}
				for more := true; more; {
					if more, err = acts.Next(cmd.Context()); err != nil {
						return err
					}
				}
				now := make([]action.Action, len(all))
				for i := range all {
					if now[i], err = acts.Action(cmd.Context(), all[i].ID); err != nil {
						return err
					}
				}
				return c.printActions(now)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	linksTo(cmd, &public)
	return cmd
}

// printRhythm writes when the digest goes to whom, without secrets.
func (c *command) printRhythm(ctx context.Context, d *server.Digests) error {
	set, err := d.Settings(ctx)
	if err != nil {
		return err
	}
	r := api.DigestRhythmOf(&set)
	return printRows(c, r, []string{"on", "weekday", "hour", "team", "recipients", "slack", "mail server"}, []api.DigestRhythm{r}, func(r *api.DigestRhythm) []string {
		return []string{strconv.FormatBool(r.On), time.Weekday(r.Weekday).String(), strconv.Itoa(r.Hour), strconv.FormatBool(r.Team), strings.Join(r.Recipients, " "), strconv.FormatBool(r.Slack), set.Server.Host}
	})
}

func (c *command) digestSettings() *cobra.Command {
	return &cobra.Command{Use: "settings", Short: "Say when the digest goes to whom", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd.Context(), func(app *server.App) error { return c.printRhythm(cmd.Context(), app.MailSettings()) })
	}}
}

// rhythmFlags are what digest set changes.
type rhythmFlags struct {
	on, team          bool
	weekday           string
	hour              int
	recipients        []string
	slack, leaveSlack bool
}

func (c *command) digestSet() *cobra.Command {
	var f rhythmFlags
	cmd := &cobra.Command{
		Use: "set", Short: "Set when the digest goes to whom; what no flag names stays", Args: cobra.NoArgs,
		Long:    "Set changes when the digest goes to whom. The address of a Slack webhook is secret and is read from the standard input. Mail goes by the server of `greenroom mail server set`.",
		Example: "  greenroom digest set --on --weekday monday --hour 8 --team --recipient ana@example.com\n  greenroom digest set --slack < webhook.txt\n  greenroom digest set --on=false",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var hook *string
			switch {
			case f.slack && f.leaveSlack:
				return greenroom.Errorf(greenroom.CodeInvalid, "say --slack or --no-slack, not both")
			case f.slack:
				text, err := c.secret("the address of the webhook")
				if err != nil {
					return err
				}
				hook = &text
			case f.leaveSlack:
				hook = new(string)
			}
			return c.withNew(cmd.Context(), func(app *server.App) error {
				d := app.MailSettings()
				set, err := d.Settings(cmd.Context())
				if err != nil {
					return err
				}
				if err := f.apply(&set, cmd.Flags().Changed); err != nil {
					return err
				}
				if err := d.SetRhythm(cmd.Context(), set, hook); err != nil {
					return err
				}
				return c.printRhythm(cmd.Context(), d)
			})
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.on, "on", false, "send it each week; --on=false pauses it")
	flags.StringVar(&f.weekday, "weekday", "", "the day, such as monday")
	flags.IntVar(&f.hour, "hour", 0, "the hour, 0 to 23, in the community's time zone")
	flags.BoolVar(&f.team, "team", false, "to everybody who can sign in; --team=false ends that")
	flags.StringArrayVar(&f.recipients, "recipient", nil, "a mail address, once for each; together they replace those that are set, and one empty one takes all away")
	flags.BoolVar(&f.slack, "slack", false, "read the address of an incoming webhook of Slack from the standard input")
	flags.BoolVar(&f.leaveSlack, "no-slack", false, "send it to Slack no more")
	return cmd
}

// apply puts the flags that were given into settings.
func (f *rhythmFlags) apply(set *digest.Settings, given func(flag string) bool) error {
	if given("on") {
		set.On = f.on
	}
	if given("hour") {
		set.Hour = f.hour
	}
	if given("team") {
		set.Team = f.team
	}
	if given("recipient") {
		set.Recipients = f.recipients
	}
	if !given("weekday") {
		return nil
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), f.weekday) {
			set.Weekday = d
			return nil
		}
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a day of the week; expected one such as monday", f.weekday)
}

// mostSecret is how long a secret may be, in bytes.
const mostSecret = 64 << 10

// secret reads a secret from the standard input.
func (c *command) secret(what string) (string, error) {
	text, err := io.ReadAll(io.LimitReader(c.io.In, mostSecret))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", what, err)
	}
	if s := strings.TrimSpace(string(text)); s != "" {
		return s, nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "%s is read from the standard input, and nothing is there", what)
}
