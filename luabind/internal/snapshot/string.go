package snapshot

// string returns the number of a string. One that was met not long ago keeps
// its number; a table of all of them would cost more than it saves.
func (p *packer) string(s string) int {
	if n := len(p.recent); 4*len(p.strings) == n && n < manyStrings { // room for all of a small snapshot
		p.recent = make([]uint32, 4*n)
		for i, s := range p.strings {
			p.remember(hash(s), i)
		}
	}
	h := hash(s)
	for _, at := range [...]uint64{h, h ^ 1} {
		if n := p.recent[at%uint64(len(p.recent))]; n > 0 && p.strings[n-1] == s {
			return int(n) - 1
		}
	}
	p.room += 16
	p.strings = append(doubled(p.strings, 1), s)
	p.remember(h, len(p.strings)-1)
	return len(p.strings) - 1
}

// remember enters a string. There are two places for it, so that it takes three that
// meet to forget one.
func (p *packer) remember(hash uint64, number int) {
	i := hash % uint64(len(p.recent))
	if p.recent[i] != 0 && p.recent[i^1] != 0 {
		p.recent[i^1] = p.recent[i]
	} else if p.recent[i] != 0 {
		i ^= 1
	}
	p.recent[i] = uint32(number + 1)
}

// How many strings are remembered, at first and at most: a small snapshot shall not
// touch much memory.
const fewStrings, manyStrings = 1 << 6, 1 << 10

// hash tells most strings apart; of long ones it reads the beginning and the end. It
// decides which are taken for recent, without chance: equal strings take the same
// bytes in each snapshot.
func hash(s string) uint64 {
	const long = 256
	h := uint64(len(s))
	if len(s) > long {
		for end := s[len(s)-long/2:]; len(end) > 0; end = end[8:] {
			h = mix(h, load64(end))
		}
		s = s[:long/2]
	}
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h, load64(s))
	}
	last := uint64(0)
	for i := range len(s) {
		last = last<<8 | uint64(s[i])
	}
	return mix(h, last)
}

// mix returns a hash of h and part.
func mix(h, part uint64) uint64 {
	h = (h ^ part) * golden
	return h ^ h>>32
}

func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
