// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Sends events to a server with a real library, of which only the host is changed, and says how many were delivered:
//
//   cd tools/segmentcheck && npm install
//   node send.mjs --host http://localhost:8080 --key WRITE_KEY [--events 10000] [--users 100] [--run NAME] [--library segment|rudderstack] [--pause MILLISECONDS]
//
// The server may be stopped and started again meanwhile: the library tries again. Event number i of a run has the message
// id RUN-i, so that the server's own list shows that none is lost and none is there twice. Of every hundred events one is
// an identify call, one a group call and one an alias call, and the others are track, page and screen calls, so 10,000
// events give 9,700 activities. The last line is JSON; the exit status is 1 where an event was not delivered.

import { parseArgs } from 'node:util'

const { values: args } = parseArgs({
  options: {
    host: { type: 'string' },
    key: { type: 'string' },
    events: { type: 'string', default: '10000' },
    users: { type: 'string', default: '100' },
    run: { type: 'string', default: 'check' },
    library: { type: 'string', default: 'segment' },
    pause: { type: 'string', default: '20' }, // between 500 events
  },
})
if (!args.host || !args.key) {
  console.error('usage: node send.mjs --host http://localhost:8080 --key WRITE_KEY [--events 10000]')
  process.exit(2)
}
const total = Number(args.events)
const users = Number(args.users)
const failed = []

// open returns the library's client and how to wait until all is delivered. RudderStack's flush() waits for one batch
// only, so there the callback of each event is counted, and the queue is flushed until every event has had an answer.
async function open() {
  if (args.library === 'rudderstack') {
    const { default: Rudder } = await import('@rudderstack/rudder-sdk-node')
    const client = new Rudder(args.key, {
      dataPlaneUrl: args.host,
      flushAt: 100,
      maxInternalQueueSize: total + 1,
      axiosRetryConfig: { retries: 30, retryDelay: (n) => Math.min(100 * 2 ** n, 2000) },
      errorHandler: () => {},
    })
    let answered = 0
    const told = (err) => {
      answered++
      if (err) failed.push(err.message ?? err.code ?? String(err))
    }
    for (const call of ['identify', 'group', 'alias', 'page', 'screen', 'track']) {
      const send = client[call].bind(client)
      client[call] = (event) => send(event, told)
    }
    const close = async () => {
      const until = Date.now() + 180_000
      while (answered < total && Date.now() < until) {
        await client.flush()
        await new Promise((done) => setTimeout(done, 20))
      }
      for (let i = answered; i < total; i++) failed.push('no answer within 180 seconds')
    }
    return { client, close }
  }
  const { Analytics } = await import('@segment/analytics-node')
  const client = new Analytics({ writeKey: args.key, host: args.host, flushAt: 100, maxRetries: 30 })
  client.on('error', (err) => failed.push(err.reason?.message ?? err.code ?? String(err)))
  return { client, close: () => client.closeAndFlush({ timeout: 300_000 }) }
}

const { client, close } = await open()
const started = Date.now()
for (let i = 0; i < total; i++) {
  const base = { userId: `user-${(7 * i + Math.floor(i / 100)) % users}`, messageId: `${args.run}-${i}`, timestamp: new Date() }
  switch (i % 100) {
    case 0:
      client.identify({ ...base, traits: { email: `${base.userId}@example.org`, name: base.userId, plan: 'pro' } })
      break
    case 1:
      client.group({ ...base, groupId: `account-${Math.floor(i / 100) % 10}`, traits: { name: `Account ${Math.floor(i / 100) % 10}`, website: `https://account${Math.floor(i / 100) % 10}.example` } })
      break
    case 2:
      client.alias({ ...base, previousId: `old-${base.userId}` })
      break
    case 3:
      client.page({ ...base, name: 'Pricing', properties: { url: 'https://app.example.org/pricing' } })
      break
    case 4:
      client.screen({ ...base, name: 'Settings' })
      break
    default:
      client.track({ ...base, event: `Event ${i % 7}`, properties: { number: i, text: 'Überraschung' } })
  }
  if (i % 500 === 499) await new Promise((done) => setTimeout(done, Number(args.pause))) // as a program that does something else, too
}
await close()
console.log(JSON.stringify({ library: args.library, sent: total, failed: failed.length, reasons: [...new Set(failed)], milliseconds: Date.now() - started }))
process.exit(failed.length > 0 ? 1 : 0)
