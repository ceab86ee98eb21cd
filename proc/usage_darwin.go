package proc

// rssUnit is how many bytes ru_maxrss counts by.
const rssUnit = 1
