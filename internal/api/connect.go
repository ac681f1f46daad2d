// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/auth"
	"greenroom/internal/connect"
)

// Connections connects sources and changes how they are connected. Changes are noted in the audit log.
type Connections interface {
	Trials
	Change(ctx context.Context, name string, c connect.Change) (greenroom.Source, error)
	// RenewSecret makes a new secret that signs pushes, and returns it.
	RenewSecret(ctx context.Context, name string) (string, error)
	Ends
	Consents
}

// Trials ask a platform before anything is stored or changed.
type Trials interface {
	// Test asks a platform whether a source that is not stored yet would work; TestSource one that is, with changed options.
	Test(ctx context.Context, kind string, values connector.Values) (connect.Tested, error)
	TestSource(ctx context.Context, name string, options map[string]string) (connect.Tested, error)
	// Survey asks what there is, before a source is stored; SurveySource of one that is.
	Survey(ctx context.Context, kind string, values connector.Values) (connect.Surveyed, error)
	SurveySource(ctx context.Context, name string, options map[string]string) (connect.Surveyed, error)
}

// Ends are the ends of a source, and of its name.
type Ends interface {
	// Disconnect stops reading a source and forgets its secrets. What came in stays.
	Disconnect(ctx context.Context, name string) error
	// Remove has a source removed with all that came in from it, in the background; confirm is its name.
	Remove(ctx context.Context, name, confirm, by string) error
	Removals(ctx context.Context) ([]greenroom.Removal, error)
	Rename(ctx context.Context, name, to string) (greenroom.Source, error)
}

// RemovalRequest confirms that a source is removed.
type RemovalRequest struct {
	Confirm string `json:"confirm" doc:"The name of the source once more, since nothing brings its data back."`
}

// RenameRequest is the new name of a source.
type RenameRequest struct {
	Name string `json:"name" doc:"The new name."`
}

// OptionsRequest are a connector's options.
type OptionsRequest struct {
	Options map[string]string `json:"options,omitempty" doc:"The connector's options by name, each as text. Of a source that is stored, those that are to be different."`
}

// TestResult is what a connection test found.
type TestResult struct {
	Asked   bool          `json:"asked" doc:"The platform was asked; otherwise the connector cannot be tested, and only its options were checked."`
	Works   bool          `json:"works" doc:"Something would come in."`
	Account string        `json:"account,omitempty" doc:"Who the credential is on the platform."`
	Missing []MissingInfo `json:"missing" doc:"Permissions and settings that are not there."`
	Notes   []string      `json:"notes" doc:"What is good to know."`
}

// MissingInfo is a permission or a setting that is not there.
type MissingInfo struct {
	Name string `json:"name" doc:"As the platform calls it."`
	Then string `json:"then" doc:"What does not come in without it."`
	Do   string `json:"do" doc:"How to get it."`
	Must bool   `json:"must" doc:"Nothing works without it."`
}

// SurveyResult is what there is on a platform.
type SurveyResult struct {
	Places   []PlaceInfo `json:"places" doc:"Channels, categories, repositories and the like."`
	Items    int64       `json:"items" doc:"How many items a first read brings, about; 0 where the platform gives no idea."`
	Requests int64       `json:"requests" doc:"How many requests it takes, about."`
	Seconds  int64       `json:"seconds" doc:"How long it takes, about."`
	Cost     string      `json:"cost,omitempty" doc:"What it costs on the platform, in words; left out where it is free."`
}

// PlaceInfo is a place on a platform.
type PlaceInfo struct {
	ExternalID string `json:"external_id" doc:"The platform's id."`
	Name       string `json:"name" doc:"Its name."`
	Entry      string `json:"entry" doc:"What stands for it in the option whose from_survey is true."`
	Covered    bool   `json:"covered" doc:"It comes in with these options."`
	Why        string `json:"why,omitempty" doc:"Why it is not covered, and what to do."`
	Members    int64  `json:"members" doc:"Accounts in it, by the platform; -1 = not told."`
	Items      int64  `json:"items" doc:"Items in it, by the platform; -1 = not told."`
}

