package world

import (
	"bytes"
	_ "embed" // page.html
	"html/template"
	"strings"
)

//go:embed page.html
var pageText string

// page renders the report as one HTML file that needs nothing else.
func page(cfg TradeConfig, rep *TradeReport, svg []byte) ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(pageText)
	if err != nil {
		return nil, err
	}
	type cell struct{ Name, Value, Note string }
	var table []cell
	for _, r := range rows(cfg, rep) {
		table = append(table, cell{r.name, r.value, r.note})
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Config  TradeConfig
		Report  *TradeReport
		Rows    []cell
		Picture template.HTML
		Command string
	}{cfg, rep, table, template.HTML(svg), command(cfg)}) // the picture is ours; its texts are escaped
	return b.Bytes(), err
}
