// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

// What a community manager reads.

const help = `**A public forum** needs its address only, such as ` + "`https://forum.example.com`" + `: Greenroom reads what any visitor can
read, slowly enough not to disturb the forum. A forum of 10,000 topics takes about two hours the first time; after that only
topics with new activity are read.

**With an API key** Greenroom also sees private categories, accounts that never wrote, e-mail addresses, and what was deleted:

1. As an administrator open **Admin → Advanced → API keys → Add API key** (` + "`/admin/api/keys/new`" + `).
2. *Description*: Greenroom. *User level*: **Single user**, and choose an administrator (or ` + "`system`" + `, which every forum has).
   *Scope*: **Read-only**.
3. Click **Save**, copy the key, and enter it here together with the name of that user.

A user who is no administrator works, too: then what this user may see comes in, without e-mail addresses.

**Or give a folder** with answers of the forum's JSON interface that were saved before: ` + "`/t/ID.json`, `/t/ID/posts.json`, " + `
` + "`/site.json` or `/categories.json`, `/u/NAME.json`" + `, in any nesting and under any name.`

const limits = `Discourse allows a visitor about 200 requests a minute and 50 in ten seconds, and an API key 60 a minute; the forum's
administrator may allow other numbers. A topic takes a request, and one more for every 20 posts after the first 20. So 10,000
topics of ordinary length take about two hours as a visitor and four with a key. A later sync costs a few requests, and those
for the topics with new activity.`

const pushHelp = `As an administrator open **Admin → Advanced → Webhooks → Add webhook** (` + "`/admin/api/web_hooks/new`" + `). Enter the address
below as *Payload URL*, *application/json* as *Content type*, and the secret (at least 12 characters). Choose *Select
individual events* and tick all of **Topic**, **Post**, **User** (but not logged in and logged out), **Category**, **Solved**,
**User badge** and **Like**. Tick **Active**, and save.`
