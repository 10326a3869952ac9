package client

// simdModule is a WebAssembly module of one function that uses 128-bit vectors. boot.js, which
// starts the engine before any Go runs, has the same bytes.
var simdModule = []byte{
	0, 'a', 's', 'm', 1, 0, 0, 0, // magic, version
	1, 5, 1, 0x60, 0, 1, 0x7b, // one type: () -> v128
	3, 2, 1, 0, // one function of it
	10, 10, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b, // i32.const 0, i8x16.splat, i8x16.popcnt
}
