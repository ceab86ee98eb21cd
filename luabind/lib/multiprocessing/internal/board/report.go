package board

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// Options are what a Report says beside who waits for whom.
type Options struct {
	Tracebacks bool // that of each process that has left one
	Ended      bool // also of processes that have ended, what they waited for last
}

// Report says in words what the processes do, as a tree, and names a deadlock. Reasons comes
// before.
func Report(all []*Process, o Options) string {
	var b strings.Builder
	r := reporter{all: all, out: &b, options: o}
	live := 0
	for _, p := range all {
		if p.State != 0 {
			live++
		}
	}
	fmt.Fprintf(&b, "what %s:\n", count(live, "process does", "processes do"))
	for _, p := range all {
		if byPid(all, p.Parent) == nil || p.Parent == p.Pid {
			r.tree(p, 0)
		}
	}
	r.deadlock()
	if o.Tracebacks {
		for _, p := range all {
			if p.Text != "" {
				fmt.Fprintf(&b, "%s (%d):\n%s\n", printable(p.Name), p.Pid, Traceback(p.Text))
			}
		}
	}
	return b.String()
}

// Traceback is one as a report has it, below the name of its process.
func Traceback(text string) string {
	return strings.TrimRight(strings.TrimPrefix(text, "stack traceback:\n"), "\n")
}

type reporter struct {
	all     []*Process
	out     *strings.Builder
	options Options
	shown   map[int]bool
}

// tree writes p and all below it.
func (r *reporter) tree(p *Process, depth int) {
	if r.shown == nil {
		r.shown = map[int]bool{}
	}
	if r.shown[p.Slot] {
		return
	}
	r.shown[p.Slot] = true
	if p.State != 0 || r.options.Ended {
		name := fmt.Sprintf("%s%s (%d)", strings.Repeat("  ", depth+1), printable(p.Name), p.Pid)
		fmt.Fprintf(r.out, "%-30s  %s\n", name, r.does(p))
	}
	var below []*Process
	for _, q := range r.all {
		if q.Parent == p.Pid && q != p {
			below = append(below, q)
		}
	}
	slices.SortStableFunc(below, func(x, y *Process) int { return cmp.Compare(y.Age, x.Age) })
	for _, q := range below {
		r.tree(q, depth+1)
	}
}

// does says what p does.
func (r *reporter) does(p *Process) string {
	var text string
	switch {
	case p.Waiting && p.Wait.Why == trace.ForTask:
		text = fmt.Sprintf("has waited %s for a task of %s", since(p.Wait.Since), printable(p.Wait.What))
	case p.Waiting:
		text = fmt.Sprintf("has waited %s %s", since(p.Wait.Since), r.what(p))
		if p.Wait.File != "" {
			text += fmt.Sprintf(", at %s:%d", printable(p.Wait.File), p.Wait.Line)
		}
	case p.State != 0 && !p.Begun:
		text = "is being started, for " + since(p.Age)
	default:
		text = fmt.Sprintf("runs, for %s, %s of processor time", since(p.Age), since(p.Running))
	}
	switch p.State {
	case 'T', 't':
		return fmt.Sprintf("is stopped (kill -CONT %d lets it go on); it %s", p.Pid, text)
	case 0:
		return "has ended; it " + text
	}
	return text
}

// what says what p waits for, and who has it.
func (r *reporter) what(p *Process) string {
	w := &p.Wait
	text := "for " + printable(w.What)
	switch w.Why {
	case trace.ForProcess:
		text = fmt.Sprintf("for the end of %s (%d)", printable(w.What), w.Pid)
	case trace.ForPool:
		text = "for results of " + printable(w.What)
	case trace.ForSleep:
		return "in sleep"
	case trace.ForLock, trace.ForSemaphore, trace.ForEvent, trace.ForBarrier:
		text = "for " + r.object(w)
	case trace.ForCondition:
		text = "at " + r.object(w)
	case trace.ForItem:
		text = "for an item of " + r.object(w)
	case trace.ForRoom:
		text = "for room in " + r.object(w)
	case trace.ForDone:
		text = "for the items of " + r.object(w)
	}
	if len(p.Why.Holder) > 0 {
		text += ", held by " + r.names(p.Why.Holder)
	}
	if p.Why.Note != "" {
		text += ", " + p.Why.Note
	}
	return text
}

func (r *reporter) object(w *Wait) string {
	if w.Object == 0 {
		return printable(w.What)
	}
	return fmt.Sprintf("%s no. %d", printable(w.What), w.Object)
}

// names lists processes.
func (r *reporter) names(pids []int) string {
	var list []string
	for _, pid := range pids {
		if p := byPid(r.all, pid); p != nil {
			list = append(list, fmt.Sprintf("%s (%d)", printable(p.Name), pid))
		} else {
			list = append(list, "process "+strconv.Itoa(pid))
		}
	}
	const shown = 4
	if more := len(list) - shown; more > 0 {
		list = append(list[:shown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// deadlock names it, if there is one.
func (r *reporter) deadlock() {
	list := Deadlock(r.all)
	if list == nil {
		return
	}
	r.out.WriteString("DEADLOCK: ")
	var parts []string
	for _, p := range list {
		text := fmt.Sprintf("%s waits %s", printable(p.Name), r.what(p))
		if self := len(p.Why.Holder) == 1 && p.Why.Holder[0] == p.Pid; self {
			text = fmt.Sprintf("%s waits for %s, which it holds itself", printable(p.Name), r.object(&p.Wait))
		}
		parts = append(parts, text)
	}
	const shown = 8
	if more := len(parts) - shown; more > 0 {
		parts = append(parts[:shown], fmt.Sprintf("%d more wait likewise", more))
	}
	r.out.WriteString(strings.Join(parts, "; "))
	if len(list) == 1 {
		r.out.WriteString(". Nobody can let it go on.\n")
	} else {
		r.out.WriteString(". None of them can let another one go on, and nobody else can.\n")
	}
}

// Longest returns how long somebody has waited at most for what processes share.
func Longest(all []*Process) (longest time.Duration) {
	for _, p := range all {
		if p.Waiting && isObject(p.Wait.Why) {
			longest = max(longest, p.Wait.Since)
		}
	}
	return longest
}

// since words a duration as precisely as people look at it.
func since(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return d.Truncate(time.Second).String()
	}
	return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// printable is a name without what a terminal would act on.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, name)
}
