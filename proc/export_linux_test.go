package proc

// SmallIsBetter reports whether memory has been seen to come faster in small pages.
func SmallIsBetter() bool { return small.better }
