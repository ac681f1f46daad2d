// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/api"
	"greenroom/internal/server"
)

// apiCommand asks the API: of the data folder without a server, or of one that runs.
func (c *command) apiCommand() *cobra.Command {
	var at, token string
	var list bool
	cmd := &cobra.Command{
		Use: "api METHOD PATH [BODY]", Short: "Ask the API, with or without a server: everything that it can do, as JSON",
		Long: "PATH is below " + api.Prefix + ", with its query. BODY is JSON, @FILE for what a file holds, or - for what is typed.\n" +
			"Without --server the data folder itself answers, and you may do everything; while a server uses the folder, ask that one with --server and a token\n" +
			"(GREENROOM_SERVER and GREENROOM_TOKEN say the same). --list tells what can be asked; docs/api.md says more.",
		Example: "  greenroom api --list\n  greenroom api GET '/members?q=tag:champion&limit=5'\n  greenroom api POST /inbox-bulk '{\"do\":\"done\",\"ids\":[1203,1207]}'\n  greenroom api GET /goals --server https://greenroom.example.com",
		Args:    cobra.MaximumNArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if list {
				args = []string{http.MethodGet, "/openapi.json"}
			}
			if len(args) < 2 {
				return greenroom.Errorf(greenroom.CodeInvalid, "expected a method and a path, such as GET /members, or --list")
			}
			req, err := c.apiRequest(ctx, args)
			if err != nil {
				return err
			}
			out := c.io.Out
			var description bytes.Buffer
			if list {
				out = &description
			}
			if at != "" {
				err = askServer(req, at, token, out)
			} else {
				err = c.with(ctx, func(app *server.App) error { return askFolder(app, req, out) })
			}
			if err != nil || !list {
				return err
			}
			return c.printOperations(description.Bytes())
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the operations")
	cmd.Flags().StringVar(&at, "server", os.Getenv("GREENROOM_SERVER"), "address of a server that runs")
	cmd.Flags().StringVar(&token, "token", os.Getenv("GREENROOM_TOKEN"), "a token for it; `greenroom token create` makes one")
	return cmd
}

// apiRequest makes the request that a command line asks for.
func (c *command) apiRequest(ctx context.Context, args []string) (*http.Request, error) {
	path := "/" + strings.TrimPrefix(strings.TrimPrefix(args[1], api.Prefix), "/")
	u, err := url.Parse(path)
	if err != nil || u.Host != "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no path of the API; expected one such as /members?q=tag:champion", args[1])
	}
	u.Path = strings.TrimSuffix(api.Prefix+u.Path, "/")
	var body io.Reader = http.NoBody
	media := "application/json"
	if len(args) == 3 {
		text, err := c.bodyOf(args[2])
		if err != nil {
			return nil, err
		}
		if !json.Valid(text) {
			media = http.DetectContentType(text)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, strings.ToUpper(args[0]), u.String(), body)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("%q is no method; expected GET, POST, PUT, PATCH or DELETE", args[0]), Err: err}
	}
	if len(args) == 3 {
		req.Header.Set("Content-Type", media)
	}
	return req, nil
}

// bodyOf is what is sent: the argument, the file that it names, or what is typed.
func (c *command) bodyOf(arg string) ([]byte, error) {
	var text []byte
	var err error
	switch {
	case arg == "-":
		text, err = io.ReadAll(c.io.In)
	case strings.HasPrefix(arg, "@"):
		text, err = os.ReadFile(arg[1:])
	default:
		return []byte(arg), nil
	}
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "what is to be sent cannot be read from " + arg, Err: err}
	}
	return text, nil
}

// askServer sends a request to a server.
func askServer(req *http.Request, at, token string, out io.Writer) error {
	base, err := url.Parse(strings.TrimSuffix(at, "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no address of a server; expected one such as https://greenroom.example.com", at)
	}
	req.URL.Scheme, req.URL.Host, req.URL.Path = base.Scheme, base.Host, base.Path+req.URL.Path
	req.Host = base.Host
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: at + " does not answer", Err: err}
	}
	defer func() { _ = resp.Body.Close() }() // it was read as far as it could be
	if resp.StatusCode < http.StatusBadRequest {
		_, err = io.Copy(out, resp.Body)
		return err
	}
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: at + " broke off", Err: err}
	}
	return problemOf(resp.StatusCode, text)
}

// askFolder has the data folder answer a request.
func askFolder(app *server.App, req *http.Request, out io.Writer) error {
	handler, end, err := app.API(req.Context())
	if err != nil {
		return err
	}
	defer end()
	w := &apiAnswer{header: make(http.Header), out: out}
	handler.ServeHTTP(w, req)
	if w.code < http.StatusBadRequest {
		return w.err
	}
	return problemOf(w.code, w.problem.Bytes())
}

// apiAnswer is an answer of the API that goes to the standard output, or, where it is a problem, is kept.
type apiAnswer struct {
	header  http.Header
	code    int
	out     io.Writer
	problem bytes.Buffer
	err     error
}

// Header implements http.ResponseWriter.
func (a *apiAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *apiAnswer) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
}

// Write implements http.ResponseWriter.
func (a *apiAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.code >= http.StatusBadRequest {
		return a.problem.Write(p)
	}
	n, err := a.out.Write(p)
	a.err = err
	return n, err
}

// problemOf is the error that a problem document tells of.
func problemOf(status int, text []byte) error {
	var p api.Problem
	if json.Unmarshal(text, &p) != nil || p.Detail == "" {
		return greenroom.Errorf(greenroom.CodeInternal, "the server answered with status %d, not as Greenroom's API does; is the address right?", status)
	}
	message := p.Detail
	if p.Caret != "" {
		message += "\n" + p.Caret
	}
	return &greenroom.Error{Code: p.Code, Message: message}
}

// apiOperation is one line of what can be asked.
type apiOperation struct {
	Tag     string `json:"tag"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary"`
}

// printOperations lists what a description of the API says.
func (c *command) printOperations(description []byte) error {
	var d struct {
		Paths map[string]map[string]struct {
			Summary string   `json:"summary"`
			Tags    []string `json:"tags"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(description, &d); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInternal, Message: "the description of the API cannot be read", Err: err}
	}
	var all []apiOperation
	for path, methods := range d.Paths {
		for method, o := range methods {
			if len(o.Tags) > 0 {
				all = append(all, apiOperation{o.Tags[0], strings.ToUpper(method), strings.TrimPrefix(path, api.Prefix), o.Summary})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return a.Tag+"\x00"+a.Path+"\x00"+a.Method < b.Tag+"\x00"+b.Path+"\x00"+b.Method
	})
	return printAll(c, table[apiOperation]{
		head: []string{"about", "method", "path", "what it does"},
		row:  func(o *apiOperation) []string { return []string{o.Tag, o.Method, o.Path, o.Summary} },
	}, all)
}