// SourceChange says what is to be different about a source.
type SourceChange struct {
	Options       map[string]string `json:"options,omitempty" doc:"Options that are to be different. An empty text takes a value away, and keeps a secret. When an address changes to another server, the secrets have to be given again."`
	ForgetSecrets []string          `json:"forget_secrets,omitempty" doc:"Secret options that are to be taken away."`
	RhythmSeconds *int64            `json:"rhythm_seconds,omitempty" doc:"How often it is read by itself: 60 to 2678400, 0 = as its connector does, -1 = only when told to."`
	FromStart     bool              `json:"from_start,omitempty" doc:"The next read begins at the start instead of where the last one ended. Nothing is stored twice."`
}

// PushInfo is where and how a platform pushes to a source.
type PushInfo struct {
	Path   string `json:"path" doc:"The path below this server's public address that takes the pushes."`
	Mount  string `json:"mount,omitempty" doc:"A path prefix that takes them too, for libraries that make the path themselves."`
	Secret string `json:"secret,omitempty" doc:"The secret that signs them, only in the answer that made it."`
	Help   string `json:"help" doc:"Where to enter them on the platform, in Markdown."`
	Asks   bool   `json:"asks,omitempty" doc:"Greenroom asks the platform for its pushes by itself; there is nothing to enter."`
}

// connectTimeout is how long a platform may take to answer a test or a survey.
const connectTimeout = time.Minute

func (a *api) connectOps() []op {
	kind := nameParam("kind", "The connector, as GET /connectors names it.", "gitea")
	source := nameParam("name", "The source's name.", "slack-acme")
	options := func(text string) *content {
		return &content{of: OptionsRequest{}, text: text, example: OptionsRequest{Options: map[string]string{"address": "https://codeberg.org", "repositories": "acme"}}}
	}
	tested, surveyed := content{of: TestResult{}, example: exampleTest()}, content{of: SurveyResult{}, example: exampleSurvey()}
	ops := []op{
		{
			method: http.MethodPost, path: "/connectors/{kind}/test", id: "testConnector", tag: "Sources", need: auth.Connect, timeout: connectTimeout,
			summary: "Test a connection before it is made",
			text:    "Asks the platform whether a source with these options would work, and says what is missing. Nothing is stored.",
			params:  []param{kind}, body: options("The options to test."), reply: tested, do: a.test,
		},
		{
			method: http.MethodPost, path: "/connectors/{kind}/survey", id: "surveyConnector", tag: "Sources", need: auth.Connect, timeout: connectTimeout,
			summary: "See what there is before it is connected",
			text:    "Asks the platform for its places and for an estimate of a first read. Nothing is stored.",
			params:  []param{kind}, body: options("The options to ask with."), reply: surveyed, do: a.survey,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/test", id: "testSource", tag: "Sources", need: auth.Connect, timeout: connectTimeout,
			summary: "Test a source",
			text:    "Asks the platform whether the source works, or would with other options.",
			params:  []param{source}, body: options("Options that are to be different for the test; {} for none."), reply: tested, do: a.testSource,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/survey", id: "surveySource", tag: "Sources", need: auth.Connect, timeout: connectTimeout,
			summary: "See what there is on a source's platform",
			text:    "Asks the platform for its places. Without other options the answer is kept, and the source's page shows it.",
			params:  []param{source}, body: options("Options that are to be different for the survey; {} for none."), reply: surveyed, do: a.surveySource,
		},
	}
	return append(append(ops, a.consentOps(kind, source)...), a.changeSourceOps(source)...)
}

