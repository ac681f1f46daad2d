// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"net/url"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/mcp"
	"greenroom/internal/server"
)

func (c *command) mcpCommand() *cobra.Command {
	var write bool
	var address string
	cmd := &cobra.Command{
		Use: "mcp", Short: "Serve the data to a language model, by MCP over standard input and output", Args: cobra.NoArgs,
		Long: "Serves tools by the Model Context Protocol over standard input and output: search, lists, figures, goals, SQL. Nothing can be changed. With --write, drafts and tasks can be proposed, which a person has to approve.\n\nA server that runs already offers the same at /mcp, with an API token.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var public *url.URL
			if address != "" {
				u, err := url.Parse(address)
				if err != nil || u.Host == "" {
					return greenroom.Errorf(greenroom.CodeInvalid, "--public-url takes an address such as https://community.example, not %q", address)
				}
				public = u
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				tools, end, err := app.MCP(cmd.Context(), public, version())
				if err != nil {
					return err
				}
				defer end()
				role := auth.RoleViewer
				if write {
					role = auth.RoleContributor
				}
				// Not auth.CommandLine, which may do everything: a model gets what its task needs.
				return tools.Run(cmd.Context(), auth.Caller{User: auth.User{ID: -1, Email: "mcp", Role: role}}, mcp.Stdio())
			})
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "offer the tools that propose drafts and tasks")
	cmd.Flags().StringVar(&address, "public-url", "", "where people reach Greenroom, for the addresses of records")
	return cmd
}
