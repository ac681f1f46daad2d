// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Answers ClickHouse's HTTP requests with the engine in the package chdb, for tests. It takes what Greenroom sends: one
// statement in the body, or an INSERT in the address with its rows in the body, and the database as a parameter. It prints
// its address once it listens, and ends when its standard input does.
//
//   node bridge.mjs FOLDER
import http from 'node:http'
import chdb from 'chdb'

const session = new chdb.Session(process.argv[2])
for (const setting of ['max_query_size = 67108864', 'max_ast_elements = 10000000', 'max_expanded_ast_elements = 10000000']) {
  session.query('SET ' + setting)
}

// One statement runs at a time: the database is the session's.
let turn = Promise.resolve()

async function answer(params, body) {
  if (params.get('database')) {
    session.query('USE ' + params.get('database'))
  }
  const insert = params.get('query')
  if (insert) {
    session.query(insert + '\n' + body.toString('utf8'))
    return Buffer.alloc(0)
  }
  let sql = body.toString('utf8')
  const format = / FORMAT (\w+)\s*$/.exec(sql)
  if (!format) {
    session.query(sql)
    return Buffer.alloc(0)
  }
  const result = await session.queryAsync(sql.slice(0, format.index), { format: format[1] })
  return Buffer.from(result.bytes())
}

const server = http.createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const params = new URL(request.url, 'http://localhost').searchParams
    turn = turn.then(() => answer(params, Buffer.concat(chunks))).then(
      (bytes) => response.end(bytes),
      (error) => response.writeHead(500).end(String(error.message ?? error)),
    )
  })
})
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