func (a *api) changeSourceOps(source param) []op {
	rhythm := int64(3600)
	return []op{
		{
			method: http.MethodPatch, path: "/sources/{name}", id: "changeSource", tag: "Sources", need: auth.Connect,
			summary: "Change a source",
			text:    "Changes options and rhythm of a source; what is left out stays. The next read goes by it.",
			params:  []param{source},
			body:    &content{of: SourceChange{}, text: "What is to be different.", example: SourceChange{Options: map[string]string{"repositories": "acme"}, RhythmSeconds: &rhythm}},
			reply:   content{of: greenroom.Source{}, example: exampleSource()}, do: a.changeSource,
		},
		{
			method: http.MethodGet, path: "/sources/{name}/push", id: "getPush", tag: "Sources", need: auth.Connect,
			summary: "Where a source takes pushes",
			text:    "The address that the platform pushes to. The secret that signs the pushes is shown only when it is made.",
			params:  []param{source},
			reply:   content{of: PushInfo{}, example: PushInfo{Path: "/hooks/code", Help: "In the repository: Settings, Webhooks, Add webhook."}}, do: a.getPush,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/push/secret", id: "renewPushSecret", tag: "Sources", need: auth.Connect, secret: true,
			summary: "Make a new secret for pushes",
			text:    "Makes the secret that signs what the platform pushes, and shows it this once. The old one ends at once: until the platform has the new one, what it pushes is refused.",
			params:  []param{source},
			reply:   content{of: PushInfo{}, example: PushInfo{Path: "/hooks/code", Secret: "3f1c…", Help: "In the repository: Settings, Webhooks."}}, do: a.renewSecret,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/disconnect", id: "disconnectSource", tag: "Sources", need: auth.Connect,
			summary: "Disconnect a source",
			text:    "Stops reading it and taking what is pushed to it, and forgets its secrets. What came in stays. An import of the same source connects it again.",
			params:  []param{source},
			reply:   content{of: greenroom.Source{}, example: exampleSource()}, do: a.disconnectSource,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/remove", id: "removeSource", tag: "Sources", need: auth.Connect, status: http.StatusAccepted,
			summary: "Remove a source with its data",
			text:    "Disconnects it at once, and removes all that came in from it in the background: activities, accounts, members who have no other account, conversations, business records and raw payloads. Nothing brings them back but reading the platform again. GET /removals tells how far it is.",
			params:  []param{source}, body: &content{of: RemovalRequest{}, text: "The confirmation.", example: RemovalRequest{Confirm: "code"}},
			reply: content{of: Items[greenroom.Removal]{}, example: Items[greenroom.Removal]{Items: []greenroom.Removal{exampleRemoval()}}}, do: a.removeSource,
		},
		{
			method: http.MethodGet, path: "/removals", id: "listRemovals", tag: "Sources", need: auth.Connect,
			summary: "Sources that are being removed", text: "How far the removal of each is. One that is done is not listed any more.",
			reply: content{of: Items[greenroom.Removal]{}, example: Items[greenroom.Removal]{Items: []greenroom.Removal{exampleRemoval()}}},
			do:    a.removals,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/rename", id: "renameSource", tag: "Sources", need: auth.Connect, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Rename a source",
			text:    "What is pushed to the address with the former name still arrives. Queries that name the source have to be changed by whoever wrote them.",
			params:  []param{source}, body: &content{of: RenameRequest{}, text: "The new name.", example: RenameRequest{Name: "repositories"}},
			reply: content{of: greenroom.Source{}, example: exampleSource()}, do: a.renameSource,
		},
	}
}

// optionsOf reads a request with options and refuses those that the connector does not have.
func (a *api) optionsOf(c *call, kind string) (connector.Values, error) {
	req, err := decode[OptionsRequest](c)
	if err != nil {
		return nil, err
	}
	spec, known := a.connectorOf(kind)
	if !known {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "there is no connector %q", kind)
	}
	return req.Options, onlyKnown(spec, req.Options)
}

func (a *api) test(c *call) (answer, error) {
	values, err := a.optionsOf(c, c.text("kind"))
	if err != nil {
		return answer{}, err
	}
	t, err := a.Connect.Test(c.ctx(), c.text("kind"), values)
	return testAnswer(&t, err)
}

func (a *api) testSource(c *call) (answer, error) {
	req, err := decode[OptionsRequest](c)
	if err != nil {
		return answer{}, err
	}
	t, err := a.Connect.TestSource(c.ctx(), c.text("name"), req.Options)
	return testAnswer(&t, err)
}

func testAnswer(t *connect.Tested, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	res := TestResult{Asked: t.Asked, Works: t.Works(), Account: t.Account, Missing: []MissingInfo{}, Notes: append([]string{}, t.Notes...)}
	for _, m := range t.Missing {
		res.Missing = append(res.Missing, MissingInfo(m))
	}
	return ok(res)
}

func (a *api) survey(c *call) (answer, error) {
	values, err := a.optionsOf(c, c.text("kind"))
	if err != nil {
		return answer{}, err
	}
	v, err := a.Connect.Survey(c.ctx(), c.text("kind"), values)
	return surveyAnswer(&v, err)
}

func (a *api) surveySource(c *call) (answer, error) {
	req, err := decode[OptionsRequest](c)
	if err != nil {
		return answer{}, err
	}
	v, err := a.Connect.SurveySource(c.ctx(), c.text("name"), req.Options)
	return surveyAnswer(&v, err)
}

