// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/mcp"
	"greenroom/internal/server"
)

// inspector runs the official inspector of the protocol, and returns what it prints.
func inspector(t *testing.T, url, token string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"index.js", url, "--transport", "http", "--header", "Authorization: Bearer " + token, "--method"}, args...)...)
	cmd.Dir = inspectorFolder(t) // where it looks for its own version
	var said, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, complaint.String())
	}
	return said.String(), nil
}

func inspectorFolder(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("../../tools/inspector/node_modules/@modelcontextprotocol/inspector-cli/build")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestMCPInspector lists and calls every tool with the official inspector. It needs the folder tools/inspector after npm
// install there.
func TestMCPInspector(t *testing.T) {
	if _, err := os.Stat(inspectorFolder(t)); err != nil {
		t.Skip("the inspector is not installed: run npm install in tools/inspector")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	l := start(t, server.ServeOptions{}, func(app *server.App) { toldWithMischief(t, app) })
	l.as(t, auth.RoleOwner)
	list := func(token string) (names []string) {
		t.Helper()
		said, err := inspector(t, l.url+mcp.Path, token, "tools/list")
		if err != nil {
			t.Fatal(err)
		}
		var all struct {
			Tools []struct {
				Name string `json:"name"`
			} `json:"tools"`
		}
		if err := json.Unmarshal([]byte(said), &all); err != nil {
			t.Fatal(err)
		}
		for _, tool := range all.Tools {
			names = append(names, tool.Name)
		}
		return names
	}
	writing, reading := modelToken(t, l.app, auth.RoleOwner, auth.ScopeWrite), modelToken(t, l.app, auth.RoleOwner, auth.ScopeRead)
	offered := list(writing)
	for _, name := range offered {
		args := []string{"tools/call", "--tool-name", name}
		for k, v := range usual()[name] {
			value, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			args = append(args, "--tool-arg", k+"="+string(value))
		}
		said, err := inspector(t, l.url+mcp.Path, writing, args...)
		var res struct {
			Content []struct {
				Text string `json:"text"`
			} `json:"content"`
			IsError bool `json:"isError"`
		}
		if err == nil {
			err = json.Unmarshal([]byte(said), &res)
		}
		if err != nil || len(res.Content) != 1 || res.IsError != slices.Contains(noneOf(), name) {
			t.Errorf("%s answers %s, %v", name, said, err)
		}
	}
	proposed(t, l.app)
	fewer := list(reading)
	if len(fewer) != len(offered)-2 || slices.Contains(fewer, "draft_message") {
		t.Errorf("a token that writes is offered %v, one that reads %v", offered, fewer)
	}
	if said, err := inspector(t, l.url+mcp.Path, reading, "tools/call", "--tool-name", "draft_message", "--tool-arg", "member_id=2", "--tool-arg", "subject=x", "--tool-arg", "text=y"); err == nil && !strings.Contains(said, `"isError": true`) {
		t.Errorf("a token that reads drafts: %s", said)
	}
	if said, err := inspector(t, l.url+mcp.Path, "grm_wrong", "tools/list"); err == nil {
		t.Errorf("a wrong token lists %s", said)
	}
}

// modelToken makes a token of the person that l.as signed in with a role.
func modelToken(t *testing.T, app *server.App, role auth.Role, scope auth.Scope) string {
	t.Helper()
	users, err := app.Auth.Users(t.Context(), auth.CommandLine())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if u.Role == role {
			secret, _, err := app.Auth.CreateToken(t.Context(), auth.CommandLine(), auth.NewToken{UserID: u.ID, Name: "model " + string(scope), Scope: scope})
			if err != nil {
				t.Fatal(err)
			}
			return secret.Reveal()
		}
	}
	t.Fatalf("nobody is %s", role)
	return ""
}
