package main

import (
	"bytes"
	"fmt"
	"image/color"
	"os"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// styles has a style for each kind of token, and one for the service without a guard. Colour-blind
// people can tell the colours apart (Okabe and Ito).
var styles = map[string]draw.LineStyle{
	"":        {Color: color.RGBA{0x55, 0x55, 0x55, 0xff}, Width: 1.5, Dashes: []vg.Length{6, 3}},
	"known":   {Color: color.RGBA{0x00, 0x72, 0xb2, 0xff}, Width: 1.5},
	"new":     {Color: color.RGBA{0xd5, 0x5e, 0x00, 0xff}, Width: 1.5},
	"hostile": {Color: color.RGBA{0x00, 0x9e, 0x73, 0xff}, Width: 1.5, Dashes: []vg.Length{2, 2}},
}

// picture draws the cost on the left, the phases on the right, and the legend below both.
func picture(cfg config, c *cost, phases []*phase) error {
	plot.DefaultFont.Variant = "Sans" // most viewers have such a font
	left, err := costPanel(cfg, c)
	if err != nil {
		return err
	}
	right, err := phasesPanel(cfg, phases)
	if err != nil {
		return err
	}
	canvas := vgsvg.New(30*vg.Centimeter, 12*vg.Centimeter)
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	tiles := draw.Tiles{
		Rows: 1, Cols: 2, PadX: vg.Centimeter, PadTop: 15 * vg.Millimeter,
		PadBottom: 14 * vg.Millimeter, PadLeft: 5 * vg.Millimeter, PadRight: 8 * vg.Millimeter,
	}
	row := []*plot.Plot{left, right}
	for i, tile := range plot.Align([][]*plot.Plot{row}, tiles, all)[0] {
		row[i].Draw(tile)
	}
	style := text.Style{Font: font.From(plot.DefaultFont, 12), Handler: plot.DefaultTextHandler, YAlign: draw.YCenter}
	title := style
	title.Font.Size, title.XAlign = 14, draw.XCenter
	top := all.Max.Y - 8*vg.Millimeter
	// Align puts the titles of plots at different heights.
	all.FillText(title, vg.Point{X: all.Max.X * 0.26, Y: top},
		fmt.Sprintf("Protection costs %.0f µs of processor time per request", c.difference.Center))
	all.FillText(title, vg.Point{X: all.Max.X * 0.76, Y: top}, "The issuer fails, and then rotates its key")
	legend(all, style)
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return err
	}
	return os.WriteFile(cfg.svg, withFallbacks(drawn.Bytes()), 0o666)
}

// withFallbacks adds fonts of the same widths to those of the drawing, because most viewers do not have
// these.
func withFallbacks(svg []byte) []byte {
	const family = "font-family:Liberation Sans"
	return bytes.ReplaceAll(svg, []byte(family+";"), []byte(family+",Arial,Helvetica,sans-serif;"))
}

// legend draws a row of entries at the bottom of c. The legend of package plot is a column.
func legend(c draw.Canvas, style text.Style) {
	at := vg.Point{X: c.Min.X + 2.2*vg.Centimeter, Y: c.Min.Y + 6*vg.Millimeter}
	for _, kind := range append([]string{""}, kinds...) {
		name := "guarded, " + kind + " token"
		if kind == "" {
			name = "no guard, any token"
		}
		c.StrokeLine2(styles[kind], at.X, at.Y, at.X+vg.Centimeter, at.Y)
		c.FillText(style, vg.Point{X: at.X + 1.3*vg.Centimeter, Y: at.Y}, name)
		at.X += 6.8 * vg.Centimeter
	}
}

// curve draws points in the style of a kind of token. For "" it uses the style of the service
// without a guard.
func curve(points plotter.XYs, kind string) (*plotter.Line, error) {
	if len(points) == 0 { // no token of this kind was sent
		return new(plotter.Line), nil
	}
	line, err := plotter.NewLine(points)
	if err == nil {
		line.LineStyle = styles[kind]
	}
	return line, err
}

