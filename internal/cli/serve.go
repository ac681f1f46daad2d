// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/alert"
	"greenroom/internal/ingest"
	"greenroom/internal/request"
	"greenroom/internal/sample"
	"greenroom/internal/segment"
	"greenroom/internal/server"
)

func (c *command) serveCommand() *cobra.Command {
	var o server.ServeOptions
	var zone string
	var proxies, allowed []string
	var upload float64
	var public string
	var behind bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start Greenroom and open it in a browser",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Zone, err = time.LoadLocation(zone); err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: zone + " is not a time zone; write one as Europe/Lisbon", Err: err}
			}
			c.now = func() time.Time { return time.Now().In(o.Zone) }
			if o.Proxies, err = prefixes(proxies); err != nil {
				return err
			}
			if o.Allowed, err = prefixes(allowed); err != nil {
				return err
			}
			if behind { // on this machine or in its network, where a proxy stands
				o.Proxies = append(o.Proxies, localNetworks()...)
			}
			if o.PublicURL, err = publicURL(public); err != nil {
				return err
			}
			if upload <= 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "--max-upload is a number of GiB above 0, not %v", upload)
			}
			o.MaxUpload = int64(upload * (1 << 30))
			if o.Sample && !cmd.Flags().Changed("data") && os.Getenv("GREENROOM_DATA") == "" {
				c.data += "-sample" // the sample never mixes with one's own data
			}
			return c.withNew(cmd.Context(), func(app *server.App) error { return c.serve(cmd.Context(), app, o) })
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", "127.0.0.1:8095", "address to listen at, HOST:PORT")
	cmd.Flags().BoolVar(&o.Sample, "sample", false, "show a sample community of invented people")
	cmd.Flags().StringVar(&zone, "zone", "UTC", "time zone in which the community's days begin until Settings say otherwise, such as Europe/Lisbon")
	cmd.Flags().BoolVar(&o.HTTPS, "https", false, "people reach it by https, because a proxy in front ends TLS")
	cmd.Flags().StringSliceVar(&proxies, "trust-proxy", nil, "networks of proxies in front whose X-Forwarded headers are believed, such as 127.0.0.1/32")
	cmd.Flags().StringSliceVar(&allowed, "allow-network", envList("GREENROOM_ALLOW_NETWORK"), "networks inside which sources may stand, such as 10.0.0.0/8 for the company's own code host; others that are not public are refused")
	cmd.Flags().StringVar(&public, "public-url", "", "address by which people reach Greenroom, such as https://community.example.org; links are made with it")
	cmd.Flags().BoolVar(&behind, "behind-proxy", false, "a proxy stands in front, on this machine or in its private network: believe its X-Forwarded headers")
	cmd.Flags().Float64Var(&upload, "max-upload", 4, "how much a browser may send at once, in GiB; larger exports are imported by the command line")
	cmd.Flags().StringVar(&o.Community, "name", "", "name of the community")
	return cmd
}

// envList reads a list from an environment variable; commas part its entries.
func envList(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' || r == ' ' })
}

// localNetworks are this machine and private networks.
func localNetworks() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// publicURL reads the address by which people reach the server; nil where none is given.
func publicURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "--public-url is an address such as https://community.example.org, without a path; not %q", text)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// prefixes reads networks.
func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: t + " is not a network; write one as 10.0.0.0/8", Err: err}
		}
		all = append(all, p)
	}
	return all, nil
}

func (c *command) serve(ctx context.Context, app *server.App, o server.ServeOptions) error {
	o.Version = version()
	if o.Sample {
		o.Community = orText(o.Community, "Lumen (sample)")
		if err := c.fillSample(ctx, app); err != nil {
			return err
		}
	}
	o.Ready = func(url string) {
		_, _ = fmt.Fprintf(c.io.Out, "\nGreenroom is ready. Open %s\n(Ctrl-C stops it.)\n", url)
	}
	return app.Serve(ctx, o)
}

// sampleTeam is the e-mail domain of the sample's own company.
const sampleTeam = "lumenlabs.example"

// sampleSeed makes everybody see the same sample.
const sampleSeed = 7

