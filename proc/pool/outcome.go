package pool

import (
	"iter"
	"os"
)

// Kind is what became of a task.
type Kind uint8

const (
	Done        Kind = iota // Data is the result
	Failed                  // Data says how, in the words of the worker's function
	Unsent                  // it was done, but its result can't travel: Extra.Err
	Lost                    // its worker died: Extra.Code
	TimedOut                // it took too long, and was ended with its worker
	Broken                  // the pool was broken, or terminated: Extra.Err
	Undelivered             // it couldn't be handed to a worker, and wasn't begun: Extra.Err
)

// An Outcome is what became of the task Index of a call.
type Outcome struct {
	Index  int
	Kind   Kind
	Data   []byte
	Worker *Worker // the worker that ran it; nil: none did
	Extra  *Extra  // nil: there is nothing more to say
}

// Extra has what only few outcomes need.
type Extra struct {
	Files []*os.File // of the result
	Code  int        // how the worker has ended, see proc.Process.ExitCode
	Err   error      // if the task is Lost: why its worker can't be reached; nil: the worker has ended
}

// A Worker is the worker that ran a task.
type Worker struct {
	Name string
	Host string // its machine; empty: this one
	Pid  int
}

// Outcomes are outcomes of tasks, in the order in which they came.
type Outcomes struct {
	n    int
	runs []run
}

// A run is the outcome of one task, or of several tasks with successive numbers. Where these are done their results are one
// list, as AppendTask makes it; else each has this outcome.
type run struct {
	Outcome
	n int // how many tasks; 0: one, and its data are no list
}

// Len returns how many there are.
func (o Outcomes) Len() int { return o.n }

// All returns the outcomes one by one.
func (o Outcomes) All() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for one, n := range o.Runs() {
			if n == 0 {
				if !yield(one) {
					return
				}
				continue
			}
			list := one.Data
			for range n {
				if one.Kind == Done {
					one.Data, list = CutTask(list)
				}
				if !yield(one) {
					return
				}
				one.Index++
			}
		}
	}
}

// Runs returns what All does, but n tasks with successive numbers at once: they have the same outcome, or are Done and have as
// Data a list of their results, as AppendTask makes it. If n is 0 it is one task, and Data is no list.
func (o Outcomes) Runs() iter.Seq2[Outcome, int] {
	return func(yield func(Outcome, int) bool) {
		for i := range o.runs {
			if !yield(o.runs[i].Outcome, o.runs[i].n) {
				return
			}
		}
	}
}

func (o *Outcomes) add(out Outcome, n int) {
	o.runs = append(o.runs, run{out, n})
	o.n += max(1, n)
}
