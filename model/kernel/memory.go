package kernel

// memoryName is the global variable of JavaScript in which a program finds its own memory.
const memoryName = "clexlabMemory"