func surveyAnswer(v *connect.Surveyed, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	res := SurveyResult{Places: []PlaceInfo{}, Items: v.Items, Requests: v.Requests, Seconds: int64(v.Time / time.Second), Cost: v.Cost}
	for i := range v.Places {
		p := &v.Places[i]
		res.Places = append(res.Places, PlaceInfo{ExternalID: p.ExternalID, Name: p.Name, Entry: connect.Entry(p), Covered: p.Covered, Why: p.Why, Members: p.Members, Items: p.Items})
	}
	return ok(res)
}

func (a *api) changeSource(c *call) (answer, error) {
	req, err := decode[SourceChange](c)
	if err != nil {
		return answer{}, err
	}
	src, err := a.Connect.Change(c.ctx(), c.text("name"), connect.Change{Options: req.Options, Forget: req.ForgetSecrets, Rhythm: req.RhythmSeconds, FromStart: req.FromStart})
	if err != nil {
		return answer{}, err
	}
	return ok(a.shown(c, src))
}

// pushOf says where a source takes pushes. CodeInvalid when its connector takes none.
func (a *api) pushOf(c *call) (PushInfo, error) {
	src, err := a.Sources.Source(c.ctx(), c.text("name"))
	if err != nil {
		return PushInfo{}, err
	}
	spec, known := a.connectorOf(src.Kind)
	if !known || spec.Push == nil {
		return PushInfo{}, greenroom.Errorf(greenroom.CodeInvalid, "the source %q takes no pushes; it is read", src.Name)
	}
	return pushInfo(spec, src.Name, ""), nil
}

func pushInfo(spec *connector.Spec, name, secret string) PushInfo {
	return PushInfo{Path: connect.HookPath(name), Mount: spec.Push.Mount, Secret: secret, Help: spec.Push.Help, Asks: spec.Push.Asks}
}

func (a *api) getPush(c *call) (answer, error) {
	info, err := a.pushOf(c)
	if err != nil {
		return answer{}, err
	}
	return ok(info)
}

func (a *api) renewSecret(c *call) (answer, error) {
	info, err := a.pushOf(c)
	if err != nil {
		return answer{}, err
	}
	if info.Secret, err = a.Connect.RenewSecret(c.ctx(), c.text("name")); err != nil {
		return answer{}, err
	}
	return ok(info)
}

func exampleRemoval() greenroom.Removal {
	return greenroom.Removal{Source: "code", AskedAt: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC), AskedBy: "ana@acme.example", Total: 48210, Done: 12500}
}

func (a *api) removeSource(c *call) (answer, error) {
	r, err := decode[RemovalRequest](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.Connect.Remove(c.ctx(), c.text("name"), r.Confirm, c.by()); err != nil {
		return answer{}, err
	}
	return a.removals(c)
}

func (a *api) removals(c *call) (answer, error) {
	all, err := a.Connect.Removals(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return itemsOf(all)
}

func (a *api) renameSource(c *call) (answer, error) {
	r, err := decode[RenameRequest](c)
	if err != nil {
		return answer{}, err
	}
	src, err := a.Connect.Rename(c.ctx(), c.text("name"), r.Name)
	if err != nil {
		return answer{}, err
	}
	return ok(a.shown(c, src))
}

func (a *api) disconnectSource(c *call) (answer, error) {
	if err := a.Connect.Disconnect(c.ctx(), c.text("name")); err != nil {
		return answer{}, err
	}
	src, err := a.Sources.Source(c.ctx(), c.text("name"))
	if err != nil {
		return answer{}, err
	}
	return ok(a.shown(c, src))
}

func exampleTest() TestResult {
	return TestResult{
		Asked: true, Works: true, Account: "greenroom-bot", Notes: []string{"These repositories come in: acme/docs, acme/site."},
		Missing: []MissingInfo{{Name: "read:user", Then: "The token's own account cannot be named.", Do: "Make a token with read access to user."}},
	}
}

func exampleSurvey() SurveyResult {
	return SurveyResult{
		Items: 4200, Requests: 90, Seconds: 60,
		Places: []PlaceInfo{{ExternalID: "7", Name: "acme/site", Entry: "acme/site", Covered: true, Members: -1, Items: 310}},
	}
}
