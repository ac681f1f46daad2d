// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/connect"
	"greenroom/internal/server"
)

func (c *command) sourceAuthorize() *cobra.Command {
	ask := connect.Asking{By: "command line"}
	cmd := &cobra.Command{
		Use: "authorize NAME [OPTION=VALUE...]", Short: "Have a platform give a source its tokens by consent in the browser", Args: cobra.MinimumNArgs(1),
		Long: "Authorize prints the address at which to consent, and reads from standard input the address that the browser came back to. The address to come back to has to be " +
			"registered with an app of yours on the platform (greenroom connectors KIND says where), whose id and secret are options; OPTION=- reads one from standard input. " +
			"A source that is stored gets new tokens; with --kind a new one is connected and read. No server has to answer at that address: copy it out of the browser.",
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			lines := bufio.NewScanner(c.io.In)
			var err error
			ask.Source = args[0]
			if ask.Options, err = assignmentsFrom(lines, args[1:]); err != nil {
				return err
			}
			return c.authorize(ctx, app, ask, lines)
		}),
	}
	cmd.Flags().StringVar(&ask.Kind, "kind", "", "the connector, for a source that is to be connected")
	cmd.Flags().StringVar(&ask.Redirect, "redirect", "", "the address to come back to, as it is registered; "+connect.CallbackPath+" below a server's own is the page's")
	return cmd
}

func (c *command) authorize(ctx context.Context, app *server.App, ask connect.Asking, lines *bufio.Scanner) error {
	service := app.Connections()
	given, err := service.Authorize(ctx, ask)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.io.Err, "Registered with the platform has to be the address to come back to: %s\nConsent at:\n\n    %s\n\nThen enter the whole address that the browser came back to:\n", given.Redirect, given.URL); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if !lines.Scan() {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no address on standard input")
	}
	back, err := url.Parse(strings.TrimSpace(lines.Text()))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "this is no address that a browser came back to; expected one with a code and a state in its query")
	}
	got, err := service.Redeem(ctx, back.Query(), ask.By)
	if err != nil {
		return err
	}
	if !got.Stored {
		spec, err := service.Find(got.Kind)
		if err != nil {
			return err
		}
		return c.runImport(ctx, app, spec, got.Source, got.Options)
	}
	if _, err := service.Change(ctx, got.Source, connect.Change{Options: got.Options}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.io.Out, "%s has new tokens; the next read goes by them\n", got.Source)
	return err
}
