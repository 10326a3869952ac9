// Package difference stores a safetensors file as its difference from another, the reference, and puts it together again
// byte for byte. Weights that were tuned from the same ones differ by little: of the int8 models that ship, a difference has
// three fifths of the bytes of a whole file, and is smaller than either file under brotli.
//
// # The format
//
// A difference is a gzip file (RFC 1952) of what follows; numbers are little-endian and without sign:
//
//	8 bytes   "clexdif" and 1, the version
//	uint64    size of the reference in bytes
//	uint64    its CRC-64 (ECMA-182, bits reflected, as hash/crc64 has it)
//	uint64    size of the result
//	uint64    its CRC-64
//	uint32    how many runs there are, at most 4,096
//	runs      each three uint64: where it begins in the result, where in the reference, and its length
//	the rest  the result, in which each byte of a run has been replaced by itself less the reference's, modulo 256
//
// Runs are in the order of both files, are not empty and do not overlap in either. A run is an I8 tensor that both
// files have by the same name and shape, or several where they lie side by side in both. All else, the header, scales,
// norms, tensors of one file alone and those that come in another order, is stored as it is. The gzip stream has codes
// for single bytes only: repetitions are not looked for, as there are none. That is smaller here than brotli's effort 9,
// and travels as small over hosts that compress nothing.
//
// # What may be relied on
//
// A reader needs the reference only as a stream and holds the result alone, which is no larger than the caller expects.
// A difference of another reference, a damaged one and a result that is not the one that was stored are refused;
// CRC-64 finds damage and mistakes, it is no defence against a forger. Nothing panics.
package difference
