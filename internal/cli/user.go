// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

func (c *command) userCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Manage who can sign in"}
	var name, role string
	add := &cobra.Command{
		Use: "add E-MAIL", Short: "Add a user and print a sign-in link", Args: cobra.ExactArgs(1),
		RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
			r, err := auth.ParseRole(role)
			if err != nil {
				return err
			}
			u, err := app.Auth.AddUser(ctx, auth.CommandLine(), auth.NewUser{Email: args[0], Name: name, Role: r})
			if err != nil {
				return err
			}
			return c.printLink(ctx, app, u.ID)
		}),
	}
	add.Flags().StringVar(&name, "name", "", "name")
	add.Flags().StringVar(&role, "role", string(auth.RoleContributor), "owner, manager, contributor or viewer")
	list := &cobra.Command{Use: "list", Short: "List the users", Args: cobra.NoArgs, RunE: c.asOwner(func(ctx context.Context, app *server.App, _ []string) error {
		users, err := app.Auth.Users(ctx, auth.CommandLine())
		if err != nil {
			return err
		}
		return writeAll(c, users, table[auth.User]{head: []string{"id", "email", "name", "role", "disabled", "last seen"}, row: func(u *auth.User) []string {
			return []string{number(u.ID), u.Email, u.Name, string(u.Role), strconv.FormatBool(u.Disabled), date(u.LastSeen)}
		}})
	})}
	setRole := &cobra.Command{Use: "role E-MAIL ROLE", Short: "Give a user another role", Args: cobra.ExactArgs(2), RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
		r, err := auth.ParseRole(args[1])
		if err != nil {
			return err
		}
		u, err := app.Auth.UserByEmail(ctx, auth.CommandLine(), args[0])
		if err != nil {
			return err
		}
		if u, err = app.Auth.SetRole(ctx, auth.CommandLine(), u.ID, r); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.io.Out, "%s is %s now\n", u.Email, u.Role)
		return err
	})}
	var enable bool
	disable := &cobra.Command{Use: "disable E-MAIL", Short: "Keep a user from signing in", Args: cobra.ExactArgs(1), RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
		u, err := app.Auth.UserByEmail(ctx, auth.CommandLine(), args[0])
		if err != nil {
			return err
		}
		if u, err = app.Auth.SetDisabled(ctx, auth.CommandLine(), u.ID, !enable); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.io.Out, "%s: disabled %v\n", u.Email, u.Disabled)
		return err
	})}
	disable.Flags().BoolVar(&enable, "undo", false, "let the user sign in again")
	link := &cobra.Command{Use: "link E-MAIL", Short: "Print a link that signs a user in", Args: cobra.ExactArgs(1), RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
		u, err := app.Auth.UserByEmail(ctx, auth.CommandLine(), args[0])
		if err != nil {
			return err
		}
		return c.printLink(ctx, app, u.ID)
	})}
	cmd.AddCommand(add, list, setRole, disable, link)
	return cmd
}

// asOwner runs a command over the opened data: whoever has the data folder is the owner.
func (c *command) asOwner(f func(context.Context, *server.App, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return c.withNew(cmd.Context(), func(app *server.App) error { return f(cmd.Context(), app, args) })
	}
}

func (c *command) printLink(ctx context.Context, app *server.App, id int64) error {
	l, err := app.Auth.LinkFor(ctx, auth.CommandLine(), id)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.io.Out, "%s\n(put the address of the server before it; good until %s)\n", l.Path(), l.ExpiresAt.Format(time.RFC3339))
	return err
}

// writeAll writes items in the format that was asked for.
func writeAll[T any](c *command, items []T, t table[T]) error {
	out, err := newWriter(c.io.Out, c.format, t)
	if err != nil {
		return err
	}
	for i := range items {
		if err := out.item(&items[i]); err != nil {
			return err
		}
	}
	return out.end()
}

func (c *command) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "token", Short: "Manage API tokens"}
	var name, scope string
	var life time.Duration
	create := &cobra.Command{Use: "create E-MAIL", Short: "Make an API token of a user and print it, once", Args: cobra.ExactArgs(1), RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
		s, err := auth.ParseScope(scope)
		if err != nil {
			return err
		}
		u, err := app.Auth.UserByEmail(ctx, auth.CommandLine(), args[0])
		if err != nil {
			return err
		}
		n := auth.NewToken{UserID: u.ID, Name: name, Scope: s}
		if life > 0 {
			n.ExpiresAt = app.Now().Add(life)
		}
		secret, _, err := app.Auth.CreateToken(ctx, auth.CommandLine(), n)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.io.Out, secret.Reveal())
		return err
	})}
	create.Flags().StringVar(&name, "name", "command line", "what it is for")
	create.Flags().StringVar(&scope, "scope", "read", "read, write or admin")
	create.Flags().DurationVar(&life, "expires", 0, "after how long it ends, such as 720h (default: never)")
	list := &cobra.Command{Use: "list", Short: "List the API tokens", Args: cobra.NoArgs, RunE: c.asOwner(func(ctx context.Context, app *server.App, _ []string) error {
		tokens, err := app.Auth.Tokens(ctx, auth.CommandLine(), 0)
		if err != nil {
			return err
		}
		return writeAll(c, tokens, table[auth.Token]{head: []string{"id", "user", "name", "begins", "scope", "made", "last used", "revoked"}, row: func(t *auth.Token) []string {
			return []string{number(t.ID), t.Email, t.Name, t.Hint, string(t.Scope), date(t.CreatedAt), date(t.LastUsed), date(t.RevokedAt)}
		}})
	})}
	revoke := &cobra.Command{Use: "revoke ID", Short: "Revoke an API token", Args: cobra.ExactArgs(1), RunE: c.asOwner(func(ctx context.Context, app *server.App, args []string) error {
		id, err := parseID(args[0])
		if err != nil {
			return err
		}
		if err := app.Auth.RevokeToken(ctx, auth.CommandLine(), id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.io.Out, "token %d is revoked\n", id)
		return err
	})}
	cmd.AddCommand(create, list, revoke)
	return cmd
}
