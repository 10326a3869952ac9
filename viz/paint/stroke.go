package paint

import "math"

// Line draws a line through points, width CSS pixels thick.
func (l *List) Line(points []Point, width float64, c Color) {
	if l.Vector != nil {
		l.Vector.line(points, width, nil, c)
		return
	}
	l.stroke(points, width, func(int) Color { return c })
}

// LineColored draws a line whose colour at point i is color(i).
func (l *List) LineColored(points []Point, width float64, color func(i int) Color) {
	if l.Vector != nil {
		for i := range max(len(points)-1, 0) {
			l.Vector.line(points[i:i+2], width, nil, color(i))
		}
		return
	}
	l.stroke(points, width, color)
}

// stroke writes a strip with feathered edges: four vertices across, or three
// where the line is so thin that it is all edge. Corners are mitred up to a limit.
func (l *List) stroke(points []Point, width float64, color func(int) Color) {
	if len(points) < 2 {
		return
	}
	half, fade := width*l.Scale/2, 1.0
	if half < 0.5 {
		fade, half = 2*half, 0.5
	}
	inner, outer := half-0.5, half+0.5
	across := uint32(4)
	if inner < 0.2 {
		across = 3
	}
	first := l.begin(nil)
	s := l.Scale
	var before Point
	known := false
	n := uint32(0)
	for i, p := range points {
		after, ok := direction(points, i, s)
		if !ok {
			after = before
		}
		if !known {
			before, known = after, ok
		}
		if i > 0 && ok && before.X*after.X+before.Y*after.Y < 0.2 {
			// A sharp corner: end the leg square, and start the next one with its own normal.
			n = l.across(first, n, across, p, Point{-before.Y, before.X}, inner, outer, fade, color(i))
			n = l.across(first, n, across, p, Point{-after.Y, after.X}, inner, outer, fade, color(i))
			before = after
			continue
		}
		// The normal of the corner: halfway between those of the two legs, longer by 1/cos of half the turn.
		nx, ny := -(before.Y + after.Y), before.X+after.X
		long := math.Hypot(nx, ny)
		if long < 1e-9 {
			nx, ny, long = -after.Y, after.X, 1
		}
		nx, ny = nx/long, ny/long
		miter := 1 / max(nx*-after.Y+ny*after.X, 0.4)
		n = l.across(first, n, across, p, Point{nx * miter, ny * miter}, inner, outer, fade, color(i))
		before = after
	}
}

// across writes one cross-section of a strip, its n-th, and joins it to the one before.
func (l *List) across(first, n, wide uint32, p, normal Point, inner, outer, fade float64, c Color) uint32 {
	c.A *= float32(fade)
	clear := c.Alpha(0)
	x, y := p.X*l.Scale, p.Y*l.Scale
	l.vertex(x+normal.X*outer, y+normal.Y*outer, clear)
	if wide == 3 {
		l.vertex(x, y, c)
	} else {
		l.vertex(x+normal.X*inner, y+normal.Y*inner, c)
		l.vertex(x-normal.X*inner, y-normal.Y*inner, c)
	}
	l.vertex(x-normal.X*outer, y-normal.Y*outer, clear)
	if n > 0 {
		a := first + (n-1)*wide
		for k := range wide - 1 {
			l.index(a+k, a+k+1, a+k+1+wide, a+k, a+k+1+wide, a+k+wide)
		}
	}
	return n + 1
}

// direction is the unit vector from point i to the next one that differs.
func direction(points []Point, i int, s float64) (Point, bool) {
	for j := i + 1; j < len(points); j++ {
		dx, dy := (points[j].X-points[i].X)*s, (points[j].Y-points[i].Y)*s
		if d := math.Hypot(dx, dy); d > 1e-3 {
			return Point{dx / d, dy / d}, true
		}
	}
	return Point{}, false
}

// Dashed draws a line with a pattern of lengths on and off in CSS pixels; nil is solid.
func (l *List) Dashed(points []Point, width float64, dash []float64, c Color) {
	total := 0.0
	for _, d := range dash {
		total += max(d, 0)
	}
	if len(dash) < 2 || total < 1 {
		l.Line(points, width, c)
		return
	}
	if l.Vector != nil {
		l.Vector.line(points, width, dash, c)
		return
	}
	on, k, left := true, 0, dash[0]
	run := l.points[:0]
	if len(points) > 0 {
		run = append(run, points[0])
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		dx, dy := b.X-a.X, b.Y-a.Y
		length := math.Hypot(dx, dy)
		done := 0.0
		for length-done > left {
			done += left
			p := Point{a.X + dx*done/length, a.Y + dy*done/length}
			if on {
				l.Line(append(run, p), width, c)
			}
			run = append(run[:0], p)
			on = !on
			k = (k + 1) % len(dash)
			left = max(dash[k], 0.1)
		}
		left -= length - done
		if on {
			run = append(run, b)
		}
	}
	if on {
		l.Line(run, width, c)
	}
	l.points = run[:0]
}
