package main

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A series is one line of a chart.
type series struct {
	name string
	at   []plotter.XY
}

// A chart is lines over a common axis.
type chart struct {
	title, x, y string
	logX, logY  bool
	fromZero    bool
	lines       []series
}

// Colours that people with the usual weaknesses of sight tell apart (Okabe and
// Ito 2008), and dashes for those who see none.
var colours = []color.RGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{86, 180, 233, 255}, {230, 159, 0, 255}, {90, 90, 90, 255},
}

var dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 2, 2, 2}, {4, 4}, {1, 3}, {10, 3}}

// draw makes an SVG of the chart.
func (c chart) draw() ([]byte, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.title, c.x, c.y
	p.BackgroundColor = color.White
	p.Legend.Top, p.Legend.Left = true, c.logX
	p.Title.Padding, p.Legend.Padding = 8, 2
	p.Add(plotter.NewGrid())
	if c.logX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if c.logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	for i, s := range c.lines {
		if len(s.at) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(plotter.XYs(s.at))
		if err != nil {
			return nil, err
		}
		line.Color, line.Width, line.Dashes = colours[i%len(colours)], 1.8, dashes[i%len(dashes)]
		p.Add(line)
		if len(s.at) <= 20 {
			points.Color, points.Shape = line.Color, draw.CircleGlyph{}
			p.Add(points)
		}
		p.Legend.Add(s.name, line)
	}
	if c.fromZero {
		p.Y.Min = 0
	}
	canvas := vgsvg.New(16*vg.Centimeter, 9*vg.Centimeter)
	p.Draw(draw.Crop(draw.New(canvas), 6, -16, 4, -8)) // the outermost labels stand over the edge
	var out bytes.Buffer
	_, err := canvas.WriteTo(&out)
	return out.Bytes(), err
}
