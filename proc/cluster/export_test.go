package cluster

// PassesFiles is passesFiles.
const PassesFiles = passesFiles
