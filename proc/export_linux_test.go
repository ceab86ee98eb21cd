//go:build !portable

package proc

// InheritedNice returns the nice value that a child started now would have.
func InheritedNice() int {
	var r inheritedReader
	defer r.close()
	return 20 - r.inherit().nice
}

// SmallIsBetter reports whether memory has been seen to come faster in small pages.
func SmallIsBetter() bool { return small.better }