// fillSample writes the sample community and imports it through the real connectors, unless it is there already.
func (c *command) fillSample(ctx context.Context, app *server.App) error {
	done, err := readAlready(ctx, app)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.data, "sample")
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		c.say("Writing a sample community …\n")
		if _, err := sample.Write(dir, sample.Options{Seed: sampleSeed, End: app.Now()}); err != nil {
			return fmt.Errorf("writing the sample community: %w", err)
		}
	}
	if len(done) == 0 {
		if err := app.Store.SetTeamDomains(ctx, []string{sampleTeam}); err != nil {
			return err
		}
		if err := sampleAlerts(ctx, app); err != nil {
			return err
		}
	}
	for _, s := range sampleSources(dir) {
		if done[s.name] {
			continue
		}
		spec, err := all.Find(s.kind)
		if err != nil {
			return err
		}
		c.say("Reading %s …\n", s.name)
		if _, _, err := app.Importer.Import(ctx, ingest.Request{Spec: spec, Name: s.name, Values: s.values(spec)}); err != nil {
			return fmt.Errorf("reading the sample's %s: %w", s.name, err)
		}
	}
	if err := app.Projector.CatchUp(ctx); err != nil {
		return err
	}
	for _, fill := range []func(context.Context, *server.App) error{sampleMoves, sampleSegments, sampleWorkflows, sampleInbox, samplePrograms, sampleRequests, sampleSurvey, sampleGoals, sampleAccounts, sampleImpact, sampleKnowledge, sampleTools, sampleProcesses, sampleReports, sampleAsk} {
		if err := fill(ctx, app); err != nil {
			return err
		}
	}
	return nil
}

// sampleGoals aims at something, computed from the sample's own figures.
func sampleGoals(ctx context.Context, app *server.App) error {
	engine, err := app.Analytics(ctx)
	if err != nil {
		return err
	}
	return app.SampleGoals(ctx, engine)
}

// sampleAlerts makes some of the usual alerts before the community's messages come, so that those of the last day fire. They
// tell people here only: the sample sends nothing.
func sampleAlerts(ctx context.Context, app *server.App) error {
	box, err := app.Outbox(nil, nil)
	if err != nil {
		return err
	}
	alerts := app.Alerts(box, nil, nil, server.ServeOptions{})
	if all, err := alerts.List(ctx); err != nil || len(all) > 0 {
		return err
	}
	asks := alert.Draft{Name: "Somebody asks", Watch: alert.Activities, Query: "is:question", Group: alert.GroupConversation, GroupMinutes: 240, PerHour: 30, Do: "Answer, or ask a member who knows."}
	for _, d := range append([]alert.Draft{asks}, alert.Templates()...) {
		d.People, d.Owner = []string{"*"}, "sample"
		if d.Watch == alert.Metric {
			continue // it says nothing before a week is over
		}
		if _, err := alerts.Add(ctx, d, "sample"); err != nil {
			return fmt.Errorf("making the alert %s: %w", d.Name, err)
		}
	}
	return nil
}

// sampleRequests names the sample's product and makes some requests with a public board, unless there are any. Candidates
// follow by themselves as messages are read, and nothing is sent: there is no mail server.
func sampleRequests(ctx context.Context, app *server.App) error {
	q := app.Requests()
	if all, err := q.List(ctx, request.Filter{}); err != nil || len(all) > 0 {
		return err
	}
	set, err := app.Recognition().Settings(ctx)
	if err != nil {
		return err
	}
	set.Products = []string{"Lumen"}
	if err := app.Recognition().SetSettings(ctx, set, "sample"); err != nil {
		return fmt.Errorf("naming the sample's product: %w", err)
	}
	if err := q.SetSettings(ctx, request.Settings{Board: true, Intro: "Tell us what is missing, and what you need most."}, "sample"); err != nil {
		return fmt.Errorf("opening the sample's board: %w", err)
	}
	for _, r := range []struct {
		title, text, answer string
		state               request.State
	}{
		{"Dark mode for dashboards", "Many look at them at night.", "", request.Open},
		{"A Helm chart that sets resource limits", "Without them, workers take what they can.", "It comes with the next release.", request.Planned},
		{"Retry failed webhooks from the page", "At the moment that takes a script.", "", request.Open},
		{"Holidays in schedules", "Jobs run on days on which nobody looks.", "Since 3.1 there is a calendar of holidays.", request.Done},
	} {
		made, err := q.Add(ctx, request.Draft{Title: r.title, Text: r.text}, "sample")
		if err != nil {
			return fmt.Errorf("making the sample's requests: %w", err)
		}
		if r.state == request.Open {
			continue
		}
		if _, _, err := q.Move(ctx, made.ID, r.state, r.answer, false, "sample"); err != nil {
			return fmt.Errorf("answering the sample's requests: %w", err)
		}
	}
	return nil
}