// panel is a plot without curves.
func panel(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.Padding, p.Y.Label.Padding = 6, 4
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal = nil, pale
	p.Add(grid)
	return p
}

// The styles of the lines behind the curves, and of those between the phases.
var (
	pale = draw.LineStyle{Color: color.RGBA{0xd0, 0xd0, 0xd0, 0xff}, Width: 0.5}
	dark = draw.LineStyle{Color: color.RGBA{0x88, 0x88, 0x88, 0xff}, Width: 0.75, Dashes: []vg.Length{3, 3}}
)

// ticks are 1, 2 and 5 times the powers of ten from low to high.
func ticks(low, high float64) (list []plot.Tick) {
	for power := 1.; power <= high; power *= 10 {
		for _, at := range []float64{power, 2 * power, 5 * power} {
			if low <= at && at <= high {
				list = append(list, plot.Tick{Value: at, Label: fmt.Sprint(at)})
			}
		}
	}
	return list
}

// evenTicks are at most six, at equal distances from 0 to high.
func evenTicks(_, high float64) (list []plot.Tick) {
	step := 10.
	for i := 0; high/step > 5; i++ {
		step *= []float64{2, 2.5, 2}[i%3] // 20, 50, 100
	}
	for at := 0.; at <= high; at += step {
		list = append(list, plot.Tick{Value: at, Label: fmt.Sprint(at)})
	}
	return list
}

// costPanel draws the share of requests that were answered within a time.
func costPanel(cfg config, c *cost) (*plot.Plot, error) {
	p := panel(fmt.Sprintf("latency in µs, %d requests at once", cfg.workers), "% answered within")
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(ticks)
	for kind, m := range map[string]*vegeta.Metrics{
		"": c.seen[0]["all"], "known": c.seen[1]["known"], "new": c.seen[1]["new"], "hostile": c.seen[1]["hostile"],
	} {
		var points plotter.XYs
		for percent := 1.; percent < 99.5 && m.Requests > 0; percent += 0.5 {
			points = append(points, plotter.XY{X: µs(m.Latencies.Quantile(percent / 100)), Y: percent})
		}
		line, err := curve(points, kind)
		if err != nil {
			return nil, err
		}
		p.Add(line)
	}
	p.Y.Min, p.Y.Max = 0, 100
	return p, nil
}

// phasesPanel draws the median latency of each kind of token through the phases.
func phasesPanel(cfg config, phases []*phase) (*plot.Plot, error) {
	p := panel(fmt.Sprintf("%v each, %d requests per second", cfg.phase, cfg.rate), "median latency in µs")
	seconds := cfg.phase.Seconds()
	for _, kind := range kinds {
		var points plotter.XYs
		for i, phase := range phases {
			for j, seen := range phase.windows {
				if m := seen[kind]; m.Requests > 0 {
					at := (float64(i) + (float64(j)+0.5)/windows) * seconds
					points = append(points, plotter.XY{X: at, Y: µs(m.Latencies.Quantile(0.5))})
				}
			}
		}
		line, err := curve(points, kind)
		if err != nil {
			return nil, err
		}
		p.Add(line)
	}
	p.X.Min, p.X.Max = 0, float64(len(phases))*seconds
	p.Y.Min, p.Y.Tick.Marker = 0, plot.TickerFunc(evenTicks)
	var names []plot.Tick
	for i, phase := range phases {
		begin := float64(i) * seconds
		names = append(names, plot.Tick{Value: begin + seconds/2, Label: phase.name})
		border, err := plotter.NewLine(plotter.XYs{{X: begin, Y: p.Y.Min}, {X: begin, Y: p.Y.Max}})
		if err != nil {
			return nil, err
		}
		border.LineStyle = dark
		p.Add(border)
	}
	p.X.Tick.Marker, p.X.Tick.Length, p.X.LineStyle.Width = plot.ConstantTicks(names), 0, 0
	return p, nil
}
