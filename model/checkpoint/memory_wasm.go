package checkpoint

// maxMemory is the most bytes that the weights may take once read: more
// does not fit into the 4 GiB of a WebAssembly memory.
const maxMemory = 3 << 30
