// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package servertest is what the tests of the whole server have in common: a server on a port of its own over a small
// sample community, somebody who visits it without scripts, and somebody at a browser who has no mouse.
//
// The tests stand in several packages, so that they run beside each other: internal/server has what the wiring does,
// lookstest/... looks at every page of the team, flowtest walks through jobs from end to end, and publictest is about the
// pages that members and visitors see. Each of them has one House, which starts one browser and reads the sample once; a
// test gets cookies and a copy of the data of its own, so that it may change what it likes.
package servertest
