package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// report prints the stale lines and the summary. It returns the exit status.
func (h *hunt) report() int {
	stale := h.list.stale(func(file string) bool {
		_, err := os.Stat(filepath.Join(h.lab.root, filepath.FromSlash(file)))
		return err != nil || h.looked[file]
	})
	for _, line := range stale {
		fmt.Fprintln(h.out, line)
	}
	if h.listOnly {
		fmt.Fprintf(h.out, "%d mutants, %d of them equivalent\n", len(h.suspects)+h.equivalents, h.equivalents)
	} else {
		fmt.Fprintf(h.out, "%d mutants: %d killed, %d survived, %d equivalent, %d not viable\n",
			len(h.suspects)+h.equivalents, h.counts[killed]+h.counts[timedOut],
			h.counts[survived]+h.counts[unreached], h.equivalents, h.counts[notViable])
	}
	if len(stale) > 0 || h.counts[survived]+h.counts[unreached] > 0 {
		return 1
	}
	return 0
}
