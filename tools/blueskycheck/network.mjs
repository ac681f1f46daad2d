// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// A whole AT Protocol network on this machine: the PDS and the AppView of npm's @atproto/dev-env, with accounts that
// post, reply, quote, like, repost, follow, block and delete. tools/blueskycheck/network starts it.
//
// It prints where it is and how to sign in, fills the network, and prints "filled"; each line that it then reads changes
// the network and prints "changed".

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(process.env.BLUESKYCHECK_PACKAGES + '/package.json')
const { TestNetwork, mockMailer } = require('@atproto/dev-env')
const { AtpAgent, RichText } = require('@atproto/api')

const port = Number(process.env.BLUESKYCHECK_PORT || 2583)
const service = `http://localhost:${port}`
const network = await TestNetwork.create({ dbPostgresSchema: 'blueskycheck', pds: { port, hostname: 'localhost' } })
mockMailer(network.pds)

const say = (line) => console.log(typeof line === 'string' ? line : JSON.stringify(line))
const minute = 60_000
let clock = Date.now() - 3 * 24 * 60 * minute // each record a minute after the one before, the first three days ago
const now = () => new Date((clock += minute)).toISOString()

async function account(name) {
  const agent = new AtpAgent({ service })
  await agent.createAccount({ handle: `${name}.test`, email: `${name}@mail.test`, password: 'password' })
  await agent.upsertProfile((old) => ({ ...old, displayName: `The ${name}` }))
  return agent
}

const ref = ({ uri, cid }) => ({ uri, cid })

async function post(agent, text, more = {}) {
  const rt = new RichText({ text })
  await rt.detectFacets(agent)
  const made = await agent.post({ text: rt.text, facets: rt.facets, createdAt: now(), ...more })
  return { ...made, root: more.reply?.root ?? made }
}

const reply = (agent, to, text, more = {}) => post(agent, text, { reply: { root: ref(to.root), parent: ref(to) }, ...more })

const quote = (of) => ({ embed: { $type: 'app.bsky.embed.record', record: ref(of) } })

const people = {}
for (const name of ['acmedb', 'ana', 'ben', 'eva', 'mallory', 'quiet', 'leaver']) people[name] = await account(name)
const fans = []
for (let i = 0; i < 12; i++) fans.push(await account(`fan${i}`))
const { acmedb: acme, ana, ben, eva, mallory, quiet, leaver } = people
const password = (await acme.com.atproto.server.createAppPassword({ name: 'greenroom' })).data.password
say({ service, handle: 'acmedb.test', password, did: acme.did })

// Posts of the account that nobody answers: more than a page.
const own = []
for (let i = 0; i < 115; i++) own.push(await post(acme, `Tip ${i} of the day`))
own.push(await post(acme, 'Read https://acme.test/notes for what is new'))
own.push(await post(acme, '', { embed: { $type: 'app.bsky.embed.external', external: { uri: 'https://acme.test/release', title: 'Release 2', description: '' } } }))
// One that came from elsewhere with its old date, and one whose author's clock is ahead.
await post(acme, 'Moved here from our old blog', { createdAt: '2020-02-03T04:05:06.000Z' })
await post(acme, 'From a clock that is ahead', { createdAt: new Date(Date.now() + 3600_000).toISOString() })

// A conversation of the account, with a branch that goes deep.
const ask = await post(acme, 'Ask us anything')
let deep = await reply(ana, ask, '@acmedb.test when is the next release?')
const first = deep
await reply(acme, deep, 'Next week')
for (let i = 0; i < 45; i++) deep = await reply(i % 2 ? ana : ben, deep, `And then? ${i}`)
const late = await reply(eva, ask, 'I have a question as well')
// A thread of the account alone.
const alone = await post(acme, 'A story, 1/3')
await reply(acme, await reply(acme, alone, '2/3'), '3/3')

