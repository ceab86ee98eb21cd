package bundle

// executable returns a path to the program that this process runs. The link in
// /proc leads to the file itself, also when another one has taken its name.
func executable() (string, error) { return "/proc/self/exe", nil }