// sampleSegments makes the usual segments, unless there are some or the team has put some away.
func sampleSegments(ctx context.Context, app *server.App) error {
	for _, archived := range []bool{false, true} {
		if all, err := app.Segments.List(ctx, archived); err != nil || len(all) > 0 {
			return err
		}
	}
	for _, d := range segment.Templates() {
		if _, err := app.Segments.Add(ctx, d, "sample"); err != nil {
			return fmt.Errorf("making the segment %s: %w", d.Name, err)
		}
	}
	return nil
}

// readAlready names the sources that were read to their end.
func readAlready(ctx context.Context, app *server.App) (map[string]bool, error) {
	sources, err := app.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := app.Store.LastRuns(ctx)
	done := make(map[string]bool)
	for i := range sources {
		done[sources[i].Name] = runs[sources[i].ID].State == greenroom.RunDone
	}
	return done, err
}

// sampleSource is one export of the sample: which connector reads which path under which name, and with what else.
type sampleSource struct {
	kind, name, path string
	more             connector.Values
}

func (s *sampleSource) values(spec connector.Spec) connector.Values {
	v := connector.Values{spec.Primary: s.path}
	for name, value := range s.more {
		v[name] = value
	}
	return v
}

func sampleSources(dir string) []sampleSource {
	crm := connector.Values{"business": "true"}
	return []sampleSource{
		{"csv", "crm-companies", filepath.Join(dir, "business", "organizations.csv"), crm},
		{"csv", "crm-contacts", filepath.Join(dir, "business", "members.csv"), crm},
		{"csv", "crm-deals", filepath.Join(dir, "business", "deals.csv"), crm},
		{"csv", "crm-tickets", filepath.Join(dir, "business", "tickets.csv"), connector.Values{"business": "true", "record-type": "case"}},
		{"csv", "billing", filepath.Join(dir, "business", "subscriptions.csv"), connector.Values{"business": "true", "record-type": "subscription"}},
		{"csv", "product", filepath.Join(dir, "business", "usage.csv"), crm},
		{"slack-export", "slack", filepath.Join(dir, "slack"), nil},
		{"discourse", "forum", filepath.Join(dir, "discourse"), nil},
		{"gharchive", "github", filepath.Join(dir, "gharchive"), nil},
		{"stackexchange", "stack-overflow", filepath.Join(dir, "stackexchange"), nil},
		{"discord-export", "discord", filepath.Join(dir, "discord"), nil},
		{"mbox", "mailing-list", filepath.Join(dir, "mail"), nil},
	}
}

func (c *command) sampleCommand() *cobra.Command {
	var o sample.Options
	var end string
	cmd := &cobra.Command{
		Use:   "sample FOLDER",
		Short: "Write a sample community in the platforms' own export formats",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.End = time.Now()
			if end != "" {
				t, err := time.Parse(time.DateOnly, end)
				if err != nil {
					return &greenroom.Error{Code: greenroom.CodeInvalid, Message: end + " is not a date; write it as 2026-11-22", Err: err}
				}
				o.End = t
			}
			sum, err := sample.Write(args[0], o)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, sum)
		},
	}
	cmd.Flags().Uint64Var(&o.Seed, "seed", sampleSeed, "the same seed gives the same community")
	cmd.Flags().Float64Var(&o.Scale, "scale", 1, "how many times as many people and activities")
	cmd.Flags().IntVar(&o.Months, "months", 24, "how many months it covers")
	cmd.Flags().StringVar(&end, "end", "", "last day, as 2026-11-22 (default: today)")
	return cmd
}
