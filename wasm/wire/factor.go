package wire

import (
	"encoding/binary"
	"fmt"
	"math"

	"clexlab/viz/scene"
)

// FactorSize is how many bytes t alone takes on its way.
const FactorSize = 16

// factorMark begins such a message: "t", the version, two bytes more.
var factorMark = [3]byte{'t', Version, 0}

// EncodeFactor writes t with its place in a drag: mark, phase, sequence number, t, little-endian.
func EncodeFactor(f scene.Factor) (b [FactorSize]byte) {
	copy(b[:], factorMark[:])
	b[3] = byte(f.Phase)
	binary.LittleEndian.PutUint32(b[4:], f.Seq)
	binary.LittleEndian.PutUint64(b[8:], math.Float64bits(f.T))
	return b
}

// DecodeFactor reads it again.
func DecodeFactor(b []byte) (scene.Factor, error) {
	if len(b) != FactorSize || [3]byte(b[:3]) != factorMark {
		return scene.Factor{}, fmt.Errorf("wire: %d bytes that are no t of version %d: reload the page", len(b), Version)
	}
	f := scene.Factor{Phase: scene.Phase(b[3]), Seq: binary.LittleEndian.Uint32(b[4:]), T: math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))}
	if f.Phase > scene.LetGo || !(f.T >= 1) || math.IsInf(f.T, 0) {
		return scene.Factor{}, fmt.Errorf("wire: t = %v in phase %d: want a finite number, at least 1", f.T, f.Phase)
	}
	return f, nil
}
