package ipc

// peeksAtFiles says that the files of an item stay in the queue until it is gone.
const peeksAtFiles = true

// threads would return how many threads this process has: each who waits holds one.
func threads() int { return 0 }

// crowdQueue is for systems that limit how many files are on their way.
func crowdQueue() int { panic("no limit") }
