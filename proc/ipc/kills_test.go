package ipc

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// The words that those who are killed and the test share.
const (
	wordFirst     = iota // counted while the lock is held, with the next one
	wordSecond           // the same, unless a holder dies in between
	wordAbandoned        // how often the lock was found so
	wordTurns            // from here on: what the one in each place has done
	killPlaces    = 4    // two who lock, two who read
)

// childKilled does the work of a place for ever.
func childKilled(files []*os.File, rest string) int {
	place := must(strconv.Atoi(rest))
	next := func(n int) []*os.File {
		some := files[:n]
		files = files[n:]
		return some
	}
	lock, words := must(OpenLock(next(segmentFiles))), must(OpenArray(next(segmentFiles)))
	q, out := must(OpenQueue(next(queueFiles))), must(OpenQueue(next(queueFiles)))
	count := func(word int) { check(words.Set(word, must(words.Get(word))+1)) }
	for {
		if place%2 == 0 {
			if must(lock.Acquire(background, Forever)) == Abandoned {
				check(words.Set(wordSecond, must(words.Get(wordFirst))))
				count(wordAbandoned)
			}
			if must(words.Get(wordFirst)) != must(words.Get(wordSecond)) {
				panic("the lock let two in")
			}
			count(wordFirst)
			for range rand.IntN(20) { // a holder for most of its time
				count(wordTurns + place)
			}
			count(wordSecond)
			check(lock.Release(background))
		} else {
			item, _, _, err := q.Get(background, Forever)
			check(err)
			must(out.Put(background, Forever, item, nil))
		}
		count(wordTurns + place)
	}
}

// Holders of a lock and readers of a queue are killed at any moment, beside others who wait for
// the same: nobody waits for ever, two never hold the lock, and of the items each one that
// was killed takes one with it at most. LUASPAWN_STRESS=1 kills a thousand where the code is the
// portable one: for Linux's own there is chaos.lua too.
func TestKills(t *testing.T) {
	kills := 100
	switch {
	case os.Getenv("LUASPAWN_STRESS") != "" && !peeksAtFiles:
		kills = 1000
	case testing.Short():
		kills = 20
	}
	lock, words := must(NewLock()), must(NewArray('d', wordTurns+killPlaces))
	q, out := must(NewQueue(0, false)), must(NewQueue(0, false))
	defer func() {
		lock.Close()
		words.Close()
		q.Close()
		out.Close()
	}()
	begin := func(place int) *child {
		return spawn(t, "killed "+strconv.Itoa(place), files(t, lock, words, q, out)...)
	}
	put, killed, seen := 0, 0, map[uint32]bool{}
	collect := func() { // what has come through
		for {
			item, _, ok, err := out.Get(background, 0)
			check(err)
			if !ok {
				return
			}
			n := binary.BigEndian.Uint32(item)
			if seen[n] {
				t.Fatalf("item %d came twice", n)
			}
			seen[n] = true
		}
	}
	// turns waits until the one in a place has done so many.
	turns := func(place, n int) {
		before := must(words.Get(wordTurns + place))
		for deadline := time.Now().Add(patience); must(words.Get(wordTurns+place)) < before+float64(n); {
			if time.Now().After(deadline) {
				t.Fatalf("the one in place %d waits for ever", place)
			}
			for range 50 {
				if length(q) < 50 {
					must(q.Put(background, Forever, number(put), nil))
					put++
				}
			}
			collect()
			pause(100 * time.Microsecond)
		}
	}
	var children [killPlaces]*child
	for place := range children {
		children[place] = begin(place)
	}
	abandoned := func() int { return int(must(words.Get(wordAbandoned))) }
	for i := 0; i < kills || abandoned() == 0; i++ { // by chance no holder may be among the first
		if i == 100*kills {
			t.Fatal("no holder was killed")
		}
		killed++
		place := i % killPlaces
		turns(place, 1+rand.IntN(10))
		children[place].Kill()
		turns((place+2)%killPlaces, 1) // the other one of its kind, which may have waited for it
		<-children[place].Done()
		if code, _ := children[place].ExitCode(); code >= 0 {
			t.Fatalf("the one in place %d has ended with %d", place, code)
		}
		children[place] = begin(place)
	}
	for place, c := range children {
		turns(place, 1)
		c.end()
	}
	collect()
	left := 0
	for ok := true; ok; {
		var err error
		if _, _, ok, err = q.Get(background, 0); ok {
			left++
		}
		check(err)
	}
	if how := must(lock.Acquire(soon(t), Forever)); how == NotAcquired {
		t.Error("the lock can't be had")
	}
	lost := put - len(seen) - left
	t.Logf("%d kills, %.0f times locked, %d times found abandoned, %d items, %d lost", killed, must(words.Get(wordFirst)), abandoned(), put, lost)
	if readers := killed/2 + 2; lost > readers {
		t.Errorf("%d items are lost, of %d readers who were killed", lost, readers)
	}
}
