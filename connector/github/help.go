// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

// What a community manager reads. The link fills in GitHub's form for a new app, which is as good as a manifest to paste:
// GitHub takes one by a form of a website only.

const newApp = "https://github.com/settings/apps/new?name=Greenroom&url=https://example.org&public=false&webhook_active=true" +
	"&metadata=read&issues=read&pull_requests=read&discussions=read&contents=read&members=read" +
	"&events[]=issues&events[]=issue_comment&events[]=pull_request&events[]=pull_request_review&events[]=pull_request_review_comment" +
	"&events[]=discussion&events[]=discussion_comment&events[]=release&events[]=star&events[]=fork&events[]=push&events[]=create" +
	"&events[]=delete&events[]=gollum&events[]=commit_comment&events[]=member&events[]=membership&events[]=organization&events[]=public" +
	"&events[]=repository"

const help = `Give the repositories as owner/name, or an owner alone for all public repositories of an organization or a person. There
are three ways to let Greenroom in; the first is the quickest, the last the best.

**Without anything.** GitHub answers 60 requests an hour, which is enough for one small repository.

**With a token**, which GitHub answers 5,000 requests an hour:

1. On GitHub click your picture, **Settings → Developer settings → Personal access tokens → Fine-grained tokens → Generate
   new token**.
2. *Resource owner*: the organization. *Repository access*: *Public repositories*, or *All repositories* for private ones, too.
3. For private repositories: *Permissions → Repository permissions*, and give *Read-only* to **Issues**, **Pull requests**,
   **Discussions**, **Contents** (releases) and **Metadata**. *Organization permissions → Members: Read-only* tells who the team is.
4. Click **Generate token**, copy it and enter it here. GitHub tells you before it expires, and so does this page.

**As a GitHub App**, which belongs to the organization rather than to a person, never expires, and brings webhooks along:

1. Open [this link](` + newApp + `), which fills in the form (for an organization put
   ` + "`organizations/NAME/`" + ` in front of ` + "`settings/apps/new`" + ` in the address).
2. As *Webhook URL* and *Secret* enter the address and the secret that this source shows. Click **Create GitHub App**.
3. Enter the *App ID* here. Under *Private keys* click **Generate a private key**; paste the whole text of the file that is
   downloaded here.
4. Click **Install App** in the menu of the app, and install it on the organization.

When GitHub's limit is reached the sync waits, or stops and goes on where it was when the limit is over.`

const limits = `GitHub answers 60 requests an hour without a token, 5,000 an hour with one, and 5,000 to 12,500 an hour to an app, depending
on the size of the organization. A request brings up to 100 issues, comments, stars or forks, so 100,000 of them take 1,000
requests: a quarter of an hour with a token, 17 hours without one. *Reviews* cost a request for each pull request and
*Profiles* one for each person. Later syncs cost a request for each list that has changed; with a token, lists that have not
changed cost nothing. GitHub shows the first 40,000 stars and forks of a repository only.`

const pushHelp = `An app has its webhook already: the address and the secret are entered in its settings. Otherwise open the
organization (or the repository), **Settings → Webhooks → Add webhook**, enter the address below as *Payload URL*,
*application/json* as *Content type* and the secret, choose *Let me select individual events*, and tick Issues, Issue comments,
Pull requests, Pull request reviews, Pull request review comments, Discussions, Discussion comments, Releases, Stars, Forks,
Pushes, Wiki, Commit comments, Branch or tag creation and deletion, Collaborator add, Memberships, Organizations, Repositories.

Sponsorships have a webhook of their own: in your **GitHub Sponsors dashboard → Webhooks**, with the same address and secret.`

const manifestHelp = `GitHub takes a manifest by a form of a website only: send it as the field *manifest* by POST to
` + "`https://github.com/organizations/ORGANIZATION/settings/apps/new`" + `. The link in the steps above does the same by a click.`

const manifest = `{
  "name": {{printf "%q" .Name}},
  "url": "https://example.org",
  "public": false,{{if .Hook}}
  "hook_attributes": {"url": {{printf "%q" .Hook}}, "active": true},{{end}}
  "default_permissions": {
    "metadata": "read",
    "issues": "read",
    "pull_requests": "read",
    "discussions": "read",
    "contents": "read",
    "members": "read"
  },
  "default_events": [
    "issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "discussion",
    "discussion_comment", "release", "star", "fork", "push", "create", "delete", "gollum", "commit_comment", "member",
    "membership", "organization", "public", "repository"
  ]
}
`
