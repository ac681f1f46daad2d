// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
)

// box opens what is sent around f.
func (c *command) box(cmd *cobra.Command, f func(box *server.Outbox) error) error {
	return c.acts(cmd.Context(), func(app *server.App, acts *server.Acts) error {
		box, err := app.Outbox(app.Digests(nil, acts, server.ServeOptions{}).Service, nil)
		if err != nil {
			return err
		}
		return f(box)
	})
}

// memberContact says whether and how a member can be written to, and notes what they chose.
func (c *command) memberContact() *cobra.Command {
	var refuse, allow, how string
	cmd := &cobra.Command{
		Use: "contact MEMBER", Short: "Say whether and how a member can be written to, or note what they chose", Args: cobra.ExactArgs(1),
		Long: "Contact says what a member chose and whether a message may go out now. With --refuse or --allow it notes a choice: all, care, survey, program, event or news.",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.box(cmd, func(box *server.Outbox) error {
				for purpose, allowed := range map[string]bool{refuse: false, allow: true} {
					if purpose == "" {
						continue
					}
					if err := box.Choose(cmd.Context(), id, consent.Choice{Purpose: consent.Purpose(strings.TrimSuffix(purpose, "all")), Allowed: allowed, How: how}, byCommandLine); err != nil {
						return err
					}
				}
				r, err := box.Reach(cmd.Context(), id)
				if err != nil {
					return err
				}
				if c.format == "json" {
					return writeJSON(c.io.Out, r)
				}
				_, err = fmt.Fprint(c.io.Out, reachText(r))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&refuse, "refuse", "", "note that they do not want messages of this purpose; all = do not contact")
	cmd.Flags().StringVar(&allow, "allow", "", "note that they want messages of this purpose")
	cmd.Flags().StringVar(&how, "how", "by the team", "where they said so")
	cmd.MarkFlagsMutuallyExclusive("refuse", "allow")
	return cmd
}

func reachText(r *outbox.Reach) string {
	var b strings.Builder
	switch {
	case r.Silent:
		b.WriteString("Not to be contacted.\n")
	case r.May:
		b.WriteString("A message may go out now.\n")
	case r.At.IsZero():
		b.WriteString("No message goes out: " + r.Reason + ".\n")
	default:
		fmt.Fprintf(&b, "Messages wait until %s: %s.\n", r.At.Format("2006-01-02 15:04 MST"), r.Reason)
	}
	for _, p := range r.Purposes {
		answer := "no"
		if p.Allowed && !r.Silent {
			answer = "yes"
		}
		fmt.Fprintf(&b, "%s: %s\n", p.Label, answer)
	}
	if len(r.Addresses) > 0 {
		b.WriteString("Mail to: " + strings.Join(r.Addresses, ", ") + "\n")
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		fmt.Fprintf(&b, "message %d, %s, %s: %s\n", m.ID, m.Channel, m.State, m.Subject)
	}
	return b.String()
}
