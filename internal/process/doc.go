// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package process has what the team does again and again, and how much work that is.
//
// A process says how long it takes once, how often it is done in a month, and on which surfaces. The workload is the sum
// over processes and surfaces of
//
//	hours = minutes once / 60 × runs a month
//
// Where a process is done for each member, runs = members × times for each, so that with one time for each member it is
// the sum that community operations teams use: minutes once × members, over all surfaces.
//
// No factor is known exactly, so each is a Range: at least, most likely, at most. Ranges are added and multiplied by interval
// arithmetic: the lowest of all factors at once gives the lowest sum, the highest the highest. That is wider than what chance
// would make of independent factors, on purpose: estimates of one team err together. The likely sum is that of the likely
// factors. Nothing is drawn by chance, so a sum can be checked by hand.
//
// Each factor has an Origin. Minutes are timed once there are enough timings (median, with the quartiles as range), else
// they are somebody's estimate, or the typical one of a template. Runs are counted from data where the process names what they
// depend on (median of the last whole months, with the least and the most as range). What workflows do by themselves is
// counted from their runs and taken off.
//
// Documents made from it (the hiring case, the division of labor) keep what they were made from: they are frozen.
package process
