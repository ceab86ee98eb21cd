// Package pool gives work to worker processes that stay: a Pool has a number of workers, and hands them tasks. A task is
// bytes, and perhaps files.
//
//	caller                  front: Pool                    transport: Link          worker
//
//	Call(blob)   ------->   calls, in turn
//	  Add(tasks) ------->   spans of tasks nobody has
//	                        a span is cut off: a chunk --->  Send  ------------>  Define(blob), once
//	                                                                              Run: Next, Return
//	  Take()     <-------   outcomes, one a task       <---  Report  <----------  one a task, or one for several in a row
//	                        tasks of a lost worker     <---  Gone                 (killed)
//	                        to others                  --->  TakeBack             not begun: given back
//
// # Front and transport
//
// The front ([Pool], [Call]) knows which worker has which task, and which tasks are done. It cuts tasks into chunks,
// keeps workers busy, shares out the last tasks, replaces workers, watches timeouts, retries, and ends in order. It
// knows nothing of processes and descriptors.
//
// A [Transport] starts workers, carries chunks to them, and reports back. There can be others for other ways to reach
// workers, as package remote has one for other machines: blobs and tasks are bytes, and a blob is sent to a worker once
// a call. A report may come twice, or late, from a worker that was given up: the front drops reports of chunks that it
// doesn't know. A transport may be unable to take tasks back, or to carry files. The one in this package,
// [Processes], starts local children by package proc.
//
// # What is promised
//
// A task has exactly one outcome: a result, a failure that the worker's function reports, or the way in which it was
// lost. It is started at most 1 + Config.Retries times, and again only if the worker that ran it died, never after a
// failure or a timeout. A worker that dies loses only the task that it was running: tasks that it had finished
// are not lost, and tasks that it had not begun go to others.
//
// To keep this promise a worker of Processes claims each task, by one atomic operation on memory that it shares with the
// parent, and writes the result there before it claims the next one. That memory stays when the worker is killed:
// the parent reads the results, and the claims tell it which task ran. To take tasks back the parent lowers the
// limit of claims, which is in the same word. So a result needs no system call, and a worker that dies loses one task
// at most, although tasks come in chunks.
//
// # Chunks
//
// Without Options.Chunk the first chunk has one task, and the workers measure how long tasks take. Later chunks take
// about 10 ms. A chunk has at most eight times as many tasks as the one before, and at most a worker's share of the tasks that
// wait, or half of that share once all tasks have been added. A worker has one chunk that it runs and one that waits,
// and more while these take less than a millisecond together and have less than 32 MiB, so that it is never idle while a message
// is on its way. A worker that has nothing gets half of the tasks that another one has not begun.
package pool
