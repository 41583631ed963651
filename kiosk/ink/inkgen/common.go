package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// readCommon counts how often each character stands in the words of jieba's list.
func readCommon(file string) (map[rune]float64, error) {
	lines, err := readLines(file)
	if err != nil {
		return nil, err
	}
	common := map[rune]float64{}
	for _, line := range lines {
		parts := strings.Fields(line)
		if len(parts) < 2 {
			return nil, fmt.Errorf("%s: the line %q is no word with its count", file, line)
		}
		n, err := strconv.ParseFloat(parts[1], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, r := range parts[0] {
			common[r] += n
		}
	}
	return common, nil
}

// mostCommon is about what 的 and 一 reach in jieba's list.
const mostCommon = 3e6

// priorOf returns a character's place between hardly ever written (0) and the most
// common (255). Characters outside GB 2312 are rare or old forms: they come after.
func priorOf(r rune, common map[rune]float64) uint8 {
	p := min(1, math.Log1p(common[r])/math.Log1p(mostCommon))
	if !inGB2312(r) {
		p /= 3
	}
	return uint8(math.Round(255 * p))
}

// inGB2312 says whether a character has two bytes from 0xa1 on in GBK.
func inGB2312(r rune) bool {
	b, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	return err == nil && len(b) == 2 && b[0] >= 0xb0 && b[0] <= 0xf7 && b[1] >= 0xa1
}
