// The plot command draws what the guard costs per request over real sockets: it runs
// examples/loadgen, or reads what that has written, and draws its latencies.
//
//	go run ./cmd/plot                               runs it, and writes ../docs/loadgen.svg
//	go run ./cmd/plot -- -duration 1m -workers 32   with flags for loadgen
//	go run ./cmd/plot -in loadgen.json -out latency.svg
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgimg" // PNG
	_ "gonum.org/v1/plot/vg/vgsvg" // SVG
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

const loadgen = "github.com/bearerguard/bearerguard/examples/loadgen"

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("plot", flag.ContinueOnError)
	in := flags.String("in", "", "draw this file of loadgen's instead of running it")
	out := flags.String("out", filepath.Join("..", "docs", "loadgen.svg"), "the file to write, .svg or .png")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var text []byte
	var err error
	if *in != "" {
		text, err = os.ReadFile(*in)
	} else {
		command := exec.CommandContext(ctx, "go", append([]string{"run", loadgen, "-json", "-"}, flags.Args()...)...)
		command.Stderr = os.Stderr
		text, err = command.Output()
	}
	if err != nil {
		return err
	}
	var s summary
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("not a summary of loadgen's: %w", err)
	}
	if len(s.Services) == 0 {
		return errors.New("a summary without services")
	}
	return s.draw(*out)
}

// summary is as much of loadgen's -json as is drawn. Latencies are in microseconds.
type summary struct {
	Workers  int       `json:"workers"`
	Services []service `json:"services"`
}

type service struct {
	Transport string             `json:"transport"`
	Guarded   bool               `json:"guarded"`
	PerSecond float64            `json:"per_second"`
	Tokens    map[string]latency `json:"tokens"`
}

type latency struct {
	P50   float64   `json:"p50"`
	Curve []float64 `json:"curve"`
}

// line is a curve of one panel.
type line struct {
	guarded bool
	tokens  string
	name    string
	color   color.RGBA
	dashes  []vg.Length
}

// The colours can be told apart by the colour-blind (Okabe and Ito), and the dashes in grey.
var lines = []line{
	{false, "all", "no guard", color.RGBA{0x55, 0x55, 0x55, 0xff}, []vg.Length{vg.Points(6), vg.Points(3)}},
	{true, "known", "known token", color.RGBA{0x00, 0x72, 0xb2, 0xff}, nil},
	{true, "new", "new token", color.RGBA{0xd5, 0x5e, 0x00, 0xff}, nil},
	{true, "hostile", "hostile token", color.RGBA{0x00, 0x9e, 0x73, 0xff}, []vg.Length{vg.Points(2), vg.Points(2)}},
}

// draw writes a panel for each transport, side by side.
func (s summary) draw(file string) error {
	row := make([]*plot.Plot, 0, 2)
	for _, transport := range []string{"http", "grpc"} {
		p, err := s.panel(transport)
		if err != nil {
			return err
		}
		if p != nil {
			row = append(row, p)
		}
	}
	canvas, err := draw.NewFormattedCanvas(vg.Length(len(row))*13*vg.Centimeter, 9*vg.Centimeter, strings.TrimPrefix(filepath.Ext(file), "."))
	if err != nil {
		return err
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(row), PadX: vg.Centimeter, PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter, PadRight: 3 * vg.Millimeter}
	for i, c := range plot.Align([][]*plot.Plot{row}, tiles, draw.New(canvas))[0] {
		row[i].Draw(c)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(out)
	return errors.Join(err, out.Close())
}

// panel draws the share of requests that were answered within a time; nil if
// transport wasn't measured.
func (s summary) panel(transport string) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text = "latency in µs"
	p.Y.Label.Text = "% of requests answered within"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Min, p.Y.Max = 0, 100
	p.Legend.Left, p.Legend.Top, p.Legend.XOffs, p.Legend.YOffs = false, false, -vg.Millimeter*2, vg.Millimeter*2
	p.Add(plotter.NewGrid())

	var rates [2]float64
	drawn := 0
	for _, l := range lines {
		for _, v := range s.Services {
			if v.Transport != transport || v.Guarded != l.guarded || len(v.Tokens[l.tokens].Curve) == 0 {
				continue
			}
			rates[map[bool]int{false: 0, true: 1}[v.Guarded]] = v.PerSecond
			curve := v.Tokens[l.tokens].Curve
			points := make(plotter.XYs, 0, len(curve))
			for i, us := range curve {
				if us > 0 { // a logarithm is taken of it
					points = append(points, plotter.XY{X: us, Y: 100 * float64(i+1) / float64(len(curve))})
				}
			}
			drawing, err := plotter.NewLine(points)
			if err != nil {
				return nil, err
			}
			drawing.Color, drawing.Dashes, drawing.Width = l.color, l.dashes, vg.Points(1.5)
			p.Add(drawing)
			p.Legend.Add(fmt.Sprintf("%s, median %.0f", l.name, v.Tokens[l.tokens].P50), drawing)
			drawn++
		}
	}
	if drawn == 0 {
		return nil, nil
	}
	name := map[string]string{"http": "net/http", "grpc": "gRPC"}[transport]
	p.Title.Text = fmt.Sprintf("%s: %.0f requests/s without, %.0f with the guard", name, rates[0], rates[1])
	p.Title.Padding = 2 * vg.Millimeter
	return p, nil
}