// Others' conversations, of which the account hears by a mention, a quote, or nothing but a search.
const which = await post(ben, 'Which database should I take?')
await reply(ana, which, 'Try @acmedb.test')
await reply(eva, which, 'Or none at all')
await post(ben, 'This is how one does it', quote(ask))
await post(ana, 'So say all of us', { embed: { $type: 'app.bsky.embed.recordWithMedia', record: { record: ref(ask) }, media: { $type: 'app.bsky.embed.external', external: { uri: 'https://ana.test/review', title: 'My review', description: '' } } } })
// One whose beginning is gone, and one whose beginning is by somebody who then blocks the account.
const gone = await post(ben, 'I will take this back')
await reply(ana, gone, '@acmedb.test should see this')
await ben.deletePost(gone.uri)
const walled = await post(mallory, 'I do not like them')
await reply(eva, walled, 'But @acmedb.test is nice')
await mallory.app.bsky.graph.block.create({ repo: mallory.did }, { subject: acme.did, createdAt: now() })
// Somebody whom the account mutes.
await reply(quiet, ask, 'Buy my @acmedb.test course')
await acme.mute(quiet.did)
// The account hides an answer below its post.
const hidden = await reply(leaver, ask, 'Off topic')
await acme.app.bsky.feed.threadgate.create({ repo: acme.did, rkey: ask.uri.split('/').pop() }, { post: ask.uri, createdAt: now(), hiddenReplies: [hidden.uri] })

// What a search finds, more than a page; some of it is about the account too.
for (let i = 0; i < 130; i++) await post(fans[i % fans.length], `I like greenroomdb ${i}`)
const talk = await post(fans[0], 'greenroomdb or not?')
const yes = await reply(fans[1], talk, 'Yes')
await post(fans[2], '@acmedb.test makes greenroomdb')

// Likes, reposts and follows: more than a page of notifications.
for (const fan of [...fans, ana, ben, eva, leaver]) await fan.app.bsky.graph.follow.create({ repo: fan.did }, { subject: acme.did, createdAt: now() })
for (let i = 0; i < 110; i++) {
  const fan = fans[i % fans.length]
  await fan.app.bsky.feed.like.create({ repo: fan.did }, { subject: ref(own[i % own.length]), createdAt: now() })
}
for (const fan of fans.slice(0, 5)) await fan.app.bsky.feed.repost.create({ repo: fan.did }, { subject: ref(ask), createdAt: now() })
// The account reposts somebody, and somebody likes that.
const shared = await acme.app.bsky.feed.repost.create({ repo: acme.did }, { subject: ref(which), createdAt: now() })
await fans[3].app.bsky.feed.like.create({ repo: fans[3].did }, { subject: ref(which), via: ref(shared), createdAt: now() })
// The account wants to hear of those alone whom it follows, who are none.
await acme.app.bsky.notification.putPreferences({ priority: true })
await network.processAll(60_000)
say('filled')

const changes = [
  async () => {
    await post(acme, 'A new day')
    await reply(eva, own[110], 'A late answer to a tip')
    await reply(fans[4], late, 'And I one more')
    await post(fans[5], 'greenroomdb again')
    await reply(fans[8], yes, 'Of course')
    await fans[6].app.bsky.feed.like.create({ repo: fans[6].did }, { subject: ref(ask), createdAt: now() })
    const friend = await account('newcomer')
    await friend.app.bsky.graph.follow.create({ repo: friend.did }, { subject: acme.did, createdAt: now() })
    await post(friend, 'Hello @acmedb.test')
    await acme.deletePost(own[114].uri) // the account's own
    await ana.deletePost(first.uri) // in the middle of a conversation
  },
  async () => {
    // The account blocks somebody, whose posts are then not shown to it, and an account goes.
    await acme.app.bsky.graph.block.create({ repo: acme.did }, { subject: eva.did, createdAt: now() })
    await leaver.com.atproto.server.deactivateAccount({})
    await reply(fans[7], which, 'Take @acmedb.test')
  },
]
for await (const _ of createInterface({ input: process.stdin })) {
  const change = changes.shift()
  if (!change) break
  clock = Math.max(clock, Date.now() - 30 * minute)
  await change()
  await network.processAll(60_000)
  say('changed')
}
await network.close()
process.exit(0)
