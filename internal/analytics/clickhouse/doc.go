// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package clickhouse keeps the facts in ClickHouse, for communities whose figures shall not live in one process's memory:
// it follows the record store, and answers the questions that analytics asks of a warehouse with SQL over HTTP.
//
// # Tables
//
// fact has a row for each activity, conversation one for each conversation, and step one for each batch that was written.
// With a cluster, each is a Distributed table over tables of the same name that end in _local, one on every shard, or on
// every replica of every shard. What is done by one account lies on one shard. Who is who stands in no table: identities are
// read from the record store when the projection is opened and are held in analytics.Columns, so a merge of two members
// writes nothing here.
//
// # Exact at any moment
//
// Rows are written and never changed. What an edit or a deletion takes back is written once more with the sign -1, and
// every question adds up signs. Nothing counts on what ClickHouse does in the background, so the tables are plain MergeTree.
//
// Every row carries the number of its batch. A batch is announced in step, then written, and then step says that it is done.
// A question asks for the batches of a chain: the last one that is done, the one that it was written after, and so on
// (history.go). So a batch whose writer was killed, or of which a shard took one half, is never seen; it is written again
// under another number. A question that is being answered while the next batch is written does not see that one either.
//
// Two processes with data folders of their own that write into one database by mistake do no harm: the chain of who was
// last to be done holds, and the other one notices before it says that its batch is done.
//
// # When a shard is away
//
// Rows go to the shards before an insert is answered (insert_distributed_sync). While a shard does not answer, nothing is
// announced, and the projection waits (Waiting says for whom, and since when). Figures are refused meanwhile rather than
// computed from a part.
//
// # One text for all versions
//
// The SQL is plain: no joins, window functions, arrays or dictionaries. The same text runs on ClickHouse 18.16 and 26.7; the
// conformance suite, analyticstest, runs on both.
package clickhouse
