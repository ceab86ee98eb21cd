// Package pool gives work to processes that are kept: a Pool has so many workers,
// and hands them tasks, which are bytes, and files that go along.
//
//	caller                  front: Pool                    transport: Link          worker
//
//	Call(blob)   ------->   calls, in turn
//	  Add(tasks) ------->   spans of tasks nobody has
//	                        a span is cut off: a chunk --->  Send  ------------>  Define(blob), once
//	                                                                              Run: Next, Return
//	  Take()     <-------   outcomes, each task's one  <---  Report  <----------  one a task; those of a row are one Report
//	                        tasks of a lost worker     <---  Gone                 (killed)
//	                        to others                  --->  TakeBack             not begun: given back
//
// # Front and transport
//
// The front ([Pool], [Call]) knows which task is where and what is done. It cuts
// chunks, keeps workers busy and spreads the end of the list, replaces workers,
// keeps time, retries, and ends in order. It knows no process and no descriptor.
//
// A [Transport] starts workers and carries chunks to them, reports back. It is the
// seam for other ways to reach workers, on other machines, say: blobs and tasks are
// bytes, and a blob is sent to a worker once a call, under its number. A report may
// come twice, or late, from a worker that was given up: the front drops what it has
// no chunk for. A transport that can't take back says 0, one that can't carry
// files says so. The one that there is, [Processes], starts local children of
// package proc.
//
// # What is promised
//
// A task has one outcome: a result, a failure that the worker's function reports,
// or how it was lost. It is started at most 1 + Config.Retries times, and a second
// time only if the worker died that ran it, never after a failure or a timeout. A
// worker that dies costs exactly the task that it was running: what it had finished
// is not lost, what it had not begun goes to others.
//
// For that, a worker of Processes claims each task, by one atomic operation on
// memory that it shares with the parent, and writes the result there before it
// claims the next. The kernel keeps that memory when the worker is killed: the
// parent reads what was written, and the claims say which task ran. It also
// takes back tasks by lowering the limit of claims, which is in the same word. So a
// result costs no system call, and a worker that dies loses no more tasks for being sent
// them in chunks.
//
// # Chunks
//
// Without Options.Chunk the first chunk has one task, and the workers measure how long
// tasks take. Later chunks are worth about 10 ms, at most eight times the one before, and
// at most a worker's share of the tasks that wait, half of it once all have been added. A
// worker has one chunk and one more waiting, and further ones while these are worth
// less than a millisecond and have less than 32 MiB, so that it is never idle for want of
// a message; a worker that has nothing gets half of what another one has not begun.
package pool
