// Package remote lets a [pool.Pool] have workers on other machines.
//
//	script                      luaspawnd     luaspawnd                    host
//	                             bridge         worker
//	Pool
//	 Transport, Link  ==== messages, in a session, from end to end ====>  Host
//	                                                                       Transport, Link: pool.Processes
//	                  <====================================================  Events
//
// [Transport] is the script's side: a pool.Elastic whose workers are the children of
// [Host]s, one on each machine. What the pool says to a link goes to the host, which says it to
// a link of its own, to a child; what that tells comes back. So pools over machines do
// what local ones do, by the same code: chunks, retries, timeouts, initializers, the end.
//
// The host keeps the time of tasks, since it sees what runs, gives back tasks when it is
// asked to, and keeps the blobs of calls by their hash: a blob goes to a machine once. One of a MiB or more is sent
// when it is asked for, since luaspawnd may have it of another pool with the same key.
//
// The script owns the truth: which task is where, and what has come of it. A task is with one
// worker at a time. If a session ends, by its lease, or since its host is gone, all that
// its workers held counts as begun, and is lost or tried again as the Config says; a host
// that hears nothing for a lease ends its children. Nothing else holds tasks, so nothing else
// can lose or repeat them.
package remote
