package colormap

// Map is a sequential colour map of 256 sRGB colours.
type Map [256][3]uint8

// anchors are colours along a map at even distances; between them the map is linear in sRGB.
type anchors [][3]uint8

func (a anchors) build() *Map {
	m := new(Map)
	for i := range m {
		x := float64(i) / 255 * float64(len(a)-1)
		k := min(int(x), len(a)-2)
		f := x - float64(k)
		for c := range 3 {
			m[i][c] = uint8(float64(a[k][c])*(1-f) + float64(a[k+1][c])*f + 0.5)
		}
	}
	return m
}

// At is the colour at v, 0 … 1; what lies outside takes the nearest end.
func (m *Map) At(v float64) [3]uint8 {
	if !(v > 0) {
		return m[0]
	}
	return m[min(int(v*256), 255)]
}

// Viridis is the default sequential map of matplotlib (Smith, van der Walt 2015, CC0), at 17 of its points.
var Viridis = anchors{
	{68, 1, 84}, {72, 24, 106}, {71, 45, 123}, {66, 64, 134}, {59, 82, 139}, {51, 99, 141}, {44, 114, 142}, {38, 130, 142},
	{33, 145, 140}, {31, 160, 136}, {40, 174, 128}, {63, 188, 115}, {94, 201, 98}, {132, 212, 75}, {173, 220, 48}, {216, 226, 25}, {253, 231, 37},
}.build()

// Night runs from a dark ground through blue and green to pale yellow, Day from paper to navy: for heat maps whose
// zeros should rest with the ground of the theme. Lightness is monotone and the hues stay on the blue–yellow axis,
// which red-green blindness leaves intact.
var (
	Night = anchors{
		{24, 27, 44}, {34, 41, 88}, {36, 68, 128}, {36, 104, 152}, {44, 141, 164}, {88, 177, 168}, {156, 211, 178}, {220, 236, 192}, {255, 252, 226},
	}.build()
	Day = anchors{
		{250, 248, 240}, {224, 235, 224}, {182, 216, 208}, {124, 187, 194}, {66, 150, 181}, {36, 108, 158}, {37, 68, 124}, {34, 34, 82}, {16, 14, 42},
	}.build()
)
