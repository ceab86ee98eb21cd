package edit

// maxKills is how many texts that were cut are kept.
const maxKills = 60

// kills holds what was cut, the newest last, and which of it was pasted last.
type kills struct {
	texts      []string
	index      int
	start, end int // where that is in the text
}

// kill cuts the bytes from i to j and remembers them. What the key before has cut
// belongs to it.
func (b *buffer) kill(i, j int) {
	merge := b.previous == killed || b.last == killed
	b.last = killed
	if i >= j {
		return
	}
	backwards := j == b.at
	s := b.cut(i, j)
	k := &b.kills
	n := len(k.texts) - 1
	switch {
	case !merge || n < 0:
		k.texts = append(k.texts, s)
		if len(k.texts) > maxKills {
			k.texts = k.texts[1:]
		}
	case backwards:
		k.texts[n] = s + k.texts[n]
	default:
		k.texts[n] += s
	}
}

// yank pastes what was cut last.
func (b *buffer) yank() {
	k := &b.kills
	if len(k.texts) == 0 {
		return
	}
	k.index = len(k.texts) - 1
	k.start = b.at
	b.insert(k.texts[k.index])
	k.end, b.last = b.at, yanked
}

// yankBefore puts what was cut before it in the place of what was pasted just now.
func (b *buffer) yankBefore() {
	if b.previous != yanked && b.last != yanked {
		return
	}
	k := &b.kills
	k.index = (k.index + len(k.texts) - 1) % len(k.texts)
	if !b.fits(len(k.texts[k.index]) - (k.end - k.start)) {
		return
	}
	b.save(false)
	b.text = b.text[:k.start] + k.texts[k.index] + b.text[k.end:]
	b.at = k.start + len(k.texts[k.index])
	k.end, b.last = b.at, yanked
}
